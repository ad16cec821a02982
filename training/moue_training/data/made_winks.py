"""Closes an eye of a photo by moving its lids.

The research data have next to no people who wink. A wink is mostly geometry: the lids meet, the
cheek rises and the brow sinks.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from .face_regions import (
    AROUND_LIPS,
    BROW,
    CHEEK,
    EYE_CORNERS,
    FACE_MARKS,
    LIPS,
    LOWER,
    MOUTH_CORNERS,
    UPPER,
    directions,
)
from .warp import warp

# Shares of the lids' motion that the rings around them take part in.
UPPER_FOLLOWS, LOWER_FOLLOWS = (1.0, 0.55, 0.3), (1.0, 0.7, 0.45)
# The landmarks lie on the edge of the eyeball; lashes and their shadow are beyond it, so the lids
# begin so much farther apart, in half heights of the eye.
UPPER_MARGIN, LOWER_MARGIN = 1.0, 0.7
# How far a corner of the mouth pulls the lips along, in widths of the mouth.
PULL_WIDTH = 0.35


@dataclass(frozen=True)
class EyeMotion:
    """How an eye closes; lengths are in heights of the open eye.

    `closed` is 0 where the eye stays open, and 1 where the lids meet. `lash` is the darkness of the
    line between them, 0 to 1.
    """

    closed: float
    raised_cheek: float
    lowered_brow: float
    raised_mouth: float
    lash: float


def random_wink(rng: np.random.Generator) -> EyeMotion:
    """Returns a wink."""
    return EyeMotion(
        closed=min(rng.uniform(0.8, 1.1), 0.96),
        raised_cheek=rng.uniform(0.15, 0.6),
        lowered_brow=rng.uniform(0.0, 0.45),
        raised_mouth=rng.choice([0.0, rng.uniform(0.1, 0.45)]),
        lash=rng.uniform(0.1, 0.45),
    )


def random_twitch(rng: np.random.Generator) -> EyeMotion:
    """Returns a motion that leaves the eye open: what a warp leaves behind is no sign of a wink."""
    return EyeMotion(
        closed=rng.uniform(0, 0.25),
        raised_cheek=rng.uniform(0, 0.12),
        lowered_brow=rng.uniform(0.0, 0.22),
        raised_mouth=rng.choice([0.0, rng.uniform(0.1, 0.45)]),
        lash=0.0,
    )


def move_eye(picture: np.ndarray, marks: np.ndarray, motion: EyeMotion) -> np.ndarray:
    """Returns a gray picture (H×W u8) whose right eye moves; `marks` (478×2) are in its pixels."""
    source = widened(marks[:FACE_MARKS].astype(np.float64))
    target = moved(source, motion)
    return with_lashes(warp(picture, source, target), target, motion.lash)


def widened(marks: np.ndarray) -> np.ndarray:
    """Returns the landmarks (468×2) with the lids farther apart, so that lashes lie between."""
    wide = marks.copy()
    middle = (marks[UPPER[0]] + marks[LOWER[0]]) / 2
    for (lid, ring, _), share in ((UPPER, UPPER_MARGIN), (LOWER, LOWER_MARGIN)):
        # A line that wavers would make the closed eye waver.
        wide[lid] = _parabola(marks[lid] + share * (marks[lid] - middle))
        wide[ring] += 0.6 * (wide[lid] - marks[lid])
    return wide


def _parabola(line: np.ndarray) -> np.ndarray:
    at = np.linspace(-1, 1, len(line))
    return np.stack([np.polyval(np.polyfit(at, column, 2), at) for column in line.T], 1)


def moved(marks: np.ndarray, motion: EyeMotion) -> np.ndarray:
    """Returns where the landmarks (468×2) go."""
    target = marks.copy()
    across, down = directions(marks[EYE_CORNERS])
    opening = np.maximum((marks[LOWER[0]] - marks[UPPER[0]]) @ down, 0)
    height = max(opening.max(), 1.0)
    arch = np.sin(np.linspace(0.12, 0.88, len(opening)) * np.pi)
    # The lids meet where the lower one comes to.
    rise = np.minimum(motion.raised_cheek * height * arch, motion.closed * opening)
    sink = motion.closed * opening - rise
    for ring, follows in zip(UPPER, UPPER_FOLLOWS, strict=True):
        target[ring] += follows * sink[:, None] * down
    for ring, follows in zip(LOWER, LOWER_FOLLOWS, strict=True):
        target[ring] -= follows * rise[:, None] * down
    target[BROW] += motion.lowered_brow * height * down
    target[UPPER[2]] += 0.5 * motion.lowered_brow * height * down
    target[CHEEK] -= 0.4 * rise.max() * down
    pull = motion.raised_mouth * height * (0.6 * down + 0.4 * across)
    lips = LIPS + AROUND_LIPS
    target[lips] -= _nearness(marks, lips)[:, None] * pull
    return target


def _nearness(marks: np.ndarray, lips: list[int]) -> np.ndarray:
    """Returns how near landmarks are to the right corner of the mouth (N, 0..1)."""
    right, left = marks[MOUTH_CORNERS]
    away = np.linalg.norm(marks[lips] - right, axis=1) / np.linalg.norm(left - right)
    near: np.ndarray = np.exp(-((away / PULL_WIDTH) ** 2))
    return near


def with_lashes(picture: np.ndarray, marks: np.ndarray, darkness: float) -> np.ndarray:
    """Returns the picture with a dark line between the lids of the right eye."""
    outer, inner = marks[EYE_CORNERS]
    line = np.concatenate([[outer], (marks[UPPER[0]] + marks[LOWER[0]]) / 2, [inner]])
    mask = np.zeros(picture.shape, np.uint8)
    thickness = max(1, round(np.ptp(line[:, 0]) / 22))
    # OpenCV draws at eighths of a pixel.
    points = np.round(line * 8).astype(np.int32)
    cv2.polylines(mask, [points], False, 255, thickness, cv2.LINE_AA, 3)
    share = cv2.GaussianBlur(mask, (0, 0), 0.8).astype(np.float32) / 255
    return (picture * (1 - darkness * share)).astype(np.uint8)
