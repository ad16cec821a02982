"""Sources of scenes: marked pictures of faces, stamps, and backgrounds without faces."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import skimage
import sklearn.datasets

from .cut_outs import CutOutHeads
from .frames import Frames
from .packed import unpack
from .picture_effects import relight


class MarkedPictures:
    """Pictures of one marked face each, as `face_labels` and `drawing_labels` write them."""

    def __init__(self, path: Path):
        with np.load(path) as table:
            self.data, self.starts, self.marks = table["data"], table["starts"], table["marks"]

    def __len__(self) -> int:
        return len(self.marks)

    def picture(self, i: int) -> tuple[np.ndarray, np.ndarray, float]:
        """Returns a BGR picture, its box center and six key points (7×2, pixels), and box size."""
        picture = cv2.imdecode(self.data[self.starts[i] : self.starts[i + 1]], cv2.IMREAD_COLOR)
        height, width = picture.shape[:2]
        mark = self.marks[i]
        points = np.concatenate([mark[1:3], mark[5:]]).reshape(-1, 2) * (width, height)
        size = math.sqrt(mark[3] * width * mark[4] * height)
        return picture, points.astype(np.float32), size

    def encoded_sizes(self) -> np.ndarray:
        """Returns the number of bytes of each picture (N)."""
        return np.diff(self.starts)


class Objects:
    """Pictures without faces, as `objects` packs them."""

    def __init__(self, path: Path):
        with np.load(path) as table:
            backgrounds = unpack(table["backgrounds"], table["backgrounds_starts"])
            stamps = unpack(table["stamps"], table["stamps_starts"])
        self.backgrounds = [cv2.imdecode(d, cv2.IMREAD_COLOR) for d in backgrounds]
        self.stamps = [cv2.imdecode(d, cv2.IMREAD_UNCHANGED) for d in stamps]

    def paste_stamp(
        self, canvas: np.ndarray, rng: np.random.Generator, center: np.ndarray, side: float
    ) -> None:
        """Pastes a random stamp, rotated and mirrored at random, `side` pixels long."""
        picture = self.stamps[rng.integers(len(self.stamps))]
        height, width = picture.shape[:2]
        scale = side / max(height, width)
        angle = float(rng.normal(0, 25))
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, scale)
        if rng.random() < 0.5:
            matrix[:, 0] *= -1
            matrix[:, 2] -= matrix[:, 0] * width
        matrix[:, 2] += np.array(center) - (width / 2, height / 2)
        warped = cv2.warpAffine(picture, matrix, canvas.shape[1::-1], flags=cv2.INTER_AREA)
        alpha = warped[..., 3:].astype(np.float32) / 255
        lit = relight(warped[..., :3], rng).astype(np.float32)
        canvas[:] = canvas + (lit - canvas) * alpha


# Pictures without faces that scikit-image carries; none of them is used by a test of moue.
SKIMAGE_PICTURES = (
    "brick grass gravel coins text page clock_motion motorcycle_left ihc hubble_deep_field rocket "
    "retina moon horse color cell logo chessboard_RGB"
).split()


# Those of them that scikit-image says are CC0 or in the public domain.
FREE_SKIMAGE_PICTURES = (
    "brick grass gravel text clock_motion hubble_deep_field rocket retina horse cell"
).split()


def bundled_backgrounds(only_free: bool = False) -> list[np.ndarray]:
    """Returns the pictures without faces that come with scikit-image and scikit-learn, BGR.

    With `only_free` those whose terms are stated and free: CC0, public domain, and scikit-learn's
    two, which are CC-BY.
    """
    folder = Path(skimage.__file__).parent / "data"
    names = FREE_SKIMAGE_PICTURES if only_free else SKIMAGE_PICTURES
    paths = [next(folder.glob(f"{name}.*g")) for name in names]
    # scikit-learn has two, both photographs, which are rare among the others; six times each.
    paths += sorted(Path(sklearn.datasets.__file__).parent.glob("images/*.jpg")) * 6
    pictures = [cv2.imread(str(p), cv2.IMREAD_COLOR) for p in paths]
    scales = [min(1.0, 420 / min(p.shape[:2])) for p in pictures]
    return [
        cv2.resize(p, None, fx=s, fy=s, interpolation=cv2.INTER_AREA)
        for p, s in zip(pictures, scales, strict=True)
    ]


@dataclass
class SceneSources:
    """What scenes are made from; any may be absent, but there must be some faces.

    Without photos of faces, hard ones and frames scenes have free terms: rendered heads, drawings,
    and backgrounds that may be used for anything.
    """

    faces: MarkedPictures | None = None
    drawings: MarkedPictures | None = None
    objects: Objects | None = None
    heads: CutOutHeads | None = None
    hard: MarkedPictures | None = None
    frames: Frames | None = None

    def are_free(self) -> bool:
        """Returns whether all of it has free terms."""
        return self.faces is None and self.hard is None and self.frames is None


def random_square(picture: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    """Returns a random side×side part of a picture."""
    y, x = (int(rng.integers(0, s - side + 1)) for s in picture.shape[:2])
    return picture[y : y + side, x : x + side]


def random_part(
    pictures: Sequence[np.ndarray], smallest: float, rng: np.random.Generator
) -> np.ndarray:
    """Returns a square of one of the pictures, at least this share of its shorter side."""
    picture = pictures[int(rng.integers(len(pictures)))]
    side = int(min(picture.shape[:2]) * rng.uniform(smallest, 1.0))
    return random_square(picture, side, rng)
