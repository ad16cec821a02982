"""Enumerates the pictures of the research data, source by source."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from .ferplus import load_ferplus
from .paths import data_root

UTKFACE, MUXSPACE, FERPLUS = range(3)
ARCHIVES = {UTKFACE: "utkface/utkface_112_rgb_jpg.zip", MUXSPACE: "muxspace/muxspace_jpg.zip"}

# (index, bytes of the file, suffix of its name)
EncodedPicture = tuple[int, bytes, str]


def archive_path(source: int) -> Path:
    """Returns the path of the zip archive of UTKFace or muxspace."""
    return data_root() / ARCHIVES[source]


def picture_names(archive: zipfile.ZipFile) -> list[str]:
    """Returns the names of an archive's pictures; an index of a picture counts in this order."""
    return sorted(n for n in archive.namelist() if n.endswith(".jpg"))


def archive_pictures(source: int) -> Iterator[EncodedPicture]:
    """Yields every picture of UTKFace or muxspace."""
    with zipfile.ZipFile(archive_path(source)) as archive:
        for i, name in enumerate(picture_names(archive)):
            yield i, archive.read(name), ".jpg"


def ferplus_pictures() -> Iterator[EncodedPicture]:
    """Yields every picture of FER+ as PNG; its index is the FER+ row."""
    for row, image in enumerate(load_ferplus().images):
        yield row, cv2.imencode(".png", image)[1].tobytes(), ".png"


def source_pictures(source: int) -> Iterator[EncodedPicture]:
    """Yields every picture of a source."""
    return ferplus_pictures() if source == FERPLUS else archive_pictures(source)


def decode(data: bytes | np.ndarray) -> np.ndarray | None:
    """Decodes an encoded picture to H×W×3 BGR u8; returns None if it cannot be decoded."""
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
