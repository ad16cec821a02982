"""How far embeddings move when a picture of a face is changed."""

import csv
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from ..data.paths import data_root
from ..data.sources import UTKFACE, archive_path, decode
from .metrics import has_embedding, nearest_rows
from .moue_cli import embed_pictures, encode_all, run_moue

# A face takes up this share of its picture's side, so that a shifted or turned one stays inside.
FACE_SHARE = 0.5
PICTURE_SIZE = 192
# Smaller faces, in pixels, lose too much in the changes for a fair comparison.
MIN_FACE = 40
# Groups of UTKFace with fewer faces are left out, as are attributes with more values.
MIN_GROUP, MAX_GROUPS = 50, 12

Change = Callable[[np.ndarray], np.ndarray]


def warp(image: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Applies an affine matrix (2×3); borders are extended."""
    size = image.shape[1::-1]
    return cv2.warpAffine(image, matrix, size, borderMode=cv2.BORDER_REPLICATE)


def roll(image: np.ndarray, degrees: float) -> np.ndarray:
    """Rotates a picture about its center."""
    height, width = image.shape[:2]
    return warp(image, cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1))


def shift_and_scale(image: np.ndarray, dx: float, scale: float) -> np.ndarray:
    """Shifts a picture by a share of its width and scales it about its center."""
    height, width = image.shape[:2]
    x = (1 - scale) * width / 2 + dx * width
    y = (1 - scale) * height / 2
    return warp(image, np.array([[scale, 0, x], [0, scale, y]], np.float32))


def recompress(image: np.ndarray) -> np.ndarray:
    """Encodes a picture as JPEG of quality 30 and decodes it."""
    data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 30])[1]
    return cv2.imdecode(data, cv2.IMREAD_COLOR)


def lower_resolution(image: np.ndarray) -> np.ndarray:
    """Reduces a picture to 48 pixels, its face to 24, and enlarges it again."""
    small = cv2.resize(image, (48, 48), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def to_gray(image: np.ndarray) -> np.ndarray:
    """Removes the colors."""
    return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)


CHANGES: dict[str, Change] = {
    "mirror": lambda image: image[:, ::-1],
    "roll +20°": lambda image: roll(image, 20),
    "roll -20°": lambda image: roll(image, -20),
    "shift 15 %": lambda image: shift_and_scale(image, 0.15 * FACE_SHARE, 1),
    "scale +15 %": lambda image: shift_and_scale(image, 0, 1.15),
    "scale -15 %": lambda image: shift_and_scale(image, 0, 0.85),
    "gray": to_gray,
    "JPEG quality 30": recompress,
    "darker": lambda image: (image * 0.5).astype(np.uint8),
    "48 pixels": lower_resolution,
}


def meme_faces(moue: str) -> list[np.ndarray]:
    """Returns each face of the memes in the middle of a picture (192×192), twice its box wide."""
    suffixes = (".jpg", ".png")
    paths = [p for p in (data_root() / "memes").iterdir() if p.suffix in suffixes]
    pictures = []
    for line in run_moue(moue, "detect", "--json", *sorted(map(str, paths))):
        image = cv2.imread(line["picture"])
        if image is None:
            continue
        width, height = line["width"], line["height"]
        for face in line["faces"]:
            box = face["box"]
            side = max(box["width"] * width, box["height"] * height) / FACE_SHARE
            if side * FACE_SHARE < MIN_FACE:
                continue
            x = (box["xmin"] + box["width"] / 2) * width
            y = (box["ymin"] + box["height"] / 2) * height
            pictures.append(centered_crop(image, x, y, side))
    return pictures


def centered_crop(image: np.ndarray, x: float, y: float, side: float) -> np.ndarray:
    """Returns the square of this center and side, scaled to 192 pixels."""
    scale = PICTURE_SIZE / side
    half = PICTURE_SIZE // 2
    matrix = np.array([[scale, 0, half - x * scale], [0, scale, half - y * scale]], np.float32)
    return cv2.warpAffine(
        image,
        matrix,
        (PICTURE_SIZE, PICTURE_SIZE),
        flags=cv2.INTER_AREA,
        borderMode=cv2.BORDER_REPLICATE,
    )


@dataclass
class Robustness:
    """The effect of one change: shares of faces that keep their nearest, distance, share embedded.

    `same_face`: the nearest of all faces before the change is the face itself. `same_drawing`: the
    nearest drawing stays. `distance` is the mean between the embeddings before and after.
    """

    change: str
    same_face: float
    same_drawing: float
    distance: float
    embedded: float


def robustness(moue: str, gallery: np.ndarray) -> tuple[list[Robustness], int]:
    """Returns a row for each change, and the number of faces; `gallery` has drawings (M×64)."""
    pictures = meme_faces(moue)
    before = embed_pictures(moue, encode_all(pictures))
    rows = []
    for name, change in CHANGES.items():
        after = embed_pictures(moue, encode_all(change(picture) for picture in pictures))
        rows.append(compare(name, before, after, gallery))
    return rows, int(has_embedding(before).sum())


def compare(name: str, before: np.ndarray, after: np.ndarray, gallery: np.ndarray) -> Robustness:
    """Compares the embeddings (N×64, NaN where there is none) before and after a change."""
    was_known = has_embedding(before)
    known = was_known & has_embedding(after)
    distances = np.linalg.norm(after[:, None] - before[None], axis=2)
    nearest_face = np.argmin(np.where(np.isnan(distances), np.inf, distances), 1)
    same_face = nearest_face == np.arange(len(before))
    drawings_after = nearest_rows(np.nan_to_num(after), gallery)
    same_drawing = drawings_after == nearest_rows(np.nan_to_num(before), gallery)
    moved = np.linalg.norm(after - before, axis=1)
    return Robustness(
        name,
        float(same_face[known].mean()),
        float(same_drawing[known].mean()),
        float(moved[known].mean()),
        float(known.sum() / max(was_known.sum(), 1)),
    )


def utkface_rows() -> list[dict[str, str]]:
    """Returns UTKFace's table: file, age, gender and race of each picture."""
    with (data_root() / "utkface" / "utkface.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def utkface_groups() -> Iterator[tuple[str, str, list[str]]]:
    """Yields attribute, value and files of each group of people that UTKFace names."""
    rows = utkface_rows()
    for attribute in (name for name in rows[0] if name != "file"):
        members: dict[str, list[str]] = {}
        for row in rows:
            if row[attribute]:
                group = _group_of(attribute, row[attribute])
                members.setdefault(group, []).append(row["file"])
        if len(members) <= MAX_GROUPS:
            for group, files in sorted(members.items()):
                yield attribute, group, files


def _group_of(attribute: str, value: str) -> str:
    """Returns the group of a value; ages come in bands of 20 years."""
    if attribute != "age":
        return value
    low = int(value) // 20 * 20
    return f"{low}-{low + 19}"


def group_rows(moue: str, gallery: np.ndarray, faces: int = 250) -> Iterator[str]:
    """Yields table rows: detection and robustness to mirroring for each group of UTKFace."""
    random = np.random.default_rng(1)
    with zipfile.ZipFile(archive_path(UTKFACE)) as archive:
        for attribute, group, files in utkface_groups():
            if len(files) < MIN_GROUP:
                continue
            chosen = random.choice(files, min(faces, len(files)), replace=False)
            pictures = [archive.read(file) for file in chosen]
            before = embed_pictures(moue, pictures)
            decoded = (decode(data) for data in pictures)
            mirrored = [picture[:, ::-1] for picture in decoded if picture is not None]
            after = embed_pictures(moue, encode_all(mirrored))
            known = has_embedding(before) & has_embedding(after)
            same = nearest_rows(before[known], gallery) == nearest_rows(after[known], gallery)
            moved = np.linalg.norm(before - after, axis=1)[known].mean()
            found = has_embedding(before).mean()
            yield (
                f"| {attribute} {group:<24} | {len(pictures):>4} | {found:.3f} | {same.mean():.3f}"
                f" | {moved:.3f} |"
            )
