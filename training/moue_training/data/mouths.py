"""Open and closed mouths, by blendshapes."""

import numpy as np

from .blendshapes import NAMES
from .eyes import CLOSED, OPEN, PRESENT, UNKNOWN

# An estimated `jawOpen` above the one is an open mouth and below the other a closed one; what lies
# between are lips that hardly part.
LEAST_OPEN, MOST_CLOSED = 0.3, 0.08
# The same for drawings, whose parameter is exact: talking ones have 0.21, a grin 0.25.
LEAST_OPEN_DRAWN, MOST_CLOSED_DRAWN = 0.22, 0.17


def mouth_states(blendshapes: np.ndarray, presence: np.ndarray) -> np.ndarray:
    """Returns for faces (N×52, N) whether the mouth is `OPEN`, `CLOSED` or `UNKNOWN`."""
    states = _states(_jaw(blendshapes), LEAST_OPEN, MOST_CLOSED)
    return np.where(presence > PRESENT, states, UNKNOWN)


def drawn_mouth_states(blendshapes: np.ndarray) -> np.ndarray:
    """Returns the same for drawings by their blendshapes (N×52)."""
    return _states(_jaw(blendshapes), LEAST_OPEN_DRAWN, MOST_CLOSED_DRAWN)


def _jaw(blendshapes: np.ndarray) -> np.ndarray:
    jaw: np.ndarray = blendshapes[:, NAMES.index("jawOpen")].astype(np.float32)
    return jaw


def _states(jaw: np.ndarray, least_open: float, most_closed: float) -> np.ndarray:
    return np.where(jaw > least_open, OPEN, np.where(jaw < most_closed, CLOSED, UNKNOWN))
