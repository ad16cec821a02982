"""Whole pictures whose faces are marked by boxes alone, and photos without a face.

Frames of cartoons keep their own surroundings in a scene; everyday photos are backgrounds.
"""

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from .packed import unpack

# Faces of a frame (N×5): left, top, width, height in 0..1, and 1 where it counts, or 0.
Boxes = np.ndarray


class Frames:
    """Frames with boxes, and photos without, as `frame_labels` writes them."""

    def __init__(self, path: Path):
        with np.load(path) as table:
            self.encoded = unpack(table["data"], table["starts"])
            photos = unpack(table["photos"], table["photo_starts"])
            boxes, starts = table["boxes"], table["box_starts"]
        self.photos = [cv2.imdecode(photo, cv2.IMREAD_COLOR) for photo in photos]
        self.boxes = [boxes[a:b] for a, b in pairwise(starts)]

    def __len__(self) -> int:
        return len(self.encoded)

    def frame(self, i: int) -> tuple[np.ndarray, Boxes]:
        """Returns a frame (BGR) and its boxes."""
        return cv2.imdecode(self.encoded[i], cv2.IMREAD_COLOR), self.boxes[i]
