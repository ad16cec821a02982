"""Synthetic scenes for the detector: marked faces pasted onto backgrounds (Dwibedi et al. 2017).

Boxes and key points are exact, since the scene is made from them. Probabilities were set by hand.
"""

import cv2
import numpy as np

from .framed_scenes import framed_scene
from .picture_effects import degrade, relight, shuffle_tiles
from .scene_faces import SceneFaces
from .scene_shapes import (
    PlacedFace,
    draw_bars,
    draw_body,
    draw_caption,
    draw_clutter,
    fill_ellipse,
    gradient,
    log_uniform,
)
from .scene_shares import DETECTOR_SHARES, SceneShares
from .scene_sources import SceneSources, bundled_backgrounds, random_part, random_square

# Frames of crowds have more.
MAX_FACES = 16
# How the seven points change places when a face is mirrored.
MIRRORED = [0, 2, 1, 3, 4, 6, 5]


class Scenes:
    """Makes scenes of `size`×`size` pixels; every call returns a new one."""

    def __init__(
        self,
        sources: SceneSources,
        held_out: bool = False,
        size: int = 128,
        shares: SceneShares = DETECTOR_SHARES,
    ):
        self.sources, self.size, self.shares = sources, size, shares
        self.objects, self.frames = sources.objects, sources.frames
        self.backgrounds = bundled_backgrounds(sources.are_free())
        if sources.objects is not None:
            self.backgrounds += sources.objects.backgrounds
        self.photos = sources.frames.photos if sources.frames is not None else []
        backdrops = self.photos or self.backgrounds
        self.faces = SceneFaces(sources, backdrops, held_out, shares)

    def __call__(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Returns a BGR scene and its faces (F×16, in 0..1).

        A row is center x, y, size, the six key points x, y (NaN where nobody marked them), and 1,
        or 0 where it counts neither as a face nor as none.
        """
        faces: list[PlacedFace] = []
        kind, whole = rng.random(), rng.random()
        if self.frames is not None and whole < self.shares.frames:
            canvas, faces = framed_scene(self.frames, self.size, rng)
        elif self.photos and whole > 1 - self.shares.photos:
            canvas = self.everyday_photo(rng)
        elif kind < 0.38:
            canvas = self.single(rng, faces)
        elif kind < 0.8:
            canvas = self.several(rng, faces)
        elif kind < 0.87:
            canvas = self.mosaic(rng, faces)
        else:
            canvas = self.background(rng)
        draw_caption(canvas, rng)
        canvas = degrade(canvas, rng)
        if rng.random() < 0.45:
            faces = draw_bars(canvas, rng, faces)
        rows = [self.row(face) for face in faces]
        # A face whose center is at the border is half outside.
        inside = [r for r in rows if (0.02 < r[0] < 0.98 and 0.02 < r[1] < 0.98) or not r[15]]
        return canvas, np.array(inside[:MAX_FACES], np.float32).reshape(-1, 16)

    def row(self, face: PlacedFace) -> np.ndarray:
        """Returns the row (16) of a face."""
        points = face.points
        numbers = np.concatenate([points[0], [face.size], points[1:].ravel()]) / self.size
        return np.append(numbers, float(face.counts))

    # Backgrounds

    def background(self, rng: np.random.Generator) -> np.ndarray:
        """Returns a scene without a face."""
        canvas = self.plain_background(rng)
        if rng.random() < 0.5:
            draw_clutter(canvas, rng)
        canvas = np.ascontiguousarray(canvas[:, ::-1] if rng.random() < 0.5 else canvas)
        if self.objects is not None and rng.random() < 0.45:
            for _ in range(int(rng.choice([1, 1, 2, 3, 6]))):
                at = rng.uniform(0, self.size, 2)
                side = self.size * log_uniform(rng, 0.12, 1.3)
                self.objects.paste_stamp(canvas, rng, at, side)
        return canvas

    def plain_background(self, rng: np.random.Generator) -> np.ndarray:
        """Returns a part of a photograph, of a face without the face, or a gradient."""
        size = (self.size, self.size)
        kind = rng.random()
        if self.photos and rng.random() < 0.35:
            return self.everyday_photo(rng)
        if kind < 0.45:
            part = random_part(self.backgrounds, 0.15, rng)
            return cv2.resize(part, size, interpolation=cv2.INTER_AREA)
        if kind < 0.60:
            return shuffle_tiles(self.faces.draw(rng)[0], self.size, rng)
        if kind < 0.66:
            # A small part of a face, enlarged: hair, cloth, skin or an eye alone are no faces.
            picture = self.faces.draw(rng)[0]
            side = int(min(picture.shape[:2]) * rng.uniform(0.15, 0.3))
            return cv2.resize(
                random_square(picture, side, rng), size, interpolation=cv2.INTER_CUBIC
            )
        if kind < 0.75:
            # The colors of a face, blurred until no face is left.
            picture = cv2.resize(self.faces.draw(rng)[0], size)
            tiny = cv2.resize(picture, (6, 6), interpolation=cv2.INTER_AREA)
            return cv2.resize(tiny, size, interpolation=cv2.INTER_CUBIC)
        return gradient(rng, self.size)

    def everyday_photo(self, rng: np.random.Generator) -> np.ndarray:
        """Returns a large part of a photo, with animals, most of what is taken for a face."""
        part = random_part(self.photos, 0.3, rng)[:, :: 1 if rng.random() < 0.5 else -1]
        return cv2.resize(part, (self.size, self.size), interpolation=cv2.INTER_AREA)

    # Faces

    def single(self, rng: np.random.Generator, faces: list[PlacedFace]) -> np.ndarray:
        """Returns a scene of one picture, its own surroundings extended to the borders."""
        picture, points, own = self.faces.draw(rng)
        size = self.size * log_uniform(rng, 0.16, 1.0)
        canvas = self.background(rng)
        if size < 0.8 * self.size:
            center = rng.uniform(0.5 * size, self.size - 0.5 * size, 2)
        else:
            center = rng.normal(self.size / 2, 7, 2)
        angle = float(rng.normal(0, 12) if rng.random() < 0.88 else rng.uniform(-50, 50))
        matrix = placement(points, angle, size / own, center)
        borders = (
            cv2.BORDER_REPLICATE,
            cv2.BORDER_REFLECT_101,
            cv2.BORDER_TRANSPARENT,
            cv2.BORDER_CONSTANT,
        )
        border = borders[int(rng.integers(4))]
        # A small picture reflected would show its face again, unmarked.
        if border == cv2.BORDER_REFLECT_101 and size < 0.55 * self.size:
            border = cv2.BORDER_REPLICATE
        picture = relight(picture, rng)
        canvas = cv2.warpAffine(
            picture,
            matrix,
            (self.size, self.size),
            dst=canvas,
            flags=cv2.INTER_AREA,
            borderMode=border,
        )
        faces.append(PlacedFace(transform(points, matrix), size))
        return canvas

    def several(self, rng: np.random.Generator, faces: list[PlacedFace]) -> np.ndarray:
        """Returns a scene with up to six faces that hardly overlap, small ones behind."""
        canvas = self.background(rng)
        count = int(rng.choice([1, 1, 2, 3, 4, 6]))
        largest = 0.6 if count == 1 else 0.36 if count < 4 else 0.2
        places: list[tuple[np.ndarray, float]] = []
        for _ in range(count):
            size = self.size * log_uniform(rng, 0.06, largest)
            center = rng.uniform(0.4 * size, self.size - 0.4 * size, 2)
            if all(np.hypot(*(center - c)) > 0.75 * (size + s) for c, s in places):
                places.append((center, size))
        for center, size in sorted(places, key=lambda place: place[1]):
            self.paste(canvas, rng, PlacedFace(center, size), faces)
        return canvas

    def mosaic(self, rng: np.random.Generator, faces: list[PlacedFace]) -> np.ndarray:
        """Returns a scene of whole pictures in a grid, as contact sheets and video calls are."""
        cells = int(rng.choice([2, 3, 4]))
        side = self.size // cells
        canvas = self.background(rng)
        for y in range(cells):
            for x in range(cells):
                if rng.random() < 0.25 or len(faces) >= MAX_FACES:
                    continue
                picture, points, own = self.faces.draw(rng)
                scale = side / max(picture.shape[:2])
                small = cv2.resize(
                    relight(picture, rng),
                    None,
                    fx=scale,
                    fy=scale,
                    interpolation=cv2.INTER_AREA,
                )
                height, width = small.shape[:2]
                canvas[y * side : y * side + height, x * side : x * side + width] = small
                faces.append(PlacedFace(points * scale + (x * side, y * side), own * scale))
        return canvas

    def paste(
        self,
        canvas: np.ndarray,
        rng: np.random.Generator,
        place: PlacedFace,
        faces: list[PlacedFace],
    ) -> None:
        """Pastes one face; `place` has its center and size. Adds it to `faces`."""
        picture, points, own = self.faces.face_or_cut_out(rng)
        is_tilted = rng.random() < 0.12
        angle = float(rng.uniform(-50, 50) if is_tilted else rng.normal(0, 11))
        scale = place.size / own
        if rng.random() < 0.5:
            picture, points = mirror(picture, points)
        matrix = placement(points, angle, scale, place.points)
        placed = transform(points, matrix)
        if picture.shape[2] == 4:
            mask = picture[..., 3].astype(np.float32) / 255
            picture = np.ascontiguousarray(picture[..., :3])
        else:
            mask = blend_mask(rng, picture, points, own)
        if scale < 0.5:
            picture, mask, matrix = prescale(picture, mask, matrix, 2 * scale)
        picture = relight(picture, rng)
        size = (self.size, self.size)
        warped = cv2.warpAffine(
            picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        alpha = cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_LINEAR)[..., None]
        if rng.random() < 0.5:
            outline = draw_body(canvas, rng, placed, place.size)
            # Faces whose centers the body covers are no longer visible.
            faces[:] = [face for face in faces if not is_inside(face.points[0], outline)]
        canvas[:] = canvas + (warped.astype(np.float32) - canvas) * alpha
        faces.append(PlacedFace(placed, place.size))


def is_inside(point: np.ndarray, outline: np.ndarray) -> bool:
    """Returns whether a point lies inside a polygon or on its edge."""
    return bool(cv2.pointPolygonTest(outline, tuple(map(float, point)), False) >= 0)


def mirror(picture: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mirrors a face; left and right points change places."""
    picture = np.ascontiguousarray(picture[:, ::-1])
    points = points.copy()
    points[:, 0] = picture.shape[1] - points[:, 0]
    return picture, points[MIRRORED]


def placement(points: np.ndarray, angle: float, scale: float, center: np.ndarray) -> np.ndarray:
    """Returns the matrix (2×3) that rotates (degrees), scales and moves a face to `center`."""
    matrix = cv2.getRotationMatrix2D((float(points[0, 0]), float(points[0, 1])), angle, scale)
    matrix[:, 2] += np.array(center) - points[0]
    return matrix


def transform(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Applies an affine matrix (2×3) to points (N×2)."""
    return points @ matrix[:, :2].T + matrix[:, 2]


def prescale(
    picture: np.ndarray, mask: np.ndarray, matrix: np.ndarray, scale: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shrinks picture and mask by area averaging and adapts the matrix.

    Bilinear sampling of less than half the size would skip pixels and alias.
    """
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(mask, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_AREA)
    matrix = matrix.copy()
    matrix[:, :2] @= np.diag([picture.shape[1] / small.shape[1], picture.shape[0] / small.shape[0]])
    return small, mask, matrix


def blend_mask(
    rng: np.random.Generator, picture: np.ndarray, points: np.ndarray, size: float
) -> np.ndarray:
    """Returns the alpha mask (H×W, 0..1) of a face: a soft ellipse, a soft rectangle or all."""
    height, width = picture.shape[:2]
    mask = np.zeros((height, width), np.float32)
    kind = rng.random()
    if kind < 0.55:
        center = points[0] + (0, -0.12 * size)
        axes = size * rng.uniform(0.62, 0.85), size * rng.uniform(0.8, 1.1)
        fill_ellipse(mask, center, (2 * axes[0], 2 * axes[1]), 1.0, cv2.LINE_8)
        blur = size * rng.uniform(0.02, 0.12)
    elif kind < 0.8:
        edge = max(1, int(0.08 * width))
        mask[edge:-edge, edge:-edge] = 1
        blur = size * 0.08
    else:
        mask[:] = 1
        return mask
    # Two box blurs approximate a Gaussian of this width and are faster.
    width = 2 * int(max(blur, 0.5) * 1.2) + 1
    return cv2.blur(cv2.blur(mask, (width, width)), (width, width))
