"""Training data of the refiner: the detector's proposals in scenes, and places around faces."""

import math
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import torch
from torch import nn

from ..data.scene_shapes import log_uniform
from ..data.scenes import MAX_FACES
from ..models.refine import RefineNet
from .face_targets import CELL_CENTERS
from .scene_stream import run_network

# Side of a scene in pixels, larger than the detector's input: the refiner is given the picture
# itself.
SCENE_SIZE = 192
DETECTOR_SIZE = 128
INPUT_SIZE = 96
# Intersection over union of a proposal and a face from which on it is one, and up to which it is
# none; what lies between is left out as ambiguous. As usual for region proposals, but lower, since
# the refiner is to correct the box.
FACE_OVERLAP, BACKGROUND_OVERLAP = 0.35, 0.2
# With what counts neither way it may overlap by this much and still be none.
MAX_IGNORED_OVERLAP = 0.1
# Angles of a face in a crop from the vertical, in radians, up to which it counts as upright and
# from which on it is none: the detector is run on turned pictures and must tell which is upright.
UPRIGHT_ANGLE, LYING_ANGLE = 0.8, 1.15
# Proposals with a lower score are nearly all background.
MIN_SCORE = 0.08
# Proposals that overlap more are of the same face.
MAX_OVERLAP = 0.3
# Rolls up to this are noise of the key points, in radians.
MIN_ROLL = 0.15


def make_example(
    picture: np.ndarray, faces: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, int]:
    """Returns a scene, its faces padded with zeros (MAX_FACES×16), and a seed for `examples`."""
    rows = np.zeros((MAX_FACES, 16), np.float32)
    rows[: len(faces)] = faces
    return picture, rows, int(rng.integers(1 << 31))


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Returns the intersection over union of two squares (center x, y, size)."""
    extents = []
    for k in range(2):
        high = min(a[k] + a[2] / 2, b[k] + b[2] / 2)
        low = max(a[k] - a[2] / 2, b[k] - b[2] / 2)
        extents.append(max(0.0, high - low))
    shared = extents[0] * extents[1]
    return float(shared / (a[2] ** 2 + b[2] ** 2 - shared + 1e-9))


def non_maximum_suppression(boxes: np.ndarray, scores: np.ndarray, limit: int) -> list[int]:
    """Returns the indices of the best boxes (N×3) that hardly overlap, the best first."""
    kept: list[int] = []
    for i in np.argsort(-scores):
        if len(kept) == limit or scores[i] < MIN_SCORE:
            break
        if all(overlap(boxes[i], boxes[j]) < MAX_OVERLAP for j in kept):
            kept.append(i)
    return kept


def propose(detector: nn.Module, pictures: np.ndarray, limit: int) -> list[np.ndarray]:
    """Returns the detector's proposals in each scene: rows of center x, y, size (0..1) and roll."""
    size = (DETECTOR_SIZE, DETECTOR_SIZE)
    small = np.stack([cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in pictures])
    rgb = np.ascontiguousarray(small[..., ::-1])
    with torch.no_grad():
        logits, values = run_network(detector, torch.from_numpy(rgb))
    scores = torch.sigmoid(logits.float()).numpy()
    rows = values.float().numpy()
    return [propose_in(score, row, limit) for score, row in zip(scores, rows, strict=True)]


def propose_in(scores: np.ndarray, values: np.ndarray, limit: int) -> np.ndarray:
    """Returns the proposals of one scene, of all cells' scores (1344) and values (1344×16)."""
    # Of 1,344 cells the best 80 are enough for `limit` boxes, and keep suppression fast.
    at = np.argsort(-scores)[:80]
    sizes = np.sqrt(np.clip(values[at, 2:3] * values[at, 3:4], 1e-6, None))
    boxes = np.concatenate([values[at, :2] + CELL_CENTERS[at], sizes], 1)
    eyes = values[at, 6:8] - values[at, 4:6]
    roll = np.arctan2(eyes[:, 1], eyes[:, 0])
    # The direction of eyes that are close together, in profiles, is noise.
    roll[(np.abs(roll) < MIN_ROLL) | (np.hypot(*eyes.T) < 0.2 * boxes[:, 2])] = 0
    kept = non_maximum_suppression(boxes, scores[at], limit)
    return np.concatenate([boxes[kept], roll[kept, None]], 1)


def random_places(faces: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Returns places (N×4) that are no proposals: near each face, beside it, and anywhere.

    The spread of sizes and distances was set by hand.
    """
    rows = []
    for face in faces:
        shift = rng.normal(0, 0.12, 2) * face[2]
        size = face[2] * math.exp(rng.normal(0, 0.18))
        rows.append([*(face[:2] + shift), size, rng.normal(0, 0.12)])
        if rng.random() < 0.5:
            angle = rng.uniform(0, 2 * math.pi)
            size = face[2] * math.exp(rng.uniform(-1.2, 0.8))
            distance = rng.uniform(0.35, 0.9) * max(face[2], size)
            x = face[0] + distance * math.cos(angle)
            y = face[1] + distance * math.sin(angle)
            rows.append([x, y, size, 0])
    for _ in range(2):
        size = log_uniform(rng, 0.1, 0.7)
        rows.append([*rng.uniform(0.1, 0.9, 2), size, 0])
    if len(faces) and rng.random() < 0.4:
        # On a side or upside down, which the refiner must reject.
        face = faces[int(rng.integers(len(faces)))]
        turn = rng.choice([-0.5, 0.5, 1.0]) * math.pi + rng.normal(0, 0.15)
        rows.append([*face[:3], turn])
    return np.array(rows, np.float32).reshape(-1, 4)


def crop(picture: np.ndarray, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the crop (96×96) of a place, upright by its roll, and the matrix from scene to it."""
    x, y, size, roll = place
    scale = INPUT_SIZE / (RefineNet.CONTEXT * max(size, 0.01) * SCENE_SIZE)
    center = (float(x * SCENE_SIZE), float(y * SCENE_SIZE))
    matrix = cv2.getRotationMatrix2D(center, math.degrees(roll), scale)
    matrix[:, 2] += INPUT_SIZE / 2 - np.array([x, y]) * SCENE_SIZE
    if scale < 0.6:
        # Bilinear sampling of much less than the size would alias: areas are averaged first.
        picture = cv2.blur(picture, (int(1 / scale), int(1 / scale)))
    cropped = cv2.warpAffine(picture, matrix, (INPUT_SIZE,) * 2, flags=cv2.INTER_LINEAR)
    return cropped, matrix


def place_target(
    place: np.ndarray, faces: np.ndarray, matrix: np.ndarray
) -> tuple[int, np.ndarray]:
    """Returns a place's kind (1 a face, 0 none, -1 ambiguous) and its 16 regression targets."""
    best, row = 0.0, None
    for face in faces:
        share = overlap(place[:3], face[:3])
        if share > best:
            best, row = share, face
    if row is None or best < BACKGROUND_OVERLAP:
        return 0, np.zeros(16, np.float32)
    points = np.concatenate([row[:2], row[3:15]]).reshape(-1, 2) * SCENE_SIZE
    placed = (points @ matrix[:, :2].T + matrix[:, 2]) / INPUT_SIZE - 0.5
    # From the eyes to the mouth: in a profile the line of the eyes is noise. Where nobody marked
    # them the face stands upright in its frame.
    down = placed[4] - (placed[1] + placed[2]) / 2
    angle = abs(math.atan2(*(matrix[:, 1] if np.isnan(down).any() else down)))
    if angle > LYING_ANGLE:
        return 0, np.zeros(16, np.float32)
    size = row[2] * SCENE_SIZE * math.hypot(matrix[0, 0], matrix[0, 1]) / INPUT_SIZE
    numbers = np.concatenate([placed[0], [size, size], placed[1:].ravel()]).astype(np.float32)
    return (1 if best >= FACE_OVERLAP and angle < UPRIGHT_ANGLE else -1), numbers


def scene_examples(
    picture: np.ndarray, faces: np.ndarray, proposed: np.ndarray, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, int, np.ndarray]]:
    """Yields (crop, kind, regression targets) of the proposals and random places of one scene."""
    # Around three faces only, so that no scene fills the batch.
    is_face = faces[:, 15] > 0
    ignored, faces = faces[~is_face], faces[is_face]
    chosen = rng.permutation(len(faces))[:3]
    for place in np.concatenate([proposed, random_places(faces[chosen], rng)]):
        cropped, matrix = crop(picture, place)
        kind, numbers = place_target(place, faces, matrix)
        if kind == 0 and any(overlap(place[:3], row[:3]) > MAX_IGNORED_OVERLAP for row in ignored):
            continue
        # A few backgrounds are left out: there are more of them than faces.
        if kind == 1 or (kind == 0 and rng.random() < 0.75):
            yield cropped[..., ::-1], kind, numbers


def examples(
    detector: nn.Module, batch: Sequence[torch.Tensor], limit: int = 8
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Returns crops (N×96×96×3 u8 RGB), kinds (N) and regression targets (N×16) of some scenes.

    At most `limit` proposals of each scene are taken.
    """
    pictures, faces, seeds = (t.numpy() for t in batch)
    found: list[tuple[np.ndarray, int, np.ndarray]] = []
    proposals = propose(detector, pictures, limit)
    for picture, rows, seed, proposed in zip(pictures, faces, seeds, proposals, strict=True):
        rng = np.random.default_rng(int(seed))
        found += scene_examples(picture, rows[rows[:, 2] > 0], proposed, rng)
    crops, kinds, numbers = zip(*found, strict=True)
    return (
        torch.from_numpy(np.stack(crops)),
        torch.tensor(kinds),
        torch.from_numpy(np.stack(numbers)),
    )
