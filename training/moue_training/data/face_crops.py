"""Has moue detect and crop every face of the research data, so that training has its pixels.

The file of crops holds, for each face, the gray crop as the expression network gets it (`crops`,
N×72×72), the picture that it is from (`source`: 0 UTKFace, 1 muxspace, 2 FER+; `index`: position or
FER+ row) and its six key points in pixels of that picture (`points`, N×12).
"""

import json
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np

from .sources import FERPLUS, MUXSPACE, UTKFACE, EncodedPicture, source_pictures

# Larger than the network's input of 64, so that augmentation can zoom in.
CROP_SIZE = 72
# Pictures of one call of moue: few calls, and a command line that no system refuses.
BATCH = 1000


def batches(pictures: Iterable[EncodedPicture], size: int) -> Iterator[list[EncodedPicture]]:
    """Yields lists of `size` pictures, the last one maybe shorter."""
    group = []
    for picture in pictures:
        group.append(picture)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def crop_largest(
    moue: str, group: list[EncodedPicture], size: int = CROP_SIZE
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yields (index, crop, key points) of the largest face of every picture that has one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = []
        for index, data, suffix in group:
            paths.append(folder / f"{index}{suffix}")
            paths[-1].write_bytes(data)
        command = [moue, "embed", "--json", "--crops", str(folder / "seen")]
        command += ["--crop-size", str(size), *map(str, paths)]
        output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        for line in output.splitlines():
            picture = json.loads(line)
            faces = [
                (face["box"]["width"], i, face)
                for i, face in enumerate(picture["faces"])
                if "embedding" in face
            ]
            if not faces:
                continue
            _, i, face = max(faces, key=lambda f: f[0])
            stem = Path(picture["picture"]).stem
            crop = cv2.imread(str(folder / "seen" / f"{stem}-{i + 1}.png"), cv2.IMREAD_GRAYSCALE)
            points = np.array(face["key_points"]) * [picture["width"], picture["height"]]
            yield int(stem), crop, points.ravel()


def write_crops(moue: str, out: Path) -> None:
    """Writes the crops of all three sources to `out`, and prints how many faces were found."""
    rows = []
    for source in (UTKFACE, MUXSPACE, FERPLUS):
        pictures = 0
        for group in batches(source_pictures(source), BATCH):
            pictures += len(group)
            rows += [(source, *face) for face in crop_largest(moue, group)]
        faces = sum(row[0] == source for row in rows)
        print(f"source {source}: {faces} faces in {pictures} pictures", flush=True)
    sources, index, crops, points = zip(*rows, strict=True)
    np.savez(
        out,
        source=np.array(sources, np.uint8),
        index=np.array(index, np.int32),
        crops=np.stack(crops),
        points=np.stack(points).astype(np.float32),
    )
