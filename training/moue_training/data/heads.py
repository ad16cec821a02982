"""Rendered heads with exact labels, as `cargo run -p moue-heads -- write` makes them.

The face model is ICT FaceKit (MIT), `heads/ict_facekit.npz` of the research data.
"""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import cv2
import numpy as np

from . import blendshapes
from .alignment import aligned_crop
from .packed import unpack
from .paths import data_root

# The styles by their numbers; the first two are like photos.
STYLES = ("photo", "gray", "toon", "line", "pixel")
FIRST_DRAWN = 2
# Columns of `blendshapes`: MediaPipe's 52 without `_neutral`, and the tongue.
NAMES = [*blendshapes.NAMES[1:], "tongueOut"]


@dataclass
class Heads:
    """Encoded pictures and the labels of each.

    `marks` (N×17): score, box center and size, six key points, relative to the picture.
    `blendshapes` (N×52), `pose` (N×3: yaw, pitch, roll in degrees), `style`, `prototype` (the
    expression that has a word, or -1), `group` (which heads share the expression, or in sets for
    evaluation the person) and `covered` (a mask or a hand before the face).
    """

    pictures: list[np.ndarray]
    marks: np.ndarray
    blendshapes: np.ndarray
    pose: np.ndarray
    style: np.ndarray
    prototype: np.ndarray
    group: np.ndarray
    covered: np.ndarray


def load_heads(paths: Sequence[Path]) -> Heads:
    """Loads one set that is written in one file or more."""
    tables = []
    for path in paths:
        with np.load(path) as file:
            tables.append(dict(file))
    pictures = [p for table in tables for p in unpack(table["data"], table["starts"])]
    names = [field.name for field in fields(Heads)][1:]
    labels = {name: np.concatenate([table[name] for table in tables]) for name in names}
    return Heads(pictures, **labels)


def model_path() -> Path:
    """Returns where the face model lies."""
    return data_root() / "heads" / "ict_facekit.npz"


def render_heads(program: str, out: Path, kind: str, count: int, seed: int) -> Heads:
    """Has the renderer write a set for evaluation; returns it."""
    command = [program, "write", str(model_path()), str(out), "--set", kind]
    command += ["--count", str(count), "--seed", str(seed)]
    if kind == "turned":
        command += ["--size", "256"]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return load_heads([out])


def uncovered_rows(heads: Heads, max_yaw: float) -> np.ndarray:
    """Returns the heads that nothing covers and that are turned by at most so many degrees."""
    return np.flatnonzero((heads.covered == 0) & (np.abs(heads.pose[:, 0]) <= max_yaw))


def crop_heads(heads: Heads, rows: np.ndarray, size: int) -> np.ndarray:
    """Returns the gray crops (N×size×size) of these rows, as moue aligns them by their eyes."""
    crops = []
    for row in rows:
        picture = cv2.imdecode(heads.pictures[row], cv2.IMREAD_GRAYSCALE)
        points = heads.marks[row, 5:].reshape(6, 2) * picture.shape[0]
        crops.append(aligned_crop(picture, points, size))
    return np.stack(crops)
