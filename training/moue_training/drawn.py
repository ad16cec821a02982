"""The built-in drawings as training data for the expression net: crops, vote shares, parameters."""

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from .data import EMOTIONS

# Where moue puts the eyes in a crop, and how far apart, as shares of its side.
EYES_Y, EYE_DISTANCE = 0.38, 0.36
CROP = 80

# How ten people might vote on each pose, where it is more than the one emotion that the pose names.
VOTES = {
    "proud": {"happiness": 7, "neutral": 2, "contempt": 1},
    "smirk": {"contempt": 4, "happiness": 5, "neutral": 1},
    "wink": {"happiness": 9, "contempt": 1},
    "cheer": {"happiness": 8, "surprise": 2},
    "shocked": {"surprise": 8, "fear": 2},
    "scared": {"fear": 8, "surprise": 2},
    "worried": {"fear": 5, "sadness": 4, "neutral": 1},
    "plead": {"sadness": 5, "fear": 3, "surprise": 2},
    "pout": {"sadness": 5, "anger": 5},
    "sob": {"sadness": 9, "fear": 1},
    "cross": {"anger": 8, "neutral": 1, "contempt": 1},
    "disgusted": {"disgust": 7, "anger": 3},
    "bleh": {"disgust": 7, "happiness": 3},
    "doubt": {"contempt": 6, "neutral": 3, "anger": 1},
    "bored": {"neutral": 7, "sadness": 2, "contempt": 1},
    "tired": {"sadness": 6, "neutral": 4},
    "yawn": {"neutral": 6, "surprise": 4},
    "asleep": {"neutral": 9, "happiness": 1},
    "kiss": {"happiness": 6, "neutral": 4},
    "whistle": {"neutral": 6, "surprise": 4},
    "tongue": {"happiness": 9, "disgust": 1},
    "think": {"neutral": 8, "contempt": 2},
    "confused": {"surprise": 5, "neutral": 2, "anger": 1, "disgust": 2},
    "yikes": {"fear": 6, "disgust": 2, "happiness": 2},
    "puffed": {"neutral": 5, "surprise": 4, "happiness": 1},
}


@dataclass
class Drawn:
    images: np.ndarray
    votes: np.ndarray
    shapes: np.ndarray


def votes_of(row):
    table = VOTES.get(row["pose"], {row["emotion"]: 10})
    return np.array([table.get(e, 0) / 10 for e in EMOTIONS], np.float32)


def crop(picture, points, size=CROP):
    """The crop that moue's `Alignment` makes of a face whose eyes are the first two points, in pixels."""
    right, left = points[0], points[1]
    across = (left - right) / EYE_DISTANCE
    down = np.array([-across[1], across[0]])
    origin = (right + left) / 2 - 0.5 * across - EYES_Y * down
    corners = np.float32([origin, origin + across, origin + down])
    turn = cv2.getAffineTransform(corners, np.float32([[0, 0], [size, 0], [0, size]]))
    return cv2.warpAffine(picture, turn, (size, size), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)


def load_drawn(folder):
    folder = Path(folder)
    table = json.loads((folder / "drawings.json").read_text())["drawings"]
    images = []
    for row in table:
        picture = cv2.imread(str(folder / f"{row['name']}.png"), cv2.IMREAD_GRAYSCALE)
        images.append(crop(picture, np.array(row["key_points"]) * picture.shape[0]))
    votes = np.stack([votes_of(row) for row in table])
    shapes = np.array([row["blendshapes"] for row in table], np.float32)
    return Drawn(np.stack(images), votes, shapes)
