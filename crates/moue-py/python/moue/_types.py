"""What moue returns, and the types of what it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import datetime
    import os
    from collections.abc import Sequence
    from typing import Any, Literal, TypedDict, Union

    import numpy as np
    import numpy.typing as npt
    from PIL.Image import Image

    from ._moue import Finder

    PictureLike = Union[
        str, os.PathLike[str], bytes, bytearray, memoryview, Image, npt.NDArray[np.uint8]
    ]
    Expressions = npt.NDArray[np.float32]
    Effort = Literal["live", "thorough"]

    class SearchKeywords(TypedDict, total=False):
        """How many pictures a search returns, which ones, and in which order."""

        limit: int
        varied: bool
        separation: float | None
        slack: float | None
        max_distance: float | None
        min_separation: float | None
        negatives: npt.ArrayLike | None
        tags: str | Sequence[str] | None
        text: str | None
        source: str | None
        since: float | datetime.datetime | None
        until: float | datetime.datetime | None
        emotions: str | Sequence[str] | None
        centered: bool | None


class Box(NamedTuple):
    """A rectangle relative to the picture: 0 is its left or top edge, 1 the right or bottom one."""

    xmin: float
    ymin: float
    width: float
    height: float

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, right and bottom in a picture of this size, as PIL's ``crop`` takes them."""
        return (
            round(self.xmin * width),
            round(self.ymin * height),
            round((self.xmin + self.width) * width),
            round((self.ymin + self.height) * height),
        )


@dataclass(frozen=True, slots=True)
class Face:
    """A face in a picture, in coordinates relative to it."""

    box: Box
    #: How certain the detector is, 0 to 1.
    score: float
    #: Right eye, left eye, nose, mouth, right ear, left ear, each as (x, y); right and left are the
    #: person's own. Empty for a picture that is a face crop already.
    key_points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A picture of a gallery and how far its face is from the one searched for."""

    #: The id of its face.
    id: int
    label: str
    #: Where it is; drawings are called ``builtin:NAME``.
    path: str
    #: Euclidean distance of the expressions, 0 to 2.
    distance: float
    #: 0 to 1, 1 for the same expression: ``max(0, 1 - distance**2 / 2)``, the cosine.
    similarity: float
    #: What matches are ordered by, smaller first.
    score: float
    box: Box
    tags: tuple[str, ...]
    caption: str | None
    #: The character, in the gallery of emoji.
    emoji: str | None
    #: In an animation or video, when the face is seen: seconds from the start.
    time: float | None


@dataclass(frozen=True, slots=True)
class Found:
    """A face of a picture and the pictures that make the same one."""

    face: Face
    matches: list[Match]
    #: ``float32`` of shape (64,) and length 1; ``None`` if the face is too small.
    expression: Expressions | None = field(compare=False, repr=False)
    #: Shares of eight emotions, 0 to 1.
    emotions: dict[str, float] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """A face of a gallery and what is known of its picture."""

    id: int
    #: Faces of one picture share this number.
    picture: int
    label: str
    path: str
    box: Box
    score: float
    key_points: tuple[tuple[float, float], ...]
    time: float | None
    caption: str | None
    source: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """An expressive moment of a clip."""

    #: Seconds from the start.
    time: float
    #: How strong the expression is, 0 to 1.
    strength: float
    #: Its height above the higher of its two valleys.
    prominence: float
    matches: list[Match]
    #: ``float32`` of shape (64,).
    expression: Expressions = field(compare=False, repr=False)
    emotions: dict[str, float] = field(repr=False)
    #: Whose it is, as an index of ``Timeline.people``.
    person: int
    #: Where the face is.
    box: Box = field(repr=False)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in one shot of a clip: a face that was followed, and not recognized."""

    #: Times in seconds of the frames with the face, shape (n,).
    times: npt.NDArray[np.float32] = field(compare=False, repr=False)
    #: How strong each expression is, 0 to 1, shape (n,).
    curve: npt.NDArray[np.float32] = field(compare=False, repr=False)
    #: Shape (n, 64).
    expressions: Expressions = field(compare=False, repr=False)
    #: Left, top, width and height of each face, relative to the frame, shape (n, 4).
    boxes: npt.NDArray[np.float32] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Timeline:
    """The moments of a clip and the people in it."""

    moments: list[Moment]
    #: Number of all frames.
    frames: int
    #: In the order in which they come. After a cut everybody is new.
    people: list[Person]


@dataclass(frozen=True, slots=True)
class Event:
    """What became of a file that was to be added to a gallery."""

    path: str
    status: Literal["added", "known", "moved", "no_face", "unreadable", "failed"]
    #: Number of faces that were added.
    faces: int
    #: Why it was rejected, or which part of it was left out.
    detail: str | None


@dataclass(frozen=True, slots=True)
class Added:
    """How many files were added, and how many were not."""

    added: int
    known: int
    moved: int
    no_face: int
    unreadable: int
    failed: int


def make_finder(gallery: Any, keywords: dict[str, Any]) -> Finder:
    """Make a ``Finder`` again that was pickled."""
    from ._moue import Finder

    return Finder(gallery, **keywords)
