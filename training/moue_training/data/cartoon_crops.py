"""Crops of the faces that moue finds in cartoon frames: a student is to keep what it knows of them.

Frames that are held out for the figures of the detector are left out.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .face_crops import BATCH, batches, crop_largest
from .held_out import held_out
from .paths import data_root
from .sources import EncodedPicture


def cartoon_frames() -> Iterator[EncodedPicture]:
    """Yields the frames; an index counts those that are not held out, by name."""
    folder = data_root() / "cartoon"
    names = set(json.loads((folder / "boxes.json").read_text())) - held_out("cartoon")
    for index, name in enumerate(sorted(names)):
        yield index, (folder / name).read_bytes(), Path(name).suffix


def write_cartoon_crops(moue: str, out: Path) -> None:
    """Writes the crop of each frame's largest face to `out`, and prints how many there are."""
    faces = [
        face for group in batches(cartoon_frames(), BATCH) for face in crop_largest(moue, group)
    ]
    index, crops, _ = zip(*faces, strict=True)
    print(f"{len(faces)} faces of cartoon frames", flush=True)
    np.savez(out, index=np.array(index, np.int32), crops=np.stack(crops))
