"""The conformance file that every binding of moue runs: its pictures; pixels have layouts of phones."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

import moue

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "tests/conformance"
#: What the Rust test has found on this machine, which must be met to the last digit.
OWN = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target") / "conformance.json"
FILE = json.loads((OWN if OWN.exists() else FOLDER / "conformance.json").read_text(encoding="utf-8"))
#: Other instructions add in another order; the README has the reason and the figures.
TOLERANCE = 1e-6 if OWN.exists() else 0.011
PICTURES = [case for case in FILE["cases"] if "layout" not in case]


@pytest.mark.parametrize("case", PICTURES, ids=[case["file"] for case in PICTURES])
def test_case(case: dict[str, Any]) -> None:
    assert FILE["fingerprint"] == moue.FINGERPRINT
    path = FOLDER / case["file"]
    if "error" in case:
        assert case["error"] == "decode"
        with pytest.raises(moue.PictureError):
            moue.find_faces(path)
        return
    found = moue.find_faces(path, effort=case["effort"], varied=not case["nearest"])
    assert len(found) == len(case["faces"])
    for face, expected in zip(found, case["faces"]):
        assert face.face.box == pytest.approx(expected["box"], abs=TOLERANCE)
        assert face.face.score == pytest.approx(expected["score"], abs=TOLERANCE)
        # Of a varied answer, a small difference of the first match can change all others.
        compared = 3 if case["nearest"] or OWN.exists() else 1
        if OWN.exists():
            assert [m.path for m in face.matches] == [m["path"] for m in expected["matches"]]
        distances = [m["distance"] for m in expected["matches"][:compared]]
        own = [m.distance for m in face.matches[:compared]]
        assert own == pytest.approx(distances, abs=TOLERANCE)
