"""Puts an eye of one person into the face of another.

A closed eye of somebody else has the wrinkles that a warp of an open one has not.
"""

import cv2
import numpy as np

from .face_regions import BROW, EYE_CORNERS, LOWER, UPPER

# What the transplant covers, and what is brought to the same place.
_OUTLINE = [*BROW, *UPPER[2], *LOWER[2], 226, 113, 244, 189, 117, 118, 119]
_ALIGNED = [*EYE_CORNERS, *UPPER[2], *LOWER[2], *BROW]
# The area of a transplant changes by no more: beyond that the two faces look elsewhere.
AREA_CHANGE = (0.6, 1.7)
# A region with a smaller side, in pixels, is no eye.
LEAST_SIDE = 8
# Poisson blending needs a border of the picture that stays.
BORDER = 3


def transplant_eye(
    picture: np.ndarray, marks: np.ndarray, donor: np.ndarray, donor_marks: np.ndarray
) -> np.ndarray | None:
    """Returns a gray picture (H×W u8) with the donor's right eye, `None` where it does not fit.

    Landmarks (478×2) are in pixels of each picture. The eye comes with brow and lower lid, by an
    affine map between the landmarks, and is blended by Poisson's equation (Pérez et al. 2003).
    """
    source, target = (m[_ALIGNED].astype(np.float32) for m in (donor_marks, marks))
    matrix, _ = cv2.estimateAffine2D(source[None], target[None], method=cv2.LMEDS)
    if matrix is None or not AREA_CHANGE[0] < abs(np.linalg.det(matrix[:, :2])) < AREA_CHANGE[1]:
        return None
    size = picture.shape[::-1]
    moved = cv2.warpAffine(donor, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    moved_marks = donor_marks[_OUTLINE] @ matrix[:, :2].T + matrix[:, 2]
    mask = _hull(picture.shape, np.concatenate([marks[_OUTLINE], moved_marks]))
    x, y, width, height = cv2.boundingRect(mask)
    if min(width, height) < LEAST_SIDE:
        return None
    center = (x + width // 2, y + height // 2)
    colors = (cv2.merge([moved] * 3), cv2.merge([picture] * 3))
    blended: np.ndarray = cv2.seamlessClone(*colors, mask, center, cv2.NORMAL_CLONE)
    return blended[..., 0]


def _hull(shape: tuple[int, ...], points: np.ndarray) -> np.ndarray:
    """Returns a mask (H×W u8) of the convex hull of points, without the picture's border."""
    mask = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(points.astype(np.float32)).astype(np.int32), 255)
    inner = np.zeros_like(mask)
    inside = (slice(BORDER, -BORDER), slice(BORDER, -BORDER))
    inner[inside] = mask[inside]
    return inner
