"""Millions of pictures in parts: one Parquet file a part, written by any number of workers.

The unit of work is the part. The SHA-256 of a picture's path decides its part, as ``moue gallery add --shard``
has it, so workers need not talk to each other. A part's file gets its name when it is whole, and a part
whose file is there is not done again: a killed worker's part is simply written again, to the same bytes,
and nothing is in two files.

A picture that kills its worker, by a fault of a decoder or by the memory it needs, is named: the worker that
takes over finds it in the part's journal, tries it once more, and leaves it out if that kills it again.

>>> from moue import parts
>>> parts.write_part(paths, "rows", 0, 16)        # on worker 0, and so on
>>> with moue.Gallery.create("all.moue") as gallery:
...     parts.load("rows", gallery)

Needs the package ``pyarrow``. ``moue.ray`` runs it on Ray.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ._moue import FINGERPRINT, Gallery

if TYPE_CHECKING:
    import pyarrow

    from ._types import Effort

__all__ = ["Part", "Rejected", "load", "part_of", "rejected", "write_part"]

#: Times that a picture may be in work when its worker dies. Once may be the machine's fault.
MAX_DEATHS = 2

#: Pictures that `load` adds in one transaction: each waits for the disk once.
BATCH = 512

DIMENSIONS = 64


class Rejected(NamedTuple):
    """A picture that a part leaves out, and why."""

    path: str
    #: ``no_face``, ``unreadable``, ``failed``, or ``killed``: its worker died of it.
    status: str
    detail: str | None


class Part(NamedTuple):
    """What became of a part."""

    file: Path
    pictures: int
    faces: int
    rejected: list[Rejected]


def part_of(path: str | os.PathLike[str], count: int) -> int:
    """Return the part, from 0, of ``count`` that a path belongs to."""
    return int.from_bytes(hashlib.sha256(os.fsencode(path)).digest()[:4], "little") % count


def write_part(
    paths: Iterable[str | os.PathLike[str]],
    folder: str | os.PathLike[str],
    part: int,
    count: int,
    *,
    effort: Effort = "thorough",
    tags: Iterable[str] = (),
    thumbnails: bool = True,
) -> Part:
    """Read the pictures among ``paths`` that belong to ``part`` of ``count`` into a Parquet file.

    ``paths`` is the whole manifest, the same for every part: files, not folders. The file is
    ``part-00000-of-00016.parquet``; if it is there already, it is read and not written again.
    """
    if not 0 <= part < count:
        raise ValueError(f"there is no part {part} of {count}; parts are counted from 0")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"part-{part:05}-of-{count:05}"
    file = folder / f"{name}.parquet"
    if file.exists():
        return _described(file)
    own = sorted({os.fspath(path) for path in paths if part_of(path, count) == part})
    journal = _Journal(folder / f".{name}.journal")
    gallery = Gallery.in_memory()
    left_out = []
    for path in own:
        if journal.deaths(path) >= MAX_DEATHS:
            left_out.append(Rejected(path, "killed", f"{MAX_DEATHS} workers died of it"))
            continue
        journal.starts(path)
        events: list[Any] = []
        # One thread, one picture at a time: the journal names it exactly, and the cores are shared by
        # workers.
        gallery.add(
            path,
            effort=effort,
            tags=list(tags),
            thumbnails=thumbnails,
            threads=1,
            on_event=events.append,
        )
        bad = (event for event in events if event.status in {"no_face", "unreadable", "failed"})
        left_out.extend(Rejected(event.path, event.status, event.detail) for event in bad)
    _write(gallery, file, left_out)
    journal.remove()
    return _described(file)


class _Journal:
    """The picture that is in work, and how often a worker died of which.

    It is replaced as a whole for each picture: a worker may die at any time.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._deaths: dict[str, int] = {}
        try:
            before = json.loads(file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return
        self._deaths = before["deaths"]
        died_of = before["path"]
        self._deaths[died_of] = self._deaths.get(died_of, 0) + 1

    def deaths(self, path: str) -> int:
        return self._deaths.get(path, 0)

    def starts(self, path: str) -> None:
        # The process is for people who look for the one that hangs.
        text = json.dumps({"path": path, "deaths": self._deaths, "pid": os.getpid()})
        _replace(self._file, text.encode("utf-8", "surrogateescape"))

    def remove(self) -> None:
        self._file.unlink(missing_ok=True)


def _replace(file: Path, content: bytes) -> None:
    """Write a file under another name first: under its own it is whole."""
    # Two workers may do one part at the same time, as after a network's failure.
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    part.write_bytes(content)
    os.replace(part, file)


def _rows(gallery: Gallery) -> Iterator[dict[str, Any]]:
    """Return a row for each face, by path and place, which do not depend on the order of the work."""
    entries = {entry.id: entry for entry in gallery.entries()}
    ids, expressions = gallery.to_numpy()
    by_id = dict(zip(ids.tolist(), expressions))
    for hash, path, label, caption, words, tags, source, looks, faces in sorted(
        gallery._pictures(), key=lambda picture: picture[1]
    ):
        for number, face in enumerate(faces):
            entry = entries[face]
            yield {
                "hash": hash,
                "path": path.encode("utf-8", "surrogateescape"),
                "face": number,
                "label": label,
                "caption": caption,
                "words": words,
                "tags": list(tags),
                "source": source,
                "perceptual_hash": looks,
                "xmin": entry.box.xmin,
                "ymin": entry.box.ymin,
                "width": entry.box.width,
                "height": entry.box.height,
                "score": entry.score,
                "key_points": [number for point in entry.key_points for number in point],
                "time": entry.time,
                "thumbnail": gallery.thumbnail(face),
                "expression": by_id[face],
            }


def _schema() -> pyarrow.Schema:
    import pyarrow as pa

    return pa.schema(
        [
            ("hash", pa.binary(32)),
            # Bytes, as paths are where they need not be UTF-8.
            ("path", pa.binary()),
            ("face", pa.int32()),
            ("label", pa.string()),
            ("caption", pa.string()),
            ("words", pa.string()),
            ("tags", pa.list_(pa.string())),
            ("source", pa.string()),
            ("perceptual_hash", pa.binary(32)),
            ("xmin", pa.float32()),
            ("ymin", pa.float32()),
            ("width", pa.float32()),
            ("height", pa.float32()),
            ("score", pa.float32()),
            ("key_points", pa.list_(pa.float32())),
            ("time", pa.float64()),
            ("thumbnail", pa.binary()),
            ("expression", pa.list_(pa.float32(), DIMENSIONS)),
        ]
    )


def _write(gallery: Gallery, file: Path, left_out: list[Rejected]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    metadata = {
        "moue.part": "1",
        "moue.weights": FINGERPRINT,
        "moue.rejected": json.dumps(sorted(left_out)),
    }
    schema = _schema().with_metadata(metadata)
    table = pa.Table.from_pylist(list(_rows(gallery)), schema=schema)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    _replace(file, sink.getvalue().to_pybytes())


def rejected(file: str | os.PathLike[str]) -> list[Rejected]:
    """Return the pictures that a part's file leaves out."""
    import pyarrow.parquet as pq

    metadata = pq.read_schema(os.fspath(file)).metadata or {}
    return [Rejected(*entry) for entry in json.loads(metadata.get(b"moue.rejected", b"[]"))]


def _described(file: Path) -> Part:
    import pyarrow.parquet as pq

    table = pq.read_table(file, columns=["face"])
    faces = table.column("face").to_pylist()
    return Part(file, faces.count(0), len(faces), rejected(file))


def load(folder: str | os.PathLike[str], gallery: Gallery) -> int:
    """Add the pictures of all parts in ``folder`` to a gallery; return how many were new.

    What is there already is not added again: a load that was interrupted is simply repeated.
    """
    import pyarrow.parquet as pq

    added = 0
    for file in sorted(Path(folder).glob("part-*.parquet")):
        metadata = pq.read_schema(file).metadata or {}
        weights = metadata.get(b"moue.weights", b"").decode()
        if weights != FINGERPRINT:
            raise ValueError(f"{file} was made with other weights ({weights}, not {FINGERPRINT})")
        for pictures in _batches(pq.read_table(file).to_pylist()):
            expressions = [face.pop("expression") for _, faces in pictures for face in faces]
            rows = [_picture(first, faces) for first, faces in pictures]
            added += sum(gallery._add_rows(rows, expressions))
    return added


def _batches(
    rows: list[dict[str, Any]],
) -> Iterator[list[tuple[dict[str, Any], list[dict[str, Any]]]]]:
    """Join the rows of each picture, up to ``BATCH`` pictures at a time."""
    batch: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    for row in rows:
        if row["face"] == 0:
            if len(batch) == BATCH:
                yield batch
                batch = []
            batch.append((row, []))
        batch[-1][1].append(row)
    if batch:
        yield batch


def _picture(first: dict[str, Any], faces: list[dict[str, Any]]) -> _Row:
    return _Row(
        first["hash"],
        os.fsdecode(first["path"]),
        first["label"],
        first["caption"],
        # Parts of before moue read words have no such column.
        first.get("words"),
        first["tags"],
        first["source"],
        first["perceptual_hash"],
        [_face(face) for face in faces],
    )


class _Row(NamedTuple):
    """A picture as the native module takes it."""

    hash: bytes
    path: str
    label: str
    caption: str | None
    words: str | None
    tags: list[str]
    source: str
    perceptual_hash: bytes | None
    faces: list[tuple[Any, ...]]


def _face(row: dict[str, Any]) -> tuple[Any, ...]:
    points = row["key_points"]
    return (
        [row["xmin"], row["ymin"], row["width"], row["height"]],
        row["score"],
        list(zip(points[::2], points[1::2])),
        row["time"],
        row["thumbnail"],
    )
