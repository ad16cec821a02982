"""Lets moue itself find and cut out every face of the research data, once, into one file.

    python -m moue_training.crop_faces --moue ../target/release/moue --out runs/crops.npz

The file holds, for each face, the gray crop as the expression network would see it (`crops`, N×72×72), the
picture it is from (`source` 0 UTKFace, 1 muxspace, 2 FER+; `index` the position or FER+ row) and its six key
points in pixels of that picture (`points`, N×12). Training and use thereby see the same pixels.
"""

import argparse
import json
import subprocess
import tempfile
import zipfile
from pathlib import Path

import cv2
import numpy as np

from .data import data_root, load_ferplus

SIZE = 72
UTKFACE, MUXSPACE, FERPLUS = range(3)


def names_in(archive):
    """The pictures of an archive, in the order of their positions."""
    return sorted(n for n in archive.namelist() if n.endswith(".jpg"))


def zipped(path):
    """(position, file contents, ending) of every picture of an archive."""
    with zipfile.ZipFile(path) as archive:
        for i, name in enumerate(names_in(archive)):
            yield i, archive.read(name), ".jpg"


def ferplus():
    data = load_ferplus()
    for row, image in enumerate(data.images):
        yield row, cv2.imencode(".png", image)[1].tobytes(), ".png"


def sources():
    root = data_root()
    yield UTKFACE, zipped(root / "utkface" / "utkface_112_rgb_jpg.zip")
    yield MUXSPACE, zipped(root / "muxspace" / "muxspace_jpg.zip")
    yield FERPLUS, ferplus()


def batches(pictures, size=1000):
    group = []
    for picture in pictures:
        group.append(picture)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def cut(moue, group):
    """(index, crop, key points) of the largest face of every picture in which moue finds one."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for index, data, ending in group:
            (folder / f"{index}{ending}").write_bytes(data)
        names = [str(folder / f"{index}{ending}") for index, _, ending in group]
        command = [moue, "embed", "--json", "--crops", folder / "seen", "--crop-size", str(SIZE), *names]
        for line in subprocess.run(command, capture_output=True, text=True).stdout.splitlines():
            picture = json.loads(line)
            faces = [(f["box"]["width"], i, f) for i, f in enumerate(picture["faces"]) if "embedding" in f]
            if not faces:
                continue
            _, i, face = max(faces, key=lambda f: f[0])
            stem = Path(picture["picture"]).stem
            crop = cv2.imread(str(folder / "seen" / f"{stem}-{i + 1}.png"), cv2.IMREAD_GRAYSCALE)
            points = np.array(face["key_points"]) * [picture["width"], picture["height"]]
            yield int(stem), crop, points.ravel()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moue", default="moue")
    parser.add_argument("--out", type=Path, default=Path("runs/crops.npz"))
    args = parser.parse_args()
    rows = []
    for source, pictures in sources():
        seen = 0
        for group in batches(pictures):
            seen += len(group)
            rows += [(source, *face) for face in cut(args.moue, group)]
        print(f"source {source}: {sum(r[0] == source for r in rows)} faces in {seen} pictures", flush=True)
    source, index, crops, points = zip(*rows)
    np.savez(args.out, source=np.array(source, np.uint8), index=np.array(index, np.int32), crops=np.stack(crops), points=np.stack(points).astype(np.float32))


if __name__ == "__main__":
    main()
