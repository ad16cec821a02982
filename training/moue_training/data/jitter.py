"""Small changes of crops, as those between two frames of a camera in which nobody moves."""

import cv2
import numpy as np

# Standard deviations of the roll in degrees, of the zoom, and of the shift as a share of the side.
# They are about what the key points of thorough detection err.
ROLL, ZOOM, SHIFT = 3.0, 0.035, 0.018
# So many are blurred as faces of half the width, darkened or brightened within these factors, and
# have so much noise, in gray levels.
BLURRED, LIGHT, NOISE = 0.3, (0.7, 1.1), 4.0


def jittered(crops: np.ndarray, seed: int) -> np.ndarray:
    """Returns gray crops (N×H×H u8), each changed a little."""
    random = np.random.default_rng(seed)
    return np.stack([_changed(crop, random) for crop in crops])


def _changed(crop: np.ndarray, random: np.random.Generator) -> np.ndarray:
    side = len(crop)
    matrix = cv2.getRotationMatrix2D(
        (side / 2, side / 2), random.normal(0, ROLL), random.normal(1, ZOOM)
    )
    matrix[:, 2] += random.normal(0, SHIFT * side, 2)
    moved = cv2.warpAffine(crop, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE)
    if random.random() < BLURRED:
        small = cv2.resize(moved, (side // 2, side // 2), interpolation=cv2.INTER_AREA)
        moved = cv2.resize(small, (side, side))
    lit = moved * random.uniform(*LIGHT) + random.normal(0, NOISE, moved.shape)
    return lit.clip(0, 255).astype(np.uint8)
