"""Marks faces that BlazeFace misses by SCRFD: profiles, covered faces and wide expressions.

The file is like that of `face_labels`, without ears, which SCRFD does not mark (NaN).
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .face_labels import encoded_pictures, video_frames
from .packed import pack, unpack
from .paths import data_root
from .scrfd import Scrfd, model_path
from .sources import decode

# The mark's box from SCRFD's, which is a tight rectangle from the hair to the chin. Measured on 400
# rendered heads: shares of its height, and of the nose's distance from the middle of the eyes.
SIZE, DOWN, TOWARDS_NOSE = 0.80, 0.11, 0.18
# Below it, of faces looked at, some were hands and ears.
MIN_SCORE = 0.5
# A picture with another face above this score is left out: only one would be marked.
SECOND_SCORE = 0.3
# Frames of a clip between two that are used.
CLIP_STEP = 3


def mark_of(row: np.ndarray, width: int, height: int) -> np.ndarray:
    """Returns the mark (17, relative) of a face of SCRFD (15) in a picture of this size."""
    pixels = np.array([width, height])
    left_top, right_bottom = row[1:3] * pixels, row[3:5] * pixels
    points = row[5:].reshape(5, 2) * pixels
    tall = right_bottom[1] - left_top[1]
    towards = points[2, 0] - points[:2, 0].mean()
    center = (left_top + right_bottom) / 2 + (TOWARDS_NOSE * towards, DOWN * tall)
    inner = np.concatenate([points[:3], points[3:].mean(0, keepdims=True)])
    mark = np.full(17, np.nan, np.float32)
    mark[0] = row[0]
    mark[1:3], mark[3:5] = center / pixels, SIZE * tall / pixels
    mark[5:13] = (inner / pixels).ravel()
    return mark


def candidates(marked: Path) -> Iterator[tuple[np.ndarray, int]]:
    """Yields pictures that `marked` lacks and those of covered faces and clips, encoded.

    The number with each is how many of its size share an input of the teacher along a side.
    """
    with np.load(marked) as table:
        known = {bytes(picture) for picture in unpack(table["data"], table["starts"])}
    for picture in encoded_pictures():
        if bytes(picture) not in known:
            yield picture, 4
    for path in sorted((data_root() / "masked").iterdir()):
        yield np.frombuffer(path.read_bytes(), np.uint8), 3
    for path in sorted((data_root() / "clips").glob("*.mp4")):
        for frame in video_frames(path, CLIP_STEP):
            yield frame, 2


def with_one_face(
    teacher: Scrfd, encoded: list[np.ndarray], cells: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields those of up to cells² encoded pictures that show one face, each with its mark."""
    decoded = [(data, p) for data in encoded if (p := decode(data)) is not None]
    found = teacher.faces_of([p for _, p in decoded], cells, SECOND_SCORE)
    for (data, picture), rows in zip(decoded, found, strict=True):
        if len(rows) == 1 and rows[0, 0] >= MIN_SCORE:
            yield data, mark_of(rows[0], *picture.shape[1::-1])


def mark_hard_faces(marked: Path, out: Path) -> int:
    """Writes the pictures in which SCRFD sees one face; returns their number."""
    teacher = Scrfd(model_path())
    by_size: dict[int, list[np.ndarray]] = {2: [], 3: [], 4: []}
    for picture, cells in candidates(marked):
        by_size[cells].append(picture)
    marked_ones: list[tuple[np.ndarray, np.ndarray]] = []
    for cells, encoded in by_size.items():
        for start in range(0, len(encoded), cells * cells):
            marked_ones += with_one_face(teacher, encoded[start : start + cells * cells], cells)
    data, starts = pack([picture for picture, _ in marked_ones])
    marks = np.array([mark for _, mark in marked_ones], np.float32)
    np.savez(out, data=data, starts=starts, marks=marks)
    return len(marks)
