"""Checks that readouts are recovered from votes, and that overconfidence shows in the figures."""

import numpy as np

from ..data.blendshapes import NAMES
from ..data.eyes import CLOSED, OPEN, UNKNOWN, eye_states
from ..data.ferplus import EMOTIONS
from ..eval.emotion_figures import accuracy, calibration_gap
from ..train.readout import fit, predict

FACES, SIZE = 3000, 12


def check_readout() -> str:
    """Raises an `AssertionError` where a fit is far from the readout that made the votes."""
    random = np.random.default_rng(4)
    embeddings = random.standard_normal((FACES, SIZE))
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    # A direction in which nothing varies, as the removed style is.
    embeddings[:, 0] = 0
    made = random.standard_normal((len(EMOTIONS), SIZE + 1)) * 3
    shares = predict(made, embeddings)
    votes = np.array([random.multinomial(10, row) for row in shares]) / 10
    found = predict(fit(embeddings, votes, np.full(FACES, 10.0)), embeddings)
    difference = float(np.abs(found - shares).mean())
    assert difference < 0.02, f"shares differ by {difference:.3f} on average"
    assert accuracy(shares, shares) == 1
    gap = calibration_gap(found, votes)
    assert gap < 0.02, f"the gap of calibration is {gap:.3f}"
    # Shares that are too sure must be seen: all of the top one's lead, none of the others.
    sure = np.eye(len(EMOTIONS))[shares.argmax(1)]
    assert calibration_gap(sure, votes) > 0.2, "overconfidence is not seen"
    check_eyes()
    return f"a readout is recovered from votes (mean difference {difference:.3f})"


def check_eyes() -> None:
    """Raises an `AssertionError` where the state of eyes is not that of their lids."""
    lids = [NAMES.index("eyeBlinkLeft"), NAMES.index("eyeBlinkRight")]
    blendshapes = np.zeros((4, len(NAMES)), np.float32)
    # Open, a wink, closed, and closed where no face is.
    blendshapes[1, lids[0]] = 0.9
    blendshapes[2:, lids] = 0.9
    states = eye_states(blendshapes, np.array([1.0, 1.0, 1.0, 0.1]))
    assert states.tolist() == [OPEN, OPEN, CLOSED, UNKNOWN], states
