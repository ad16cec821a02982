"""SCRFD (Guo et al. 2021), 2.5 GF, as a teacher: it sees profiles and covered faces on photos.

Its weights are for non-commercial research; they may teach and must not be shipped.
"""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from .paths import data_root

INPUT_SIZE = 640
STRIDES = (8, 16, 32)
# Each cell has two anchors, both in its corner.
ANCHORS = 2
# Boxes that overlap more are of the same face.
MAX_OVERLAP = 0.4


def model_path() -> Path:
    """Returns where the network lies."""
    return data_root() / "teachers" / "scrfd_2.5g_kps.onnx"


class Scrfd:
    """Faces as rows of 15: score, left, top, right, bottom, then eyes, nose and mouth's corners."""

    def __init__(self, path: Path, threads: int = 1):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(path), options)
        self.input = self.session.get_inputs()[0].name

    def faces_of(
        self, pictures: Sequence[np.ndarray], cells: int, min_score: float
    ) -> list[np.ndarray]:
        """Returns the faces (F×15, the best first, in 0..1 of each picture) of cells² BGR pictures.

        They share one input: a small picture needs no input of 640 pixels for itself.
        """
        side = INPUT_SIZE // cells
        canvas = np.full((INPUT_SIZE, INPUT_SIZE, 3), 127, np.uint8)
        scales = []
        for i, picture in enumerate(pictures):
            scale = side / max(picture.shape[:2])
            small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            y, x = i // cells * side, i % cells * side
            canvas[y : y + small.shape[0], x : x + small.shape[1]] = small[:side, :side]
            scales.append(scale)
        rows = self._rows(canvas, min_score)
        owner = rows[:, 1:5].reshape(-1, 2, 2).mean(1) // side
        found = []
        for i, (picture, scale) in enumerate(zip(pictures, scales, strict=True)):
            corner = np.array([i % cells, i // cells])
            own = rows[(owner == corner).all(1)]
            own[:, 1:] -= np.tile(corner * side, 7)
            own[:, 1:] /= np.tile(scale * np.array(picture.shape[1::-1]), 7)
            found.append(own)
        return found

    def _rows(self, canvas: np.ndarray, min_score: float) -> np.ndarray:
        """Returns the faces (F×15) in pixels of the input, without repetitions."""
        planes = (canvas[..., ::-1].astype(np.float32) - 127.5) / 128
        outputs = self.session.run(None, {self.input: planes.transpose(2, 0, 1)[None]})
        # Scores of the three strides, then boxes, then points.
        scores, boxes, points = ([grid[0] for grid in outputs[i : i + 3]] for i in (0, 3, 6))
        grids = zip(STRIDES, scores, boxes, points, strict=True)
        rows = np.concatenate([_decode(*grid, min_score) for grid in grids])
        placed = np.concatenate([rows[:, 1:3], rows[:, 3:5] - rows[:, 1:3]], 1)
        kept = cv2.dnn.NMSBoxes(placed.astype(float), rows[:, 0].astype(float), 0.0, MAX_OVERLAP)
        return rows[np.array(kept, int)]


def _decode(
    stride: int, scores: np.ndarray, boxes: np.ndarray, points: np.ndarray, min_score: float
) -> np.ndarray:
    at = np.flatnonzero(scores[:, 0] >= min_score)
    cells = INPUT_SIZE // stride
    centers = np.stack([at // ANCHORS % cells, at // ANCHORS // cells], 1) * stride
    corners = np.concatenate(
        [centers - boxes[at, :2] * stride, centers + boxes[at, 2:] * stride], 1
    )
    places = points[at] * stride + np.tile(centers, 5)
    return np.concatenate([scores[at], corners, places], 1).astype(np.float32)


def box_overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Returns the intersection over union of two boxes (left, top, right, bottom)."""
    shared = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None).prod()
    return float(shared / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - shared + 1e-9))
