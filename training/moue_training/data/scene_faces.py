"""Random faces that scenes are made from: photos, heads, drawings, covered and changed.

Probabilities were set by hand.
"""

import math
from collections.abc import Sequence

import cv2
import numpy as np

from .cut_outs import CutOutHeads
from .picture_effects import cartoonize, shift_hue, squeeze
from .round_faces import round_face
from .scene_shapes import cover_eyes, fill_ellipse
from .scene_shares import SceneShares
from .scene_sources import MarkedPictures, SceneSources, random_part

# Every fiftieth face is kept for validation.
HELD_OUT_EVERY = 50
# Encoded pictures above this many bytes are video frames, the only ones with surroundings.
FRAME_BYTES = 7000

# A picture, its box center and six key points (7×2, pixels), and the size of its box.
Marked = tuple[np.ndarray, np.ndarray, float]


class SceneFaces:
    """Draws faces at random; every call returns another."""

    def __init__(
        self,
        sources: SceneSources,
        backdrops: Sequence[np.ndarray],
        held_out: bool,
        shares: SceneShares,
    ):
        self.photos, self.hard, self.heads = sources.faces, sources.hard, sources.heads
        self.drawings, self.objects = sources.drawings, sources.objects
        self.backdrops, self.shares = backdrops, shares
        # Without photos of faces most are heads, the others drawings.
        self.heads_share, self.drawings_share = 0.2, shares.drawings
        if sources.faces is None:
            self.heads_share = 1.0 if sources.drawings is None else 0.82
            self.drawings_share = 1.0
        else:
            self.choose_photos(sources.faces, held_out)

    def choose_photos(self, faces: MarkedPictures, held_out: bool) -> None:
        """Sets which of the photos of faces scenes are made from."""
        validation = np.arange(len(faces)) % HELD_OUT_EVERY == 0
        self.pool = np.flatnonzero(validation if held_out else ~validation)
        # Video frames show heads with their surroundings; there are few, so they are drawn more
        # often than by chance.
        frames = self.pool[faces.encoded_sizes()[self.pool] > FRAME_BYTES]
        self.frames = frames if len(frames) else self.pool

    def draw(self, rng: np.random.Generator) -> Marked:
        """Returns a picture of a face, changed at random, with its points and size in pixels."""
        picture, points, size = self.face_or_cut_out(rng)
        if picture.shape[2] == 4:
            backdrop = self.backdrop(rng, picture.shape)
            alpha = picture[..., 3:].astype(np.float32) / 255
            picture = (backdrop + (picture[..., :3] - backdrop) * alpha).astype(np.uint8)
        return picture, points, size

    def backdrop(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Returns one color or a part of a photo (f32) of a picture's height and width."""
        if rng.random() < 0.4:
            return np.full((*shape[:2], 3), rng.integers(0, 256, 3), np.float32)
        part = random_part(self.backdrops, 0.3, rng)
        return cv2.resize(part, shape[1::-1]).astype(np.float32)

    def face_or_cut_out(self, rng: np.random.Generator) -> Marked:
        """Returns a picture of a face; rendered heads and round faces are cut out."""
        kind = rng.random()
        if self.heads is not None and kind < self.heads_share:
            return self.head(rng, self.heads)
        if self.heads_share <= kind < self.heads_share + self.shares.round_faces:
            return round_face(rng)
        if self.hard is not None and kind > 0.9:
            hard = self.hard
            picture, points, size = hard.picture(int(rng.integers(len(hard))))
            return cartoonize(picture, rng) if rng.random() < 0.1 else picture, points, size
        if self.drawings is not None and rng.random() < self.drawings_share:
            picture, points, size = self.drawings.picture(int(rng.integers(len(self.drawings))))
            return shift_hue(picture, rng) if rng.random() < 0.4 else picture, points, size
        if self.photos is None:
            raise ValueError("scenes need photos of faces, rendered heads or drawings")
        return self.photo(rng, self.photos)

    def photo(self, rng: np.random.Generator, faces: MarkedPictures) -> Marked:
        """Returns a photo of a face, drawn over, squeezed or covered at random."""
        pool = self.frames if rng.random() < 0.04 else self.pool
        picture, points, size = faces.picture(int(pool[rng.integers(len(pool))]))
        if rng.random() < 0.1:
            picture = cartoonize(picture, rng)
        if rng.random() < 0.2:
            picture, points, size = squeeze(picture, points, size, rng)
        if rng.random() < self.shares.covered:
            picture = self.occlude(rng, picture, points, size)
        return picture, points, size

    def head(self, rng: np.random.Generator, heads: CutOutHeads) -> Marked:
        """Returns a rendered head; its renderer has covered some, and drawn others."""
        picture, points, size = heads.draw(rng)
        change = rng.random()
        if change < 0.3:
            colors = np.ascontiguousarray(picture[..., :3])
            picture[..., :3] = (cartoonize if change < 0.15 else shift_hue)(colors, rng)
        if self.photos is None and rng.random() < 0.2:
            picture, points, size = squeeze(picture, points, size, rng)
        return picture, points, size

    def occlude(
        self, rng: np.random.Generator, picture: np.ndarray, points: np.ndarray, size: float
    ) -> np.ndarray:
        """Covers part of a face by sunglasses, a mask, a bar or a stamp."""
        picture = picture.copy()
        kind = rng.random()
        # Three fifths in color, the others black.
        color = tuple(int(c) for c in rng.integers(0, 256, 3) * (rng.random() < 0.6))
        if kind < 0.3:
            cover_eyes(picture, points, size, color, rng)
        elif kind < 0.5:
            mouth = points[4] + (0, 0.05 * size)
            axes = (size * rng.uniform(0.5, 0.9), size * rng.uniform(0.35, 0.6))
            fill_ellipse(picture, mouth, axes, color)
        elif self.objects is None or kind < 0.7:
            a = points[0] + size * rng.uniform(-0.6, 0.6, 2)
            b = a + size * rng.uniform(0.15, 0.5, 2)
            cv2.rectangle(picture, tuple(map(int, a)), tuple(map(int, b)), color, -1)
        else:
            # A stamp that comes in from a side, as hands, cups and hats do.
            angle = rng.uniform(0, 2 * math.pi)
            side = size * rng.uniform(0.4, 0.9)
            reach = size * rng.uniform(0.45, 0.7)
            at = points[0] + reach * np.array([math.cos(angle), math.sin(angle)])
            self.objects.paste_stamp(picture, rng, at, side)
        return picture
