"""Rendered heads with transparency around them (`moue-heads write --cut-out`), to be pasted."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from .heads import load_heads

# Heads turned further than this, in degrees, are drawn more often: other sources hardly have any.
TURNED = 40
TURNED_WEIGHT = 2.0
# Every fiftieth head is kept for validation.
HELD_OUT_EVERY = 50


class CutOutHeads:
    """Heads as `MarkedPictures` are, with an alpha channel."""

    def __init__(
        self, paths: Sequence[Path], held_out: bool = False, turned_weight: float = TURNED_WEIGHT
    ):
        heads = load_heads(paths)
        self.pictures, self.marks = heads.pictures, heads.marks
        weights = np.where(np.abs(heads.pose[:, 0]) > TURNED, turned_weight, 1.0)
        weights *= (np.arange(len(weights)) % HELD_OUT_EVERY == 0) == held_out
        self.cumulative = np.cumsum(weights / weights.sum())

    def draw(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float]:
        """Returns a random head (BGRA), its box center and key points (7×2, pixels), and size."""
        i = int(np.searchsorted(self.cumulative, rng.random() * self.cumulative[-1]))
        picture = cv2.imdecode(self.pictures[i], cv2.IMREAD_UNCHANGED)
        side = picture.shape[0]
        mark = self.marks[i]
        points = np.concatenate([mark[1:3], mark[5:]]).reshape(-1, 2) * side
        return picture, points.astype(np.float32), float(mark[3] * side)
