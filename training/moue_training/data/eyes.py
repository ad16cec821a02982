"""Open and closed eyes, by blendshapes."""

import numpy as np

from .blendshapes import NAMES

UNKNOWN, OPEN, CLOSED = 0, 1, 2
# Blendshapes of both eyelids above the one and below the other are closed and open; what lies
# between are half-open eyes, of which the landmarker is not sure.
LEAST_CLOSED, MOST_OPEN = 0.5, 0.3
# The landmarker is sure of a face.
PRESENT = 0.5


def eye_states(blendshapes: np.ndarray, presence: np.ndarray) -> np.ndarray:
    """Returns for faces (N×52, N) whether both eyes are `CLOSED`, one is `OPEN`, or `UNKNOWN`."""
    lids = [NAMES.index("eyeBlinkLeft"), NAMES.index("eyeBlinkRight")]
    states = lid_states(blendshapes[:, lids].astype(np.float32))
    return np.where(presence > PRESENT, states, UNKNOWN)


def lid_states(blinks: np.ndarray) -> np.ndarray:
    """Returns the same by the blendshapes of both eyelids alone (N×2)."""
    blink = blinks.min(1)
    return np.where(blink > LEAST_CLOSED, CLOSED, np.where(blink < MOST_OPEN, OPEN, UNKNOWN))
