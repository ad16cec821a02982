"""Packs frames of cartoons with their boxes, and everyday photos without a face (`frames`).

What is held out for figures is left out of both.
"""

import json
from pathlib import Path

import cv2
import numpy as np

from .frames import Boxes
from .held_out import held_out
from .packed import pack
from .paths import data_root
from .scrfd import Scrfd, box_overlap, model_path

# Unmarked faces that SCRFD sees in a frame above this score count neither way.
UNMARKED_SCORE = 0.3
# A photo with a face above this score may show a person (as in `bench/held_out.py`).
PERSON_SCORE = 0.45
# Frames share an input of the teacher: two along a side.
CELLS = 2


def cartoon_boxes(teacher: Scrfd, name: str, marked: list[list[float]]) -> Boxes:
    """Returns the marked boxes of a frame, and those that the teacher sees beside them."""
    picture = cv2.imread(str(data_root() / "cartoon" / name))
    rows = [[*box, 1.0] for box in marked]
    corners = [np.array([x, y, x + w, y + h]) for x, y, w, h in marked]
    for face in teacher.faces_of([picture], CELLS, UNMARKED_SCORE)[0]:
        if all(box_overlap(face[1:5], box) < 0.2 for box in corners):
            left, top, right, bottom = face[1:5]
            rows.append([left, top, right - left, bottom - top, 0.0])
    return np.array(rows, np.float32)


def photos_without_people(teacher: Scrfd) -> list[np.ndarray]:
    """Returns the everyday photos, encoded, in which the teacher sees nobody."""
    kept = []
    for path in sorted((data_root() / "negatives").glob("*.jpg")):
        if path.name in held_out("negatives"):
            continue
        if not len(teacher.faces_of([cv2.imread(str(path))], 1, PERSON_SCORE)[0]):
            kept.append(np.frombuffer(path.read_bytes(), np.uint8))
    return kept


def pack_frames(out: Path) -> dict[str, int]:
    """Writes the frames and photos; returns their counts."""
    teacher = Scrfd(model_path())
    folder = data_root() / "cartoon"
    marks: dict[str, list[list[float]]] = json.loads((folder / "boxes.json").read_text())
    names = sorted(set(marks) - held_out("cartoon"))
    boxes = [cartoon_boxes(teacher, name, marks[name]) for name in names]
    data, starts = pack([np.frombuffer((folder / name).read_bytes(), np.uint8) for name in names])
    kept = photos_without_people(teacher)
    photos, photo_starts = pack(kept)
    np.savez(
        out,
        allow_pickle=False,
        data=data,
        starts=starts,
        boxes=np.concatenate(boxes),
        box_starts=np.cumsum([0] + [len(rows) for rows in boxes]),
        photos=photos,
        photo_starts=photo_starts,
    )
    ignored = int(sum((rows[:, 4] == 0).sum() for rows in boxes))
    return {"frames": len(names), "ignored boxes": ignored, "photos": len(kept)}
