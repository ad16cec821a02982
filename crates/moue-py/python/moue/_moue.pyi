import os
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, Final, Literal, final

import numpy as np
import numpy.typing as npt
import pyarrow
from typing_extensions import Self, Unpack

from ._errors import MoueError
from ._types import (
    Added,
    Effort,
    Entry,
    Event,
    Expressions,
    Face,
    Found,
    Match,
    PictureLike,
    SearchKeywords,
    Timeline,
)

__version__: Final[str]
FINGERPRINT: Final[str]
__all__ = [
    "FINGERPRINT",
    "Finder",
    "Gallery",
    "Store",
    "__version__",
    "detect",
    "detect_many",
    "drawing",
    "emotions",
    "represent",
    "timeline",
]

_Path = str | os.PathLike[str]
_Selector = int | _Path | Iterable[int | _Path]
_GalleryLike = Gallery | _Path

def detect(
    picture: PictureLike,
    *,
    effort: Effort = "thorough",
    max_faces: int | None = None,
    timeout: float | None = None,
) -> list[Face]: ...
def detect_many(
    pictures: Iterable[PictureLike],
    *,
    effort: Effort = "thorough",
    max_faces: int | None = None,
    threads: int = 0,
    on_error: Literal["raise", "keep"] = "raise",
    timeout: float | None = None,
) -> list[list[Face] | MoueError | OSError]: ...
def represent(
    pictures: PictureLike | Iterable[PictureLike],
    *,
    effort: Effort = "thorough",
    cropped: bool = False,
    threads: int = 0,
    on_error: Literal["raise", "keep"] = "raise",
    timeout: float | None = None,
) -> Expressions: ...
def emotions(expression: npt.ArrayLike) -> dict[str, float]: ...
def drawing(path: str, size: int = 256) -> npt.NDArray[np.uint8]: ...
def timeline(
    clip: _Path,
    gallery: _GalleryLike | None = None,
    *,
    moments: int = 12,
    max_frames: int = 90000,
    timeout: float | None = None,
    **search: Unpack[SearchKeywords],
) -> Timeline: ...

@final
class Finder:
    def __new__(
        cls,
        gallery: _GalleryLike | Store | None = None,
        *,
        effort: Effort = "thorough",
        cropped: bool = False,
        **search: Unpack[SearchKeywords],
    ) -> Self: ...
    def find(self, picture: PictureLike, *, timeout: float | None = None) -> list[Match]: ...
    def find_faces(self, picture: PictureLike, *, timeout: float | None = None) -> list[Found]: ...
    def find_many(
        self,
        pictures: Iterable[PictureLike],
        *,
        threads: int = 0,
        on_error: Literal["raise", "keep"] = "raise",
        timeout: float | None = None,
    ) -> list[list[Match] | MoueError | OSError]: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class Gallery:
    @staticmethod
    def open(path: _Path, *, write: bool = False) -> Gallery: ...
    @staticmethod
    def create(path: _Path) -> Gallery: ...
    @staticmethod
    def in_memory() -> Gallery: ...
    @staticmethod
    def builtin() -> Gallery: ...
    @staticmethod
    def emoji() -> Gallery: ...
    @property
    def path(self) -> str | None: ...
    @property
    def writable(self) -> bool: ...
    @property
    def fingerprint(self) -> str: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        _class: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
        /,
    ) -> None: ...
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __reduce__(self) -> tuple[Any, ...]: ...
    def add(
        self,
        paths: _Path | Iterable[_Path],
        *,
        tags: Sequence[str] = ...,
        source: str | None = None,
        thumbnails: bool = True,
        effort: Effort = "thorough",
        full_size: bool = False,
        threads: int = 0,
        shard: tuple[int, int] | None = None,
        on_event: Callable[[Event], object] | None = None,
        timeout: float | None = None,
    ) -> Added: ...
    def remove(self, pictures: _Selector) -> int: ...
    def tag(
        self, pictures: _Selector, *, add: Sequence[str] = ..., drop: Sequence[str] = ...
    ) -> int: ...
    def rename(self, pictures: _Selector, label: str, *, caption: str | None = None) -> int: ...
    def hide(self, pictures: _Selector, hidden: bool = True) -> int: ...
    def merge(self, other: _GalleryLike) -> int: ...
    def search(
        self,
        query: npt.ArrayLike,
        *,
        timeout: float | None = None,
        **search: Unpack[SearchKeywords],
    ) -> list[Match]: ...
    def search_many(
        self,
        queries: npt.ArrayLike,
        *,
        threads: int = 0,
        timeout: float | None = None,
        **search: Unpack[SearchKeywords],
    ) -> list[list[Match]]: ...
    def entries(self) -> list[Entry]: ...
    def get_entry(self, id: int) -> Entry | None: ...
    def thumbnail(self, id: int) -> bytes | None: ...
    def to_numpy(self) -> tuple[npt.NDArray[np.uint64], Expressions]: ...
    def to_arrow(self) -> pyarrow.Table: ...
    def _pictures(
        self,
    ) -> list[
        tuple[bytes, str, str, str | None, str | None, list[str], str, bytes | None, list[int]]
    ]: ...
    def _add_rows(self, rows: Sequence[Any], expressions: npt.ArrayLike) -> list[bool]: ...

@final
class Store:
    @staticmethod
    def open(address: str) -> Store: ...
    @staticmethod
    def create(address: str) -> Store: ...
    @property
    def name(self) -> str: ...
    @property
    def exact(self) -> bool: ...
    @property
    def fingerprint(self) -> str: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        _class: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
        /,
    ) -> None: ...
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __reduce__(self) -> tuple[Any, ...]: ...
    def add(
        self,
        paths: _Path | Iterable[_Path],
        *,
        tags: Sequence[str] = ...,
        source: str | None = None,
        thumbnails: bool = True,
        effort: Effort = "thorough",
        threads: int = 0,
        on_event: Callable[[Event], object] | None = None,
        timeout: float | None = None,
    ) -> Added: ...
    def finish_load(self) -> None: ...
    def remove(self, pictures: _Selector) -> int: ...
    def tag(
        self, pictures: _Selector, *, add: Sequence[str] = ..., drop: Sequence[str] = ...
    ) -> int: ...
    def search(
        self,
        query: npt.ArrayLike,
        *,
        timeout: float | None = None,
        **search: Unpack[SearchKeywords],
    ) -> list[Match]: ...
    def entries(self) -> list[Entry]: ...
    def get_entry(self, id: int) -> Entry | None: ...
    def thumbnail(self, id: int) -> bytes | None: ...
    def to_numpy(self) -> tuple[npt.NDArray[np.uint64], Expressions]: ...
    def to_arrow(self) -> pyarrow.Table: ...
