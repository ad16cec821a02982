"""Which of MediaPipe's landmarks lie around the right eye and the lips."""

from itertools import chain

import numpy as np

# Landmarks of irises, the last ten, lie inside the eyes and would be in the way of a warp.
FACE_MARKS = 468
# From the outer corner of the eye to the inner one: the lids, and the rings around them, each
# farther away than the one before.
UPPER = (
    [246, 161, 160, 159, 158, 157, 173],
    [247, 30, 29, 27, 28, 56, 190],
    [113, 225, 224, 223, 222, 221, 189],
)
LOWER = (
    [7, 163, 144, 145, 153, 154, 155],
    [25, 110, 24, 23, 22, 26, 112],
    [31, 228, 229, 230, 231, 232, 233],
)
EYE_CORNERS = [33, 133]
BROW = [70, 63, 105, 66, 107, 46, 53, 52, 65, 55]
CHEEK = [117, 118, 119, 120, 50, 101, 36, 205]
_EYE = [*chain(*UPPER, *LOWER), *EYE_CORNERS, *BROW, *CHEEK]
# The same landmarks of the other side of the face, in the same order.
_OTHER_EYE = [
    466, 388, 387, 386, 385, 384, 398, 467, 260, 259, 257, 258, 286, 414,
    342, 445, 444, 443, 442, 441, 413, 249, 390, 373, 374, 380, 381, 382,
    255, 339, 254, 253, 252, 256, 341, 261, 448, 449, 450, 451, 452, 453,
    263, 362, 300, 293, 334, 296, 336, 276, 283, 282, 295, 285,
    346, 347, 348, 349, 280, 330, 266, 425,
]  # fmt: skip
MOUTH_CORNERS = [61, 291]
LIPS = [
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185,
    78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191,
]  # fmt: skip
AROUND_LIPS = [
    57, 43, 106, 182, 83, 18, 313, 406, 335, 273, 287, 410, 322, 391, 393, 164, 167, 165, 92, 186,
    76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306, 408, 304, 303, 302, 11, 72, 73, 74, 184,
    62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292, 407, 272, 271, 268, 12, 38, 41, 42, 183,
]  # fmt: skip
NOSE_TIP, OUTER_CORNERS = 1, (33, 263)


def directions(ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns unit vectors (2 each) along a line between two points (2×2), and down from it."""
    across = (ends[1] - ends[0]) / np.linalg.norm(ends[1] - ends[0])
    return across, np.array([-across[1], across[0]])


def mirrored(marks: np.ndarray, width: int) -> np.ndarray:
    """Returns landmarks (N×2) of the mirrored picture; those around the eyes change sides."""
    out = marks.copy()
    out[:, 0] = width - 1 - out[:, 0]
    both, swapped = _EYE + _OTHER_EYE, _OTHER_EYE + _EYE
    out[both] = out[swapped]
    return out
