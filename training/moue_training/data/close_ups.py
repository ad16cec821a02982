"""Close-ups as the refiner gets them, of pictures that no figure is measured on."""

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from .held_out import held_out
from .paths import data_root

# Width of a close-up in widths of the box.
WIDTHS = 2.0
# A proposal is off by up to this share of its width, and as much too small or too large.
JITTER = 0.15
# What is no face: from a tenth of a photo's shorter side to half of it.
WALL_SHARES = (0.1, 0.5)


def close_up_pictures(size: int, count: int) -> Iterator[np.ndarray]:
    """Yields random close-ups (size×size×3 u8, RGB): two of drawn faces, then one of no face."""
    random = np.random.default_rng(1)
    folder = data_root() / "cartoon"
    boxes: dict[str, list[list[float]]] = json.loads((folder / "boxes.json").read_text())
    faces = [
        (name, box) for name in sorted(set(boxes) - held_out("cartoon")) for box in boxes[name]
    ]
    photos = sorted(p for p in (data_root() / "negatives").glob("*.jpg"))
    photos = [p for p in photos if p.name not in held_out("negatives")]
    for i in range(count):
        if i % 3 == 2:
            picture = _read(photos[random.integers(len(photos))])
            width = random.uniform(*WALL_SHARES) * min(picture.shape[:2])
            center = random.uniform(0, 1, 2) * picture.shape[1::-1]
        else:
            name, box = faces[random.integers(len(faces))]
            picture = _read(folder / name)
            left, top, w, h = np.array(box) * np.tile(picture.shape[1::-1], 2)
            width = max(w, h) * (1 + random.uniform(-JITTER, JITTER))
            center = np.array([left + w / 2, top + h / 2])
            center += random.uniform(-JITTER, JITTER, 2) * width
        yield _square(picture, center, WIDTHS * width, size)


def _read(path: Path) -> np.ndarray:
    picture = cv2.imread(str(path))
    if picture is None:
        raise ValueError(f"{path} cannot be decoded")
    return np.asarray(picture[..., ::-1])


def _square(picture: np.ndarray, center: np.ndarray, side: float, size: int) -> np.ndarray:
    """Returns the square of `side` pixels around `center`, black where it is outside."""
    scale = size / side
    # Averages areas where the square shrinks, as the program does.
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        center, scale = center * scale, 1.0
    shift = size / 2 - center * scale
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    return np.asarray(cv2.warpAffine(picture, matrix, (size, size)))
