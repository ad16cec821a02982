"""The conformance file that every binding of moue runs: its pictures; pixels have layouts of phones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import moue

FOLDER = Path(__file__).resolve().parents[3] / "tests/conformance"
FILE = json.loads((FOLDER / "conformance.json").read_text(encoding="utf-8"))
#: Of a decoded picture the answer is exact but for the digits that JSON prints.
TOLERANCE = 1e-5
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
        assert [m.path for m in face.matches] == [m["path"] for m in expected["matches"]]
        distances = [m["distance"] for m in expected["matches"]]
        assert [m.distance for m in face.matches] == pytest.approx(distances, abs=TOLERANCE)
