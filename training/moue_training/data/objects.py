"""Packs pictures without faces, from Debian's packages, for the scenes of the detector.

Backgrounds are photographs of animals, buildings and landscapes, and patterns. Stamps are cut-out
photographs of animals, plants, food, things and hands: what a detector might take for a face, and
what may cover one.
"""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from .packed import pack
from .sources import decode

STAMPS = "animals plants food household hobbies clothes vehicles symbols/alphabets/asl"
# Monuments that are statues, whose heads are faces, by their number in the package; found by eye.
STATUES = (26, 28, 32, 38)
# Drawn animals and toys may have human faces.
EXCLUDED = ("cartoon", "toys", "dinosaur")
# Longest sides in pixels: scenes have 128 or 192, so more would only cost memory.
STAMP_SIZE, PHOTO_SIZE, BACKGROUND_SIZE = 140, 480, 420


def stamps(root: Path) -> Iterator[np.ndarray]:
    """Yields the cut-out photographs (BGRA) of Tux Paint as PNG."""
    folder = next(root.rglob("tuxpaint/stamps"))
    for kind in STAMPS.split():
        for path in sorted((folder / kind).rglob("*.png")):
            picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
            if picture is None or picture.ndim != 3 or picture.shape[2] != 4:
                continue
            if any(word in str(path) for word in EXCLUDED):
                continue
            # What is nearly transparent would be pasted as nothing.
            if (picture[..., 3] > 128).mean() > 0.1:
                yield cv2.imencode(".png", shrink(picture, STAMP_SIZE))[1].ravel()


def webp_pictures(path: Path) -> Iterator[np.ndarray]:
    """Yields the WebP pictures inside a Qt resource file; each RIFF header has its length."""
    data = path.read_bytes()
    at = data.find(b"RIFF")
    while at >= 0:
        length = int.from_bytes(data[at + 4 : at + 8], "little") + 8
        if data[at + 8 : at + 12] == b"WEBP":
            yield np.frombuffer(data[at : at + length], np.uint8)
        at = data.find(b"RIFF", at + 4)


def photographs(root: Path) -> Iterator[np.ndarray]:
    """Yields GCompris' photographs of animals and monuments as JPEG, without the statues."""
    for name, statues in (("farm_animals", ()), ("world_animals", ()), ("monuments", STATUES)):
        resource = next(root.rglob(f"explore_{name}.rcc"))
        for number, data in enumerate(webp_pictures(resource)):
            picture = decode(data)
            if picture is not None and number not in statues:
                yield to_jpeg(shrink(picture, PHOTO_SIZE))


def backgrounds(root: Path) -> Iterator[np.ndarray]:
    """Yields photographs and desktop backgrounds as JPEG."""
    yield from photographs(root)
    paths = sorted(root.rglob("screenshot.*"))
    paths += sorted((root / "usr/share/backgrounds").rglob("*.*"))
    for path in paths:
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
        # A standard deviation of 8 of 255 leaves out what is of one color.
        if picture is not None and picture.std() > 8:
            yield to_jpeg(shrink(picture, BACKGROUND_SIZE))


def to_jpeg(picture: np.ndarray) -> np.ndarray:
    """Encodes a picture as JPEG (u8 bytes)."""
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].ravel()


def shrink(picture: np.ndarray, side: int) -> np.ndarray:
    """Returns the picture, its longer side at most `side` pixels."""
    scale = min(1.0, side / max(picture.shape[:2]))
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def pack_objects(root: Path, out: Path) -> dict[str, int]:
    """Writes stamps and backgrounds of the unpacked packages to `out`; returns their counts."""
    found = {"stamps": list(stamps(root)), "backgrounds": list(backgrounds(root))}
    table = {}
    for name, pictures in found.items():
        table[name], table[f"{name}_starts"] = pack(pictures)
    np.savez(out, allow_pickle=False, **table)
    return {name: len(pictures) for name, pictures in found.items()}
