"""Packs the drawings and their marks in the form of `face_labels`, for the detector's scenes."""

from pathlib import Path

import numpy as np

from .drawings import drawing_table
from .packed import pack


def pack_drawings(folder: Path, out: Path) -> int:
    """Writes the drawings of a folder with box and key points to `out`; returns their number."""
    table = drawing_table(folder)["drawings"]
    pictures = [
        np.frombuffer((folder / f"{row['name']}.png").read_bytes(), np.uint8) for row in table
    ]
    marks = []
    for row in table:
        x, y, w, h = row["box"]
        marks.append([1.0, x + w / 2, y + h / 2, w, h, *np.ravel(row["key_points"])])
    data, starts = pack(pictures)
    np.savez(out, data=data, starts=starts, marks=np.array(marks, np.float32))
    return len(marks)
