"""Whether people in clips who wink or purse their lips get a drawing that does.

The detector and the refiner learned from these clips; the expression network has seen none.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from ..data.drawn_expressions import NUMBERS, expressions_of_drawings
from ..data.paths import data_root
from .embedders import Embedder
from .metrics import has_embedding
from .style import Labeled


@dataclass(frozen=True)
class Moment:
    """Every `step`-th frame from `first` on, before `end`, of a clip, and what they show."""

    clip: str
    first: int
    end: int
    step: int
    right: tuple[str, ...]


# Seen by eye: one woman who winks twice, one man who purses his lips, some of the time with
# puffed cheeks.
WINKS = (Moment("lp_d3", 6, 22, 2, ("wink",)), Moment("lp_d3", 34, 48, 2, ("wink",)))
KISSES = (
    Moment("lp_d9", 112, 134, 3, ("kiss", "puffed")),
    Moment("lp_d9", 204, 286, 4, ("kiss", "puffed")),
)


def clip_shares(embedder: Embedder, drawings: Labeled) -> Iterator[tuple[str, float]]:
    """Yields, for each expression, in how many frames the nearest drawing shows it."""
    for name, moments in (("winks", WINKS), ("pursed lips", KISSES)):
        shown = np.concatenate([shown_in(moment, embedder, drawings) for moment in moments])
        yield f"clips: {name} ({len(shown)} frames) whose nearest drawing shows it", shown.mean()


def shown_in(moment: Moment, embedder: Embedder, drawings: Labeled) -> np.ndarray:
    """Returns for each frame whether the nearest drawing shows the same; a missed face does not."""
    faces = embedder.pictures(list(frames(moment)))
    nearest = (faces @ drawings.embeddings.T).argmax(1)
    right = [NUMBERS[name] for name in moment.right]
    return has_embedding(faces) & np.isin(expressions_of_drawings(drawings.kinds)[nearest], right)


def frames(moment: Moment) -> Iterator[bytes]:
    """Yields the frames of a moment as PNG."""
    capture = cv2.VideoCapture(str(data_root() / "clips" / f"{moment.clip}.mp4"))
    for i in range(moment.end):
        is_read, frame = capture.read()
        if is_read and i in range(moment.first, moment.end, moment.step):
            yield cv2.imencode(".png", frame)[1].tobytes()
    capture.release()
