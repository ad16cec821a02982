"""How well shares of emotions agree with the votes of annotators."""

from collections.abc import Iterator

import numpy as np

from ..data.ferplus import EMOTIONS

# Faces for which at least so many of ten annotators chose one of the eight emotions.
LEAST_VOTES = 8
# Faces are sorted by the leading share and compared in so many groups of equal size.
CALIBRATION_GROUPS = 10


def accuracy(shares: np.ndarray, votes: np.ndarray) -> float:
    """Returns for how many faces the leading share is of the emotion with the most votes.

    Where two emotions have as many, only the one first in the list counts as right.
    """
    return float((shares.argmax(1) == votes.argmax(1)).mean())


def correlations(shares: np.ndarray, votes: np.ndarray) -> dict[str, float]:
    """Returns Pearson's correlation of shares and votes (N×8) for each emotion."""
    return {
        name: float(np.corrcoef(shares[:, i], votes[:, i])[0, 1]) for i, name in enumerate(EMOTIONS)
    }


def calibration(shares: np.ndarray, votes: np.ndarray, groups: int) -> np.ndarray:
    """Returns for each group of faces the mean leading share and the mean share of votes for it."""
    best = shares.argmax(1)
    rows = np.arange(len(best))
    pairs = np.stack([shares[rows, best], votes[rows, best]], axis=1)
    parts = np.array_split(pairs[np.argsort(pairs[:, 0], kind="stable")], groups)
    return np.array([part.mean(0) for part in parts])


def calibration_gap(shares: np.ndarray, votes: np.ndarray) -> float:
    """Returns the mean difference of the two over `CALIBRATION_GROUPS` groups."""
    table = calibration(shares, votes, CALIBRATION_GROUPS)
    return float(np.abs(table[:, 0] - table[:, 1]).mean())


def recalls(shares: np.ndarray, votes: np.ndarray) -> Iterator[tuple[str, int, float, float]]:
    """Yields for each emotion its number of faces, the share found, and that of hits right."""
    said, voted = shares.argmax(1), votes.argmax(1)
    for i, name in enumerate(EMOTIONS):
        right = int(((said == i) & (voted == i)).sum())
        count = int((voted == i).sum())
        yield name, count, right / max(count, 1), right / max(int((said == i).sum()), 1)
