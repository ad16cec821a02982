"""Reads landmarks and blendshapes off every face that `crop_faces` found, and off FER+ pictures where it found none.

    python -m moue_training.label_expressions --task face_landmarker.task --out runs/shapes.npz

One file for each source (`shapes0.npz` UTKFace, `shapes1.npz` muxspace, `shapes2.npz` FER+) with the positions
of its pictures as in `runs/crops.npz`.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from .crop_faces import FERPLUS, MUXSPACE, UTKFACE, ferplus, zipped
from .data import data_root
from .landmarker import Landmarker

# Where the eyes, nose and mouth usually are in a FER+ picture of 48 pixels.
USUAL = np.array([0.32, 0.38, 0.68, 0.38, 0.5, 0.58, 0.5, 0.76, 0.1, 0.42, 0.9, 0.42], np.float32) * 48


def pictures(source):
    root = data_root()
    if source == FERPLUS:
        return ferplus()
    return zipped(root / ("utkface/utkface_112_rgb_jpg.zip" if source == UTKFACE else "muxspace/muxspace_jpg.zip"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", required=True)
    parser.add_argument("--crops", type=Path, default=Path("runs/crops.npz"))
    parser.add_argument("--out", type=Path, default=Path("runs/shapes.npz"))
    args = parser.parse_args()
    faces, reader = np.load(args.crops), Landmarker(args.task)
    source, index, points = faces["source"], faces["index"], faces["points"]
    for kind in (FERPLUS, UTKFACE, MUXSPACE):
        at = {int(i): p for i, p in zip(index[source == kind], points[source == kind])}
        rows = []
        for i, data, _ in pictures(kind):
            if i in at or kind == FERPLUS:
                picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
                rows.append((i, *reader.read(picture, at.get(i, USUAL))))
        number, marks, presence, shapes = zip(*rows)
        out = args.out.with_name(f"{args.out.stem}{kind}.npz")
        np.savez(out, index=np.array(number), marks=np.stack(marks).astype(np.float16), presence=np.array(presence), shapes=np.stack(shapes).astype(np.float16))
        print(f"source {kind}: {len(rows)} faces, {np.mean(np.array(presence) > 0.5):.3f} of them surely faces", flush=True)


if __name__ == "__main__":
    main()
