"""MediaPipe's face landmarker as a teacher: 478 landmarks and 52 blendshapes, run by LiteRT.

`face_landmarker.task` is a zip archive of `.tflite` files. It teaches, and is no part of moue.
"""

import zipfile
from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter

INPUT_SIZE = 256
# A box of BlazeFace is about this many eye distances, or eye-to-mouth distances, wide. MediaPipe's
# graph enlarges the box by half before it runs the landmark network.
BOX = 2.25
MARGIN = 1.5

# The landmarks that the blendshape network takes, in its order, from MediaPipe's
# `face_blendshapes_graph`.
BLENDSHAPE_LANDMARKS = [
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65,
    66, 67, 70, 78, 80, 81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144,
    145, 146, 148, 149, 150, 152, 153, 154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173,
    176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251, 263, 267, 269, 270, 276, 282, 283, 284,
    285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314, 317, 318, 321, 323, 324, 332,
    334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382, 384, 385, 386,
    387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473,
    474, 475, 476, 477,
]  # fmt: skip


class Landmarker:
    """Estimates landmarks and blendshapes of faces whose key points are known."""

    def __init__(self, task: Path):
        with zipfile.ZipFile(task) as archive:
            self.landmark_net, self.blendshape_net = (
                Interpreter(model_content=archive.read(f"{name}.tflite"), num_threads=1)
                for name in ("face_landmarks_detector", "face_blendshapes")
            )
        for net in (self.landmark_net, self.blendshape_net):
            net.allocate_tensors()

    def landmarks(self, picture: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, float]:
        """Returns landmarks (478×3, pixels of the upright crop) and presence (0..1).

        `picture` is BGR, `points` are six key points (12 or 6×2) in its pixels.
        """
        matrix = crop_matrix(points)
        crop = cv2.warpAffine(picture, matrix, (INPUT_SIZE, INPUT_SIZE), flags=cv2.INTER_LINEAR)
        rgb = cv2.cvtColor(crop, cv2.COLOR_BGR2RGB)[None].astype(np.float32) / 255
        landmarks, presence = run(self.landmark_net, rgb)[:2]
        return landmarks.reshape(478, 3), float(1 / (1 + np.exp(-presence[0])))

    def blendshapes(
        self, picture: np.ndarray, points: np.ndarray
    ) -> tuple[np.ndarray, float, np.ndarray]:
        """Returns what `landmarks` does, and 52 blendshapes."""
        landmarks, presence = self.landmarks(picture, points)
        chosen = landmarks[None, BLENDSHAPE_LANDMARKS, :2].astype(np.float32)
        return landmarks, presence, run(self.blendshape_net, chosen)[0]


def run(net: Interpreter, x: np.ndarray) -> list[np.ndarray]:
    """Runs a network of one input; returns its outputs, each flattened."""
    net.set_tensor(net.get_input_details()[0]["index"], x)
    net.invoke()
    return [net.get_tensor(d["index"]).ravel() for d in net.get_output_details()]


def crop_matrix(points: np.ndarray) -> np.ndarray:
    """Returns the affine matrix (2×3) from the picture to the network's input.

    `points` are six key points in pixels; the square is upright with respect to the eyes.
    """
    right, left, _, mouth = points.reshape(-1, 2)[:4]
    eyes = (right + left) / 2
    across = left - right
    # A turned head brings the eyes together, so the larger distance counts.
    side = MARGIN * BOX * max(np.hypot(*across), 0.97 * np.hypot(*(mouth - eyes)), 2.0)
    right_edge = across / max(np.hypot(*across), 1e-6) * side
    down = np.array([-right_edge[1], right_edge[0]])
    origin = eyes + 0.55 * (mouth - eyes) - right_edge / 2 - down / 2
    corners = np.array([origin, origin + right_edge, origin + down], np.float32)
    target = np.array([[0, 0], [INPUT_SIZE, 0], [0, INPUT_SIZE]], np.float32)
    return cv2.getAffineTransform(corners, target)
