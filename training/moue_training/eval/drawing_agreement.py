"""Whether the embeddings of drawings follow their parameters, and faces match their emotion."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..data.ferplus import EMOTIONS, FerPlus
from .metrics import rank_correlation

PAIRS = 40000
# A face is clear if nine of ten annotators agree.
CLEAR_VOTES = 0.9


@dataclass
class DrawingAgreement:
    """Rank correlation across characters, and shares of faces that match their own emotion.

    `by_emotion` has the share and the number of faces of each emotion.
    """

    correlation: float
    own_emotion_first: float
    by_emotion: dict[str, tuple[float, int]]


def clear_rows(data: FerPlus) -> np.ndarray:
    """Returns the FER+ test rows whose votes are clear."""
    rows = data.rows("PrivateTest")
    return rows[data.votes[rows].max(1) >= CLEAR_VOTES]


def drawing_agreement(
    gallery: np.ndarray, rows: list[dict[str, Any]], faces: np.ndarray, votes: np.ndarray
) -> DrawingAgreement:
    """Compares drawings (M×64, described by `rows`) with clear faces (N×64) and votes (N×8)."""
    parameters = np.array([row["blendshapes"] for row in rows], np.float32)
    characters = np.array([row["character"] for row in rows])
    i, j = np.random.default_rng(1).integers(0, len(rows), (2, PAIRS))
    # Drawings of one character are near to each other for other reasons.
    kept = characters[i] != characters[j]
    correlation = rank_correlation(parameters, gallery, i[kept], j[kept])
    emotions = np.array([EMOTIONS.index(row["emotion"]) for row in rows])
    nearest = np.argmin(((faces[:, None] - gallery[None]) ** 2).sum(2), 1)
    leading = votes.argmax(1)
    own = emotions[nearest] == leading
    by_emotion = {
        EMOTIONS[k]: (round(float(own[leading == k].mean()), 2), int((leading == k).sum()))
        for k in np.unique(leading)
    }
    return DrawingAgreement(correlation, float(own.mean()), by_emotion)
