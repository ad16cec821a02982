"""Estimates landmarks and blendshapes of every face of `face_crops`, and of all FER+ pictures.

There is one file for each source (`shapes0.npz` UTKFace, `shapes1.npz` muxspace, `shapes2.npz`
FER+): `index` of the picture as in the file of crops, `marks` (N×478×3), `presence` (N, 0..1) and
`shapes` (N×52).
"""

from pathlib import Path

import numpy as np

from .landmarker import Landmarker
from .sources import FERPLUS, MUXSPACE, UTKFACE, decode, source_pictures

# Where eyes, nose, mouth and ears usually are in a FER+ picture of 48 pixels; for the faces that
# moue does not find in it.
USUAL_POINTS = 48 * np.array(
    [0.32, 0.38, 0.68, 0.38, 0.5, 0.58, 0.5, 0.76, 0.1, 0.42, 0.9, 0.42], np.float32
)


def labels_path(stem: Path, source: int) -> Path:
    """Returns the path of one source's file: `runs/shapes.npz` → `runs/shapes2.npz`."""
    return stem.with_name(f"{stem.stem}{source}.npz")


def label_source(
    landmarker: Landmarker, source: int, points_at: dict[int, np.ndarray]
) -> dict[str, np.ndarray]:
    """Returns the labels of the pictures of one source, by the names of the arrays."""
    rows = []
    for i, data, _ in source_pictures(source):
        if i not in points_at and source != FERPLUS:
            continue
        picture = decode(data)
        if picture is not None:
            points = points_at.get(i, USUAL_POINTS)
            rows.append((i, *landmarker.blendshapes(picture, points)))
    index, marks, presence, shapes = zip(*rows, strict=True)
    return {
        "index": np.array(index),
        "marks": np.stack(marks).astype(np.float16),
        "presence": np.array(presence),
        "shapes": np.stack(shapes).astype(np.float16),
    }


def write_labels(task: Path, crops: Path, out: Path) -> None:
    """Writes the three files of labels beside `out`."""
    landmarker = Landmarker(task)
    faces = np.load(crops)
    sources, index, points = faces["source"], faces["index"], faces["points"]
    for source in (FERPLUS, UTKFACE, MUXSPACE):
        own = sources == source
        points_at = {int(i): p for i, p in zip(index[own], points[own], strict=True)}
        table = label_source(landmarker, source, points_at)
        np.savez(labels_path(out, source), allow_pickle=False, **table)
        present = np.mean(table["presence"] > 0.5)
        print(f"source {source}: {len(table['index'])} faces, {present:.3f} present", flush=True)
