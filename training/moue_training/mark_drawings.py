"""Packs the drawings of `cargo xtask drawings DIR` in the form that the detector's training pastes from.

    python -m moue_training.mark_drawings runs/drawings runs/drawings.npz
"""

import json
import sys
from pathlib import Path

import numpy as np


def main(folder, out):
    table = json.loads((folder / "drawings.json").read_text())["drawings"]
    data = [np.frombuffer((folder / f"{row['name']}.png").read_bytes(), np.uint8) for row in table]
    marks = []
    for row in table:
        x, y, w, h = row["box"]
        marks.append([1.0, x + w / 2, y + h / 2, w, h, *np.ravel(row["key_points"])])
    starts = np.cumsum([0] + [len(d) for d in data])
    np.savez(out, data=np.concatenate(data), starts=starts, marks=np.array(marks, np.float32))
    print(f"{len(marks)} drawings")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
