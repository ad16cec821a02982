"""Find the pictures that make the same face.

>>> import moue
>>> for match in moue.find("me.jpg"):
...     print(f"{match.distance:.3f} {match.label}")

A picture is a path, the bytes of a file, a PIL image, or a NumPy array of ``uint8``: RGB, RGBA or gray.
The networks are in the package; nothing is downloaded and nothing is sent anywhere. Calls run on threads
of their own without the GIL, and Ctrl-C ends them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._errors import (
    DeadlineError,
    GalleryBusyError,
    GalleryDamagedError,
    GalleryError,
    GalleryMissingError,
    GalleryReadOnlyError,
    MoueError,
    NetworkError,
    NoFaceError,
    OtherWeightsError,
    PictureError,
    StoreUnreachableError,
)
from ._moue import (
    FINGERPRINT,
    Finder,
    Gallery,
    Store,
    __version__,
    detect,
    detect_many,
    drawing,
    emotions,
    represent,
    timeline,
)
from ._types import Added, Box, Entry, Event, Face, Found, Match, Moment, Person, Timeline

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from typing import Literal

    from typing_extensions import Unpack

    from ._types import Effort, PictureLike, SearchKeywords

__all__ = [
    "FINGERPRINT",
    "Added",
    "Box",
    "DeadlineError",
    "Entry",
    "Event",
    "Face",
    "Finder",
    "Found",
    "Gallery",
    "GalleryBusyError",
    "GalleryDamagedError",
    "GalleryError",
    "GalleryMissingError",
    "GalleryReadOnlyError",
    "Match",
    "Moment",
    "MoueError",
    "NetworkError",
    "NoFaceError",
    "OtherWeightsError",
    "Person",
    "PictureError",
    "Store",
    "StoreUnreachableError",
    "Timeline",
    "__version__",
    "detect",
    "detect_many",
    "drawing",
    "emotions",
    "find",
    "find_faces",
    "find_many",
    "represent",
    "timeline",
]


def find(
    picture: PictureLike,
    gallery: Gallery | Store | str | os.PathLike[str] | None = None,
    *,
    effort: Effort = "thorough",
    cropped: bool = False,
    timeout: float | None = None,
    **search: Unpack[SearchKeywords],
) -> list[Match]:
    """Return the pictures of a gallery that make the face of ``picture``, best first.

    Searched for is the largest face. Without ``gallery`` these are the drawings that come with moue;
    ``"emoji"`` are the face emoji, everything else a ``Gallery`` or its path, a
    ``Store`` or its address. ``search`` are the keywords
    of :meth:`Gallery.search`. Raises :exc:`NoFaceError` if there is no face.
    """
    finder = Finder(gallery, effort=effort, cropped=cropped, **search)
    return finder.find(picture, timeout=timeout)


def find_faces(
    picture: PictureLike,
    gallery: Gallery | Store | str | os.PathLike[str] | None = None,
    *,
    effort: Effort = "thorough",
    timeout: float | None = None,
    **search: Unpack[SearchKeywords],
) -> list[Found]:
    """Return every face of ``picture`` with its expression and its matches."""
    finder = Finder(gallery, effort=effort, **search)
    return finder.find_faces(picture, timeout=timeout)


def find_many(
    pictures: Iterable[PictureLike],
    gallery: Gallery | Store | str | os.PathLike[str] | None = None,
    *,
    effort: Effort = "thorough",
    cropped: bool = False,
    threads: int = 0,
    on_error: Literal["raise", "keep"] = "raise",
    timeout: float | None = None,
    **search: Unpack[SearchKeywords],
) -> list[list[Match] | MoueError | OSError]:
    """Return the matches of many pictures, found on all cores (``threads=0``).

    With ``on_error="keep"`` an exception takes the place of the matches of a picture that has none.
    """
    finder = Finder(gallery, effort=effort, cropped=cropped, **search)
    return finder.find_many(pictures, threads=threads, on_error=on_error, timeout=timeout)
