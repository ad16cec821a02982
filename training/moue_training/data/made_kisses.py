"""Purses the lips of a photo by moving their landmarks."""

import numpy as np

from .face_regions import AROUND_LIPS, FACE_MARKS, LIPS, MOUTH_CORNERS, directions
from .warp import warp

# How much the ring around the lips takes part in their motion.
AROUND_FOLLOWS = 0.75


def purse_lips(picture: np.ndarray, marks: np.ndarray, width: float, height: float) -> np.ndarray:
    """Returns a gray picture (H×W u8) whose lips are so many times as wide and as high.

    `marks` (478×2) are in its pixels; the lips should be closed.
    """
    source = marks[:FACE_MARKS].astype(np.float64)
    across, down = directions(source[MOUTH_CORNERS])
    center = source[MOUTH_CORNERS].mean(0)
    target = source.copy()
    for ring, share in ((LIPS, 1.0), (AROUND_LIPS, AROUND_FOLLOWS)):
        offset = source[ring] - center
        x = offset @ across * (1 + share * (width - 1))
        y = offset @ down * (1 + share * (height - 1))
        target[ring] = center + x[:, None] * across + y[:, None] * down
    return warp(picture, source, target)
