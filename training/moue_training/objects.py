"""Packs pictures without faces, from Debian's packages, for the scenes that the detector learns from.

    apt-get download tuxpaint-stamps-default gcompris-qt-data mate-backgrounds plasma-workspace-wallpapers gnome-backgrounds
    for package in *.deb; do dpkg-deb -x $package unpacked; done
    python -m moue_training.objects unpacked runs/objects.npz

Backgrounds are photographs, of animals, buildings and landscapes, and patterns. Stamps are cut-out photographs of animals, plants, food and things, and hands:
what a detector might take for a face, and what may cover one.
"""

import sys
from pathlib import Path

import cv2
import numpy as np

STAMPS = "animals plants food household hobbies clothes vehicles symbols/alphabets/asl"
# Monuments that are statues, by their number in the package.
STATUES = (26, 28, 32, 38)
# Drawn animals and toys may look human.
LEFT_OUT = ("cartoon", "toys", "dinosaur")


def stamps(root):
    folder = next(root.rglob("tuxpaint/stamps"))
    for kind in STAMPS.split():
        for path in sorted((folder / kind).rglob("*.png")):
            picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
            if picture is None or picture.ndim != 3 or picture.shape[2] != 4 or any(w in str(path) for w in LEFT_OUT):
                continue
            if (picture[..., 3] > 128).mean() > 0.1:
                yield cv2.imencode(".png", shrunk(picture, 140))[1].ravel()


def resources(path):
    """The WebP pictures in a Qt resource file; each says its length itself."""
    data = path.read_bytes()
    at = data.find(b"RIFF")
    while at >= 0:
        length = int.from_bytes(data[at + 4 : at + 8], "little") + 8
        if data[at + 8 : at + 12] == b"WEBP":
            yield np.frombuffer(data[at : at + length], np.uint8)
        at = data.find(b"RIFF", at + 4)


def photographs(root):
    for name, statues in (("farm_animals", ()), ("world_animals", ()), ("monuments", STATUES)):
        for number, data in enumerate(resources(next(root.rglob(f"explore_{name}.rcc")))):
            picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
            if picture is not None and number not in statues:
                yield cv2.imencode(".jpg", shrunk(picture, 480), [cv2.IMWRITE_JPEG_QUALITY, 92])[1].ravel()


def backgrounds(root):
    yield from photographs(root)
    paths = sorted(root.rglob("screenshot.*")) + sorted((root / "usr/share/backgrounds").rglob("*.*"))
    for path in paths:
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if picture is not None and picture.std() > 8:
            yield cv2.imencode(".jpg", shrunk(picture, 420), [cv2.IMWRITE_JPEG_QUALITY, 92])[1].ravel()


def shrunk(picture, side):
    scale = min(1.0, side / max(picture.shape[:2]))
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def main(root, out):
    found = {"stamps": list(stamps(root)), "backgrounds": list(backgrounds(root))}
    table = {}
    for name, pictures in found.items():
        table[name] = np.concatenate(pictures)
        table[f"{name}_starts"] = np.cumsum([0] + [len(p) for p in pictures])
    np.savez(out, **table)
    print({name: len(pictures) for name, pictures in found.items()})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
