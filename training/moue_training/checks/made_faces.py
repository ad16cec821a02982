"""Checks that eyes close, lips narrow and transplants fit, on a face of simple shapes."""

import cv2
import numpy as np

from ..data.eye_transplants import transplant_eye
from ..data.face_regions import (
    AROUND_LIPS,
    BROW,
    EYE_CORNERS,
    FACE_MARKS,
    LIPS,
    LOWER,
    MOUTH_CORNERS,
    UPPER,
    mirrored,
)
from ..data.made_kisses import purse_lips
from ..data.made_winks import EyeMotion, move_eye
from ..data.warp import warp

SIDE = 160
EYE, MOUTH = (50, 60), (80, 120)
SKIN, DARK = 200, 20
NEAR = 36


def simple_marks() -> np.ndarray:
    """Returns landmarks (478×2): arcs around the right eye and the mouth, the others in a grid."""
    across, down = np.mgrid[8:152:22j, 8:152:22j]
    marks = np.stack([across, down], -1).reshape(-1, 2)[:478].copy()
    # No other landmark lies within an eye or a mouth.
    for center in (EYE, MOUTH):
        near = np.linalg.norm(marks - center, axis=1) < NEAR
        marks[near] = np.stack([np.linspace(8, 152, near.sum()), np.full(near.sum(), 4.0)], 1)
    arc = np.linspace(np.pi, 0, 9)[1:-1]
    for rings, side in ((UPPER, -1), (LOWER, 1)):
        for number, ring in enumerate(rings):
            width, height = 16 + 3 * number, 7 + 7 * number
            marks[ring] = np.stack([np.cos(arc) * width, side * np.sin(arc) * height], 1) + EYE
    marks[EYE_CORNERS] = np.add([(-18, 0), (18, 0)], EYE)
    marks[BROW] = np.stack([np.linspace(-20, 20, len(BROW)), np.full(len(BROW), -26)], 1) + EYE
    for ring, width, height in ((LIPS, 26, 8), (AROUND_LIPS, 32, 13)):
        around = np.linspace(0, 2 * np.pi, len(ring), endpoint=False) + np.pi
        marks[ring] = np.stack([np.cos(around) * width, np.sin(around) * height], 1) + MOUTH
    marks[MOUTH_CORNERS] = np.add([(-26, 0), (26, 0)], MOUTH)
    return marks


def simple_face(skin: int = SKIN) -> np.ndarray:
    """Returns a gray face with a dark eye and a dark mouth."""
    picture = np.full((SIDE, SIDE), skin, np.uint8)
    cv2.circle(picture, EYE, 6, DARK, -1)
    cv2.ellipse(picture, MOUTH, (26, 6), 0, 0, 360, DARK, -1)
    return picture


def dark_pixels(picture: np.ndarray, center: tuple[int, int]) -> np.ndarray:
    """Returns where the picture (60×60) around a point is dark."""
    x, y = center
    near = picture[y - 30 : y + 30, x - 30 : x + 30]
    dark: np.ndarray = near < (DARK + SKIN) // 2
    return dark


def check_warp() -> str:
    """Raises an `AssertionError` if a warp moves what it should not, or does not move an eye."""
    picture, marks = simple_face(), simple_marks()
    source = marks[:FACE_MARKS]
    assert np.array_equal(warp(picture, source, source), picture), "nothing moves"
    assert np.allclose(mirrored(mirrored(marks, SIDE), SIDE), marks), "twice mirrored"
    before = dark_pixels(picture, EYE).sum()
    # A raised cheek brings its own lid, and no lash is drawn.
    wink = EyeMotion(closed=0.96, raised_cheek=0.3, lowered_brow=0.2, raised_mouth=0, lash=0)
    after = dark_pixels(move_eye(picture, marks, wink), EYE).sum()
    assert after < 0.25 * before, f"the eye stays open: {after} of {before} dark pixels"
    still = EyeMotion(closed=0, raised_cheek=0, lowered_brow=0, raised_mouth=0, lash=0)
    assert np.array_equal(move_eye(picture, marks, still), picture), "an eye that does not move"
    lips = dark_pixels(purse_lips(picture, marks, 0.5, 1.2), MOUTH)
    wide, high = lips.any(0).sum(), lips.any(1).sum()
    assert 20 < wide < 34 and 13 <= high < 20, f"lips of {wide} × {high} pixels"
    return "warps close an eye and purse lips, and nothing else"


def check_transplant() -> str:
    """Raises an `AssertionError` if a transplanted eye is not the donor's."""
    marks = simple_marks()
    eyeless = np.full((SIDE, SIDE), SKIN, np.uint8)
    donor = simple_face(skin=120)
    seen = transplant_eye(eyeless, marks, donor, marks)
    assert seen is not None
    assert dark_pixels(seen, EYE).sum() > 60, "the eye came along"
    far = seen[100:].astype(int) - SKIN
    assert np.abs(far).max() <= 1, "and neither the mouth nor the donor's skin"
    assert transplant_eye(eyeless, marks * 0.4, donor, marks) is None, "an eye of another size"
    return "a transplanted eye is the donor's, and the skin around it is not"
