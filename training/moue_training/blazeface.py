"""BlazeFace short range as a teacher: runs its `.tflite` through LiteRT and decodes what it says."""

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter


def anchors(size=128, layers=((8, 2), (16, 6))):
    """Centers (x, y in 0..1) of the SSD anchors: for each stride so many at every cell."""
    rows = []
    for stride, count in layers:
        cells = size // stride
        for y in range(cells):
            for x in range(cells):
                rows += [((x + 0.5) / cells, (y + 0.5) / cells)] * count
    return np.array(rows, np.float32)


class BlazeFace:
    """Detections as rows of 17: score, box center x, y, width, height, then six key points x, y; all in 0..1."""

    def __init__(self, path):
        self.net = Interpreter(model_path=str(path), num_threads=1)
        self.net.allocate_tensors()
        self.input = self.net.get_input_details()[0]["index"]
        self.outputs = {d["shape"][-1]: d["index"] for d in self.net.get_output_details()}
        self.anchors = anchors()

    def best(self, picture):
        """The strongest detection in a 128×128 BGR picture."""
        x = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB).astype(np.float32) / 127.5 - 1
        self.net.set_tensor(self.input, x[None])
        self.net.invoke()
        scores = self.net.get_tensor(self.outputs[1])[0, :, 0]
        boxes = self.net.get_tensor(self.outputs[16])[0] / 128
        at = int(scores.argmax())
        near = scores > scores[at] - 2.0
        score = 1 / (1 + np.exp(-np.clip(scores[at], -100, 100)))
        points = boxes.copy()
        points[:, [0, 4, 6, 8, 10, 12, 14]] += self.anchors[:, :1]
        points[:, [1, 5, 7, 9, 11, 13, 15]] += self.anchors[:, 1:]
        # The mean over strong neighbors of the same face, as weighted suppression would take.
        near &= np.abs(points[:, 0] - points[at, 0]) < 0.4 * points[at, 2]
        near &= np.abs(points[:, 1] - points[at, 1]) < 0.4 * points[at, 3]
        weight = 1 / (1 + np.exp(-np.clip(scores[near], -100, 100)))
        return np.concatenate([[score], np.average(points[near], axis=0, weights=weight)])
