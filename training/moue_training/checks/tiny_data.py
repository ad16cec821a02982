"""Synthetic data for the smoke test: drawn faces in the forms that the trainings read."""

from pathlib import Path

import cv2
import numpy as np

from ..data.ferplus import EMOTIONS, FerPlus
from ..data.packed import pack
from ..train.scene_stream import SceneFiles
from ..train.targets import DIRECTIONS, TargetFaces

# Score, box center and size, then right eye, left eye, nose, mouth and both ears, in 0..1.
MARK = [1.0, 0.5, 0.5, 0.7, 0.7]
MARK += [0.35, 0.4, 0.65, 0.4, 0.5, 0.55, 0.5, 0.7, 0.15, 0.45, 0.85, 0.45]
PARAMETERS = 34


def drawn_face(rng: np.random.Generator, side: int) -> np.ndarray:
    """Returns a face (side×side×3): an ellipse, two eyes, and a mouth of random size."""
    colors = rng.integers(0, 256, (3, 3)).tolist()
    picture = np.full((side, side, 3), colors[0], np.uint8)
    cv2.ellipse(picture, ((side / 2, side / 2), (0.7 * side, 0.8 * side), 0), colors[1], -1)
    for x in (0.35, 0.65):
        cv2.circle(picture, (int(x * side), int(0.4 * side)), side // 16, colors[2], -1)
    mouth = (0.4 * side, float(rng.uniform(0.05, 0.3)) * side)
    cv2.ellipse(picture, ((side / 2, 0.7 * side), mouth, 0), colors[2], -1)
    return picture


def gray_faces(rng: np.random.Generator, count: int, side: int) -> np.ndarray:
    """Returns gray faces (count×side×side u8)."""
    faces = (drawn_face(rng, side) for _ in range(count))
    return np.stack([cv2.cvtColor(face, cv2.COLOR_BGR2GRAY) for face in faces])


def random_votes(rng: np.random.Generator, count: int) -> np.ndarray:
    """Returns vote shares (count×8)."""
    return rng.dirichlet([0.3] * len(EMOTIONS), count).astype(np.float32)


def write_marked(path: Path, rng: np.random.Generator, count: int) -> Path:
    """Writes a file of marked pictures; returns its path."""
    pictures = [cv2.imencode(".jpg", drawn_face(rng, 96))[1].ravel() for _ in range(count)]
    data, starts = pack(pictures)
    np.savez(path, data=data, starts=starts, marks=np.array([MARK] * count, np.float32))
    return path


def write_objects(path: Path, rng: np.random.Generator) -> Path:
    """Writes a file of stamps and backgrounds; returns its path."""
    stamps = [rng.integers(0, 256, (40, 60, 4)).astype(np.uint8) for _ in range(3)]
    photos = [rng.integers(0, 256, (160, 160, 3)).astype(np.uint8) for _ in range(3)]
    table = {}
    for name, pictures in (("stamps", stamps), ("backgrounds", photos)):
        encoded = [cv2.imencode(".png", picture)[1].ravel() for picture in pictures]
        table[name], table[f"{name}_starts"] = pack(encoded)
    np.savez(path, allow_pickle=False, **table)
    return path


def write_scene_files(folder: Path) -> SceneFiles:
    """Writes all files that scenes are made from."""
    rng = np.random.default_rng(1)
    return SceneFiles(
        # One in fifty is held out.
        write_marked(folder / "faces.npz", rng, 101),
        write_marked(folder / "drawings.npz", rng, 10),
        write_objects(folder / "objects.npz", rng),
        (write_heads(folder / "heads.npz", rng),),
        write_without_ears(folder / "hard.npz", rng),
        write_frames(folder / "frames.npz", rng),
    )


def write_heads(path: Path, rng: np.random.Generator, count: int = 6) -> Path:
    """Writes a file of heads with transparency around them; returns its path."""
    pictures = []
    for _ in range(count):
        alpha = cv2.circle(np.zeros((96, 96), np.uint8), (48, 48), 44, 255, -1)
        head = np.concatenate([drawn_face(rng, 96), alpha[..., None]], 2)
        pictures.append(cv2.imencode(".png", head)[1].ravel())
    data, starts = pack(pictures)
    labels = {name: np.zeros(count, int) for name in ("style", "prototype", "group", "covered")}
    pose = np.linspace(-90, 90, count)[:, None] * (1.0, 0.0, 0.0)
    marks = np.array([MARK] * count, np.float32)
    blendshapes = np.zeros((count, 52), np.float32)
    np.savez(
        path,
        allow_pickle=False,
        data=data,
        starts=starts,
        marks=marks,
        blendshapes=blendshapes,
        pose=pose,
        **labels,
    )
    return path


def write_without_ears(path: Path, rng: np.random.Generator) -> Path:
    """Writes a file of marked faces whose ears are not marked; returns its path."""
    write_marked(path, rng, 5)
    with np.load(path) as table:
        tables = dict(table)
    tables["marks"][:, 13:] = np.nan
    np.savez(path, allow_pickle=False, **tables)
    return path


def write_frames(path: Path, rng: np.random.Generator) -> Path:
    """Writes two frames with a face and a box that counts neither way, and a photo."""
    encoded = [cv2.imencode(".jpg", drawn_face(rng, 160))[1].ravel() for _ in range(3)]
    data, starts = pack(encoded[:2])
    photos, photo_starts = pack(encoded[2:])
    boxes = np.array([[0.15, 0.15, 0.7, 0.7, 1], [0.02, 0.02, 0.1, 0.1, 0]] * 2, np.float32)
    np.savez(
        path,
        allow_pickle=False,
        data=data,
        starts=starts,
        boxes=boxes,
        box_starts=np.array([0, 2, 4]),
        photos=photos,
        photo_starts=photo_starts,
    )
    return path


def tiny_ferplus(count: int = 16) -> FerPlus:
    """Returns FER+ rows of which all are trainable."""
    rng = np.random.default_rng(2)
    usage = np.array(["Training"] * count)
    faces = gray_faces(rng, count, 48)
    votes = random_votes(rng, count)
    return FerPlus(faces, votes, usage, np.ones(count, bool), np.full(count, 10.0))


def write_crops(folder: Path, count: int) -> Path:
    """Writes a file of crops without labels; returns its path."""
    rng = np.random.default_rng(3)
    source = np.arange(count) % 2
    path = folder / "crops.npz"
    np.savez(path, source=source, index=np.arange(count), crops=gray_faces(rng, count, 72))
    return path


def tiny_target_sets(count: int = 24) -> dict[str, TargetFaces]:
    """Returns the four sets that the student learns from."""
    rng = np.random.default_rng(4)
    sets = {}
    for name in ("own", "aligned", "unlabeled", "drawings"):
        votes = random_votes(rng, count)
        directions = rng.standard_normal((count, DIRECTIONS)).astype(np.float32)
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        points = np.concatenate([votes**0.35, 0.35 * directions], 1).astype(np.float32)
        sets[name] = TargetFaces(gray_faces(rng, count, 72), votes, points)
    sets["drawings"].parameters = rng.random((count, PARAMETERS)).astype(np.float32)
    sets["drawings"].expressions = np.arange(count) % 3
    return sets
