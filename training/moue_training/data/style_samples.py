"""Faces of equal expressions in two styles: photos and moue's drawings."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .drawings import drawing_table, load_drawings
from .ferplus import EMOTIONS, FerPlus, load_ferplus
from .free_faces import FreeFaces

# The classes that every style shows often enough for a mean.
CLASSES = ("neutral", "happiness", "surprise", "sadness", "anger")
# Poses that are neutral or sad by name, but not what a calm or a sad person should get.
OTHER_STATES = ("bored", "asleep", "tired", "yawn", "whistle", "puffed")
# Of ten annotators so many agree: clear faces, so that means of classes are of the same expression.
CLEAR_VOTES = 8
CLEAR_SHARE = CLEAR_VOTES / 10
# Votes that follow from blendshapes are softer: of a neutral head 0.78 are neutral.
CLEAR_HEAD_SHARE = 0.6
# The poses that drawings had when the directions were first estimated. New poses do not move them.
POSES = frozenset(
    "angry asleep bleh bored calm cheer confused cross disgusted doubt furious grin kiss laugh love"
    " plead pout proud puffed sad scared shocked smile smirk sob surprised tearful think tired"
    " tongue whistle wink worried yawn yikes".split()
)


@dataclass
class Style:
    """Gray crops (N×H×W u8) of one style, with the class of each."""

    crops: np.ndarray
    classes: np.ndarray


def photos() -> Style:
    """Returns the clear faces of FER+'s training split."""
    faces = load_ferplus()
    clear = faces.trainable & (faces.votes.max(1) >= CLEAR_SHARE)
    classes = np.array(EMOTIONS)[faces.votes.argmax(1)]
    rows = np.flatnonzero(clear & np.isin(classes, CLASSES))
    return Style(faces.images[rows], classes[rows])


def drawings(folder: Path) -> Style:
    """Returns the drawings of the frozen poses."""
    table = drawing_table(folder)["drawings"]
    classes = np.array([row["emotion"] for row in table])
    known = np.array([row["pose"] in POSES for row in table])
    rows = np.flatnonzero(known & np.isin(classes, CLASSES))
    return Style(load_drawings(folder).images[rows], classes[rows])


def free_styles(faces: FreeFaces) -> tuple[Style, Style]:
    """Returns the heads that are like photos, and those that are drawn together with drawings."""
    classes = np.array(EMOTIONS)[faces.votes.argmax(1)]
    is_clear = (faces.votes.max(1) >= CLEAR_HEAD_SHARE) & np.isin(classes, CLASSES)
    rows = (np.flatnonzero(is_clear & (faces.is_drawn == drawn)) for drawn in (False, True))
    photos, drawn = (Style(faces.crops[chosen], classes[chosen]) for chosen in rows)
    return photos, drawn


def clear_rows(data: FerPlus, usage: str) -> tuple[np.ndarray, np.ndarray]:
    """Returns the rows of a split's clear faces, and the number of the emotion of each."""
    rows = data.rows(usage)
    votes = data.votes[rows] * data.counts[rows, None]
    best = votes.argmax(1)
    is_clear = (votes.max(1) >= CLEAR_VOTES) & (best < len(CLASSES))
    return rows[is_clear], best[is_clear]
