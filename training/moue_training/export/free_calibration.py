"""Pictures with free terms to calibrate networks on: scenes, close-ups in them, and face crops."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch

from ..data.free_faces import load_free_faces
from ..models.expression import ExpressionStudent
from ..models.face import FaceNet
from ..train.checkpoint import load_weights
from ..train.proposals import SCENE_SIZE, examples, make_example
from ..train.scene_stream import SceneFiles
from .quantize import CALIBRATION_PICTURES

SEED = 5


def scene_pictures(files: SceneFiles, size: int) -> np.ndarray:
    """Returns scenes (N×size×size×3 u8, RGB)."""
    scenes, random = files.open(False, size), np.random.default_rng(SEED)
    pictures = [scenes(random)[0][..., ::-1] for _ in range(CALIBRATION_PICTURES)]
    return np.stack(pictures)


def close_ups(files: SceneFiles, detector: Path) -> np.ndarray:
    """Returns close-ups (N×96×96×3 u8, RGB) of what a detector proposes, and of places beside."""
    net = load_weights(FaceNet(), detector).eval()
    scenes, random = files.open(False, SCENE_SIZE), np.random.default_rng(SEED)
    # Each gives about eleven; too many of one scene would be alike.
    made = [make_example(*scenes(random), random) for _ in range(CALIBRATION_PICTURES // 2)]
    columns = (torch.from_numpy(np.stack(column)) for column in zip(*made, strict=True))
    found = examples(net, list(columns))[0].numpy()
    chosen: np.ndarray = found[random.choice(len(found), CALIBRATION_PICTURES, replace=False)]
    return chosen


def face_crops(heads: Sequence[Path], drawings: Path) -> np.ndarray:
    """Returns gray crops (N×64×64×1 u8) of heads and drawings."""
    crops = load_free_faces(heads, drawings).crops
    chosen = np.random.default_rng(SEED).choice(len(crops), CALIBRATION_PICTURES, replace=False)
    size = (ExpressionStudent().input_size,) * 2
    resized = [cv2.resize(crops[i], size, interpolation=cv2.INTER_LINEAR) for i in chosen]
    return np.stack(resized)[..., None]
