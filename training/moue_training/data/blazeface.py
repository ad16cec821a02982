"""BlazeFace short range (Bazarevsky et al. 2019) as a teacher of boxes, run by LiteRT."""

from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter

INPUT_SIZE = 128
# The columns of a detection that are x and y coordinates; 0 is the score, 3 and 4 the box's size.
X_COLUMNS = [1, 5, 7, 9, 11, 13, 15]
Y_COLUMNS = [2, 6, 8, 10, 12, 14, 16]


def anchors(
    size: int = INPUT_SIZE, layers: tuple[tuple[int, int], ...] = ((8, 2), (16, 6))
) -> np.ndarray:
    """Returns the centers (A×2: x, y in 0..1) of the SSD anchors (Liu et al. 2016).

    `layers` has the stride of each layer and its number of anchors at every cell, as MediaPipe's
    `face_detection_short_range` graph sets them.
    """
    rows: list[tuple[float, float]] = []
    for stride, count in layers:
        cells = size // stride
        for y in range(cells):
            for x in range(cells):
                rows += [((x + 0.5) / cells, (y + 0.5) / cells)] * count
    return np.array(rows, np.float32)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Returns the logistic function, with logits clipped at ±100 as MediaPipe's decoder does."""
    return 1 / (1 + np.exp(-np.clip(logits, -100, 100)))


class BlazeFace:
    """Detections as rows of 17 in 0..1: score, box center x, y, width, height, six key points."""

    def __init__(self, path: Path):
        self.net = Interpreter(model_path=str(path), num_threads=1)
        self.net.allocate_tensors()
        self.input = self.net.get_input_details()[0]["index"]
        self.outputs = {d["shape"][-1]: d["index"] for d in self.net.get_output_details()}
        self.anchors = anchors(INPUT_SIZE)

    def best(self, picture: np.ndarray) -> np.ndarray:
        """Returns the strongest detection (17) in a 128×128 BGR picture.

        It is the mean of the overlapping detections, weighted by score: the blending that BlazeFace
        uses in place of non-maximum suppression.
        """
        x = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB).astype(np.float32) / 127.5 - 1
        self.net.set_tensor(self.input, x[None])
        self.net.invoke()
        logits = self.net.get_tensor(self.outputs[1])[0, :, 0]
        rows = self.net.get_tensor(self.outputs[16])[0] / INPUT_SIZE
        rows[:, [c - 1 for c in X_COLUMNS]] += self.anchors[:, :1]
        rows[:, [c - 1 for c in Y_COLUMNS]] += self.anchors[:, 1:]
        at = int(logits.argmax())
        # The same face: a logit within 2 of the best, a center within 0.4 of its box; by hand.
        near = logits > logits[at] - 2.0
        near &= np.abs(rows[:, 0] - rows[at, 0]) < 0.4 * rows[at, 2]
        near &= np.abs(rows[:, 1] - rows[at, 1]) < 0.4 * rows[at, 3]
        mean = np.average(rows[near], axis=0, weights=sigmoid(logits[near]))
        return np.concatenate([[sigmoid(logits[at])], mean])
