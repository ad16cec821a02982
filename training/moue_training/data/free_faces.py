"""Faces with free terms alone and what is known of them: rendered heads and our own drawings.

Nobody has voted on the heads: their votes follow from their blendshapes (`facs_votes`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .drawings import load_drawings
from .eyes import UNKNOWN, lid_states
from .facs_votes import facs_votes
from .heads import FIRST_DRAWN, NAMES, Heads, crop_heads, load_heads, uncovered_rows

# Beyond this yaw, in degrees, a crop that is aligned by the eyes hardly shows the expression.
MAX_YAW = 40


@dataclass
class FreeFaces:
    """Gray crops (N×80×80 u8), vote shares (N×8), states of the eyes (N) and whether drawn (N)."""

    crops: np.ndarray
    votes: np.ndarray
    eyes: np.ndarray
    is_drawn: np.ndarray


def head_votes(heads: Heads, rows: np.ndarray) -> np.ndarray:
    """Returns the vote shares (N×8) of these rows of the heads."""
    return facs_votes(NAMES, heads.blendshapes[rows])


def load_free_faces(paths: Sequence[Path], drawings: Path) -> FreeFaces:
    """Loads the heads of some files that face the camera, and after them the drawings."""
    heads = load_heads(paths)
    rows = uncovered_rows(heads, MAX_YAW)
    drawn = load_drawings(drawings)
    lids = [NAMES.index("eyeBlinkLeft"), NAMES.index("eyeBlinkRight")]
    eyes = lid_states(heads.blendshapes[rows][:, lids])
    unknown = np.full(len(drawn.images), UNKNOWN)
    return FreeFaces(
        np.concatenate([crop_heads(heads, rows, drawn.images.shape[1]), drawn.images]),
        np.concatenate([head_votes(heads, rows), drawn.votes]),
        np.concatenate([eyes, unknown]),
        np.concatenate([heads.style[rows] >= FIRST_DRAWN, np.ones(len(drawn.images), bool)]),
    )
