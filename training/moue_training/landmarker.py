"""MediaPipe's face landmarker as a teacher: 478 landmarks and 52 blendshapes of a face, through LiteRT.

`face_landmarker.task` is a zip archive of `.tflite` files; it teaches, and is no part of moue.
"""

import zipfile

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter

SIZE = 256
# A face box of BlazeFace is about this many eye distances, or eye-to-mouth distances, wide; the net sees 1.5 boxes.
BOX = 2.25
MARGIN = 1.5

# Which landmarks the blendshape net reads, in its order.
READ = [
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70, 78, 80,
    81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153,
    154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251,
    263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314, 317, 318,
    321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382, 384, 385, 386,
    387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
]  # fmt: skip

# The names of the 52 blendshapes, in the order of the net's output.
NAMES = (
    "_neutral browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff cheekSquintLeft "
    "cheekSquintRight eyeBlinkLeft eyeBlinkRight eyeLookDownLeft eyeLookDownRight eyeLookInLeft eyeLookInRight "
    "eyeLookOutLeft eyeLookOutRight eyeLookUpLeft eyeLookUpRight eyeSquintLeft eyeSquintRight eyeWideLeft "
    "eyeWideRight jawForward jawLeft jawOpen jawRight mouthClose mouthDimpleLeft mouthDimpleRight mouthFrownLeft "
    "mouthFrownRight mouthFunnel mouthLeft mouthLowerDownLeft mouthLowerDownRight mouthPressLeft mouthPressRight "
    "mouthPucker mouthRight mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper mouthSmileLeft "
    "mouthSmileRight mouthStretchLeft mouthStretchRight mouthUpperUpLeft mouthUpperUpRight noseSneerLeft noseSneerRight"
).split()


def symmetric(shapes):
    """Sum and absolute difference of left and right: N×52 → N×52, the same for a mirrored face.

    The middle ones come first, then the sums, then the differences.
    """
    left = [i for i, n in enumerate(NAMES) if n.endswith("Left") and n.replace("Left", "Right") in NAMES]
    right = [NAMES.index(NAMES[i].replace("Left", "Right")) for i in left]
    middle = [i for i in range(len(NAMES)) if i not in left and i not in right]
    sums, apart = shapes[:, left] + shapes[:, right], np.abs(shapes[:, left] - shapes[:, right])
    return np.concatenate([shapes[:, middle], sums / 2, apart], axis=1)


class Landmarker:
    """Reads faces whose key points are known."""

    def __init__(self, task):
        with zipfile.ZipFile(task) as archive:
            self.points, self.shapes = (
                Interpreter(model_content=archive.read(f"{name}.tflite"), num_threads=1)
                for name in ("face_landmarks_detector", "face_blendshapes")
            )
        for net in (self.points, self.shapes):
            net.allocate_tensors()

    def landmarks(self, picture, points):
        """(478×3 landmarks in the upright crop of 256 pixels, presence 0..1) of a BGR picture."""
        net = self.points
        crop = cv2.warpAffine(picture, around(points), (SIZE, SIZE), flags=cv2.INTER_LINEAR)
        net.set_tensor(net.get_input_details()[0]["index"], cv2.cvtColor(crop, cv2.COLOR_BGR2RGB)[None].astype(np.float32) / 255)
        net.invoke()
        marks, presence = (net.get_tensor(net.get_output_details()[i]["index"]).ravel() for i in range(2))
        return marks.reshape(478, 3), float(1 / (1 + np.exp(-presence[0])))

    def read(self, picture, points):
        """As `landmarks`, and 52 blendshapes."""
        marks, presence = self.landmarks(picture, points)
        net = self.shapes
        net.set_tensor(net.get_input_details()[0]["index"], marks[None, READ, :2].astype(np.float32))
        net.invoke()
        return marks, presence, net.get_tensor(net.get_output_details()[0]["index"]).ravel()


def around(points):
    """The affine map from the picture to the net's input, of six key points in pixels."""
    right, left, _, mouth = points.reshape(-1, 2)[:4]
    eyes, across = (right + left) / 2, left - right
    side = MARGIN * BOX * max(np.hypot(*across), 0.97 * np.hypot(*(mouth - eyes)), 2.0)
    turn = across / max(np.hypot(*across), 1e-6) * side
    down = np.array([-turn[1], turn[0]])
    origin = eyes + 0.55 * (mouth - eyes) - turn / 2 - down / 2
    return cv2.getAffineTransform(np.float32([origin, origin + turn, origin + down]), np.float32([[0, 0], [SIZE, 0], [0, SIZE]]))
