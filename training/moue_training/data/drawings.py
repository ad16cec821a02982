"""The built-in drawings as training data: crops, vote shares and blendshape parameters."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from .alignment import aligned_crop
from .ferplus import EMOTIONS

# How ten annotators might vote on each pose, where the pose shows more than the one emotion that it
# is filed under; set by hand.
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
class Drawings:
    """Gray crops (N×80×80 u8), vote shares (N×8) and parameters (N×P) of all drawings.

    `poses` and `emotions` (N) are their names, each drawing's emotion that of its pose.
    """

    images: np.ndarray
    votes: np.ndarray
    parameters: np.ndarray
    poses: np.ndarray
    emotions: np.ndarray


def drawing_table(folder: Path) -> dict[str, Any]:
    """Returns `drawings.json` as `cargo xtask drawings` writes it."""
    table: dict[str, Any] = json.loads((folder / "drawings.json").read_text())
    return table


def vote_shares(row: dict[str, Any]) -> np.ndarray:
    """Returns the assumed vote shares (8) of a drawing."""
    table = VOTES.get(row["pose"], {row["emotion"]: 10})
    return np.array([table.get(e, 0) / 10 for e in EMOTIONS], np.float32)


def load_drawings(folder: Path) -> Drawings:
    """Loads the drawings of a folder, cropped by their own key points."""
    table = drawing_table(folder)["drawings"]
    images = []
    for row in table:
        picture = cv2.imread(str(folder / f"{row['name']}.png"), cv2.IMREAD_GRAYSCALE)
        images.append(aligned_crop(picture, np.array(row["key_points"]) * picture.shape[0]))
    votes = np.stack([vote_shares(row) for row in table])
    parameters = np.array([row["blendshapes"] for row in table], np.float32)
    poses, emotions = (np.array([row[key] for row in table]) for key in ("pose", "emotion"))
    return Drawings(np.stack(images), votes, parameters, poses, emotions)
