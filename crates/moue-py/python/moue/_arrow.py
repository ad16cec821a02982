"""Galleries as Arrow tables. Needs the package ``pyarrow``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow

    from ._moue import Gallery, Store

DIMENSIONS = 64


def table(gallery: Gallery | Store) -> pyarrow.Table:
    """Return all faces of a gallery as a table, by id, with the fingerprint in its metadata."""
    import pyarrow as pa

    ids, expressions = gallery.to_numpy()
    entries = {entry.id: entry for entry in gallery.entries()}
    # A picture that another program adds between the two reads is left out.
    known = [row for row, face in enumerate(ids.tolist()) if face in entries]
    faces = [entries[face] for face in ids[known].tolist()]
    flat = pa.array(expressions[known].reshape(-1), pa.float32())
    columns = {
        "id": pa.array([face.id for face in faces], pa.uint64()),
        "picture": pa.array([face.picture for face in faces], pa.uint64()),
        "label": pa.array([face.label for face in faces], pa.string()),
        "path": pa.array([_text(face.path) for face in faces], pa.string()),
        "caption": pa.array([face.caption for face in faces], pa.string()),
        "tags": pa.array([list(face.tags) for face in faces], pa.list_(pa.string())),
        "source": pa.array([face.source for face in faces], pa.string()),
        "time": pa.array([face.time for face in faces], pa.float64()),
        "score": pa.array([face.score for face in faces], pa.float32()),
        "xmin": pa.array([face.box.xmin for face in faces], pa.float32()),
        "ymin": pa.array([face.box.ymin for face in faces], pa.float32()),
        "width": pa.array([face.box.width for face in faces], pa.float32()),
        "height": pa.array([face.box.height for face in faces], pa.float32()),
        "expression": pa.FixedSizeListArray.from_arrays(flat, DIMENSIONS),
    }
    return pa.table(columns).replace_schema_metadata({"moue.weights": gallery.fingerprint})


def _text(path: str) -> str:
    """Return a path that Arrow can store: bytes that are no UTF-8 become escapes."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
