"""The upright crop of a face that moue's `Alignment` makes, in OpenCV."""

import cv2
import numpy as np

# Where moue puts the eyes in a crop, and how far apart, as shares of its side; equal to the
# constants of the Rust crate, so that training and use see the same framing.
EYES_Y, EYE_DISTANCE = 0.38, 0.36
CROP_SIZE = 80


def aligned_crop(picture: np.ndarray, points: np.ndarray, size: int = CROP_SIZE) -> np.ndarray:
    """Returns the crop (size×size) of a face whose eyes are the first two points, in pixels."""
    matrix = cv2.getAffineTransform(*crop_corners(points, size))
    return cv2.warpAffine(
        picture, matrix, (size, size), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )


def crop_corners(points: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns three corners (3×2) of the crop of a face: in the picture, and in the crop."""
    right, left = points[0], points[1]
    across = (left - right) / EYE_DISTANCE
    down = np.array([-across[1], across[0]])
    origin = (right + left) / 2 - 0.5 * across - EYES_Y * down
    corners = np.array([origin, origin + across, origin + down], np.float32)
    return corners, np.array([[0, 0], [size, 0], [0, size]], np.float32)
