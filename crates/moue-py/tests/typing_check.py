"""What a type checker must accept, and what it must not; CI runs mypy over it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

import moue

matches: list[moue.Match] = moue.find("me.jpg", limit=5, tags=["cat"], emotions="anger>0.5")
label: str = matches[0].label
rows: npt.NDArray[np.float32] = moue.represent([Path("a.jpg"), b"bytes"])
faces: list[moue.Face] = moue.detect(np.zeros((8, 8, 3), np.uint8))
with moue.Gallery.open("my.moue", write=True) as gallery:
    added: int = gallery.add("pictures", on_event=print).added
    found: list[list[moue.Match]] = gallery.search_many(rows, limit=1)

moue.find("me.jpg", limitt=5)  # type: ignore[call-arg]
moue.find(3)  # type: ignore[arg-type]
moue.detect("me.jpg", effort="some")  # type: ignore[arg-type]
