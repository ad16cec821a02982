"""Runs the program `moue` on pictures and reads its JSON."""

import json
import struct
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

EMBEDDING_SIZE = 64


def run_moue(moue: str, *arguments: str) -> list[dict[str, Any]]:
    """Returns the JSON lines that moue prints; a picture that it cannot read has none."""
    command = [moue, *arguments]
    output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return [json.loads(line) for line in output.splitlines()]


def encode_gray_png(pixels: np.ndarray) -> bytes:
    """Returns a gray picture (H×W u8) as PNG, without OpenCV."""
    height, width = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def encode_all(pictures: Iterable[np.ndarray]) -> list[bytes]:
    """Returns BGR pictures as PNG."""
    contiguous = (np.ascontiguousarray(picture) for picture in pictures)
    return [cv2.imencode(".png", picture)[1].tobytes() for picture in contiguous]


def embed_pictures(
    moue: str, pictures: Sequence[bytes], cropped: bool = False, batch: int = 500
) -> np.ndarray:
    """Returns the embedding of the largest face of each picture (N×64), NaN where there is none.

    `cropped` pictures are faces already and are not searched. A batch is one call of moue.
    """
    return face_table(moue, pictures, lambda face: face["embedding"], cropped, batch)


def emotion_shares(moue: str, pictures: Sequence[bytes], cropped: bool = False) -> np.ndarray:
    """Returns the shares of emotions (N×8) of the same faces, NaN where there is none."""
    return face_table(moue, pictures, lambda face: list(face["emotions"].values()), cropped)


def face_table(
    moue: str,
    pictures: Sequence[bytes],
    values: Callable[[dict[str, Any]], list[float]],
    cropped: bool = False,
    batch: int = 500,
) -> np.ndarray:
    """Returns `values` of the largest face of each picture (N×D), NaN where there is none."""
    rows: dict[int, list[float]] = {}
    flags = ["--cropped"] if cropped else []
    for start in range(0, len(pictures), batch):
        with tempfile.TemporaryDirectory() as folder:
            names = []
            for i, data in enumerate(pictures[start : start + batch], start):
                path = Path(folder) / f"{i}.png"
                path.write_bytes(data)
                names.append(str(path))
            for line in run_moue(moue, "embed", "--json", *flags, *names):
                faces = [f for f in line["faces"] if "embedding" in f]
                if faces:
                    largest = max(faces, key=_area)
                    rows[int(Path(line["picture"]).stem)] = values(largest)
    width = len(next(iter(rows.values()), [0.0] * EMBEDDING_SIZE))
    table = np.full((len(pictures), width), np.nan, np.float32)
    for i, row in rows.items():
        table[i] = row
    return table


def _area(face: dict[str, Any]) -> float:
    return float(face["box"]["width"] * face["box"]["height"])
