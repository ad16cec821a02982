"""Frontal faces of the research data with their landmarks, to make winks and kisses from."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from .alignment import crop_corners
from .blendshapes import NAMES
from .expression_labels import labels_path
from .eyes import MOST_OPEN
from .face_regions import NOSE_TIP, OUTER_CORNERS, mirrored
from .ferplus import load_ferplus
from .landmarker import crop_matrix
from .sources import FERPLUS, MUXSPACE, UTKFACE, archive_path, decode, picture_names

# Side of the upright pictures, more than twice the network's input.
SIZE = 160
# The landmarker is surer than it need be elsewhere: landmarks, not only blendshapes, are used.
LEAST_PRESENCE = 0.9
# Where between the outer corners of the eyes a frontal face has the tip of its nose.
FRONTAL = (0.36, 0.64)
# The sharper photos of UTKFace and muxspace show fewer closed eyes than FER+, and a little less
# makes a closed eye.
LEAST_CLOSED = {UTKFACE: 0.42, MUXSPACE: 0.42, FERPLUS: 0.5}
# FER+ pictures have 48 pixels; of those with open eyes every second is enough.
FERPLUS_STEP = 2
# Lips that are closed, and neither smile nor kiss.
MOST_JAW_OPEN, MOST_SMILE, MOST_PUCKER = 0.025, 0.15, 0.3


@dataclass
class Portrait:
    """A gray upright picture (160×160 u8), and 478 landmarks (478×2) in its pixels."""

    picture: np.ndarray
    marks: np.ndarray

    def mirror(self) -> "Portrait":
        """Returns the mirror image."""
        return Portrait(self.picture[:, ::-1].copy(), mirrored(self.marks, SIZE))

    def with_picture(self, picture: np.ndarray) -> "Portrait":
        """Returns the same landmarks with another picture."""
        return Portrait(picture, self.marks)


@dataclass
class Labels:
    """What is known of the faces of one source (N each): pictures, key points, landmarks."""

    index: np.ndarray
    points: np.ndarray
    marks: np.ndarray
    shapes: np.ndarray
    presence: np.ndarray

    def usable(self) -> np.ndarray:
        """Returns whether faces (N) are seen clearly and from the front."""
        x = self.marks[:, :, 0].astype(np.float32)
        right, left = (x[:, corner] for corner in OUTER_CORNERS)
        nose = (x[:, NOSE_TIP] - right) / np.maximum(left - right, 1)
        is_frontal = (nose > FRONTAL[0]) & (nose < FRONTAL[1])
        return is_frontal & (self.presence >= LEAST_PRESENCE)

    def blendshape(self, *names: str) -> np.ndarray:
        """Returns blendshapes (N×K) by their names."""
        return self.shapes[:, [NAMES.index(name) for name in names]].astype(np.float32)


class Portraits:
    """The faces whose eyes are open, those whose eyes are closed, and those with closed lips.

    Each is a list of sources and rows, for `load`.
    """

    def __init__(self, crops: Path, shapes: Path):
        self.labels = {s: load_labels(crops, shapes, s) for s in (UTKFACE, MUXSPACE, FERPLUS)}
        self.archives = {s: zipfile.ZipFile(archive_path(s)) for s in (UTKFACE, MUXSPACE)}
        self.names = {s: picture_names(archive) for s, archive in self.archives.items()}
        self.ferplus = load_ferplus()
        self.open, self.closed, self.lips = [], [], []
        for source, labels in self.labels.items():
            usable = labels.usable()
            blinks = labels.blendshape("eyeBlinkLeft", "eyeBlinkRight")
            is_open = usable & (blinks.max(1) < MOST_OPEN)
            if source == FERPLUS:
                usable &= self.ferplus.trainable[labels.index]
                is_open &= usable & (np.arange(len(usable)) % FERPLUS_STEP == 0)
            self.open += rows_of(source, is_open)
            self.closed += rows_of(source, usable & (blinks.min(1) > LEAST_CLOSED[source]))
            if source == UTKFACE:
                self.lips += rows_of(source, usable & has_closed_lips(labels))

    def load(self, which: tuple[int, int]) -> Portrait:
        """Returns a face."""
        source, row = which
        labels = self.labels[source]
        gray, points = self._gray(source, int(labels.index[row])), labels.points[row]
        upright = cv2.getAffineTransform(*crop_corners(points.reshape(-1, 2), SIZE))
        picture = cv2.warpAffine(
            gray, upright, (SIZE, SIZE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        # Landmarks are in pixels of the landmarker's own crop.
        back = cv2.invertAffineTransform(crop_matrix(points))
        marks = apply(upright, apply(back, labels.marks[row, :, :2].astype(np.float64)))
        return Portrait(picture, marks)

    def _gray(self, source: int, index: int) -> np.ndarray:
        if source == FERPLUS:
            own: np.ndarray = self.ferplus.images[index]
            return own
        picture = decode(self.archives[source].read(self.names[source][index]))
        assert picture is not None, "a picture that has a crop can be decoded"
        return cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)


def load_labels(crops: Path, shapes: Path, source: int) -> Labels:
    """Loads what is known of the faces of a source that have a crop and blendshapes."""
    with np.load(crops) as bank:
        own = bank["source"] == source
        index, points = bank["index"][own], bank["points"][own]
    with np.load(labels_path(shapes, source)) as table:
        row_of = {int(i): row for row, i in enumerate(table["index"])}
        known = np.array([int(i) in row_of for i in index])
        rows = [row_of[int(i)] for i in index[known]]
        columns = (table[name][rows] for name in ("marks", "shapes", "presence"))
        return Labels(index[known], points[known], *columns)


def rows_of(source: int, chosen: np.ndarray) -> list[tuple[int, int]]:
    """Returns the source with each chosen row (of N)."""
    return [(source, int(row)) for row in np.flatnonzero(chosen)]


def has_closed_lips(labels: Labels) -> np.ndarray:
    """Returns whether faces (N) have closed lips that neither smile nor kiss."""
    jaw, pucker = labels.blendshape("jawOpen", "mouthPucker").T
    smile = labels.blendshape("mouthSmileLeft", "mouthSmileRight").mean(1)
    return (jaw < MOST_JAW_OPEN) & (smile < MOST_SMILE) & (pucker < MOST_PUCKER)


def apply(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Returns points (N×2) after an affine map (2×3)."""
    moved: np.ndarray = points @ matrix[:, :2].T + matrix[:, 2]
    return moved
