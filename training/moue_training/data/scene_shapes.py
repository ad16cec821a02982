"""Shapes drawn into scenes: gradients, clutter, captions, occluders, bodies and letterbox bars."""

import math
from typing import NamedTuple

import cv2
import numpy as np

from .picture_effects import noise, random_color


class PlacedFace(NamedTuple):
    """A face in a scene: box center and six key points (7×2) and box size, all in pixels.

    Key points that nobody marked are NaN. What does not count is neither a face nor none.
    """

    points: np.ndarray
    size: float
    counts: bool = True


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Returns a number whose logarithm is uniform, so that small faces are as frequent as large."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def gradient(rng: np.random.Generator, side: int) -> np.ndarray:
    """Returns a grainy gradient between four random colors (side×side×3)."""
    corners = rng.integers(0, 256, (2, 2, 3)).astype(np.uint8)
    canvas = cv2.resize(corners, (side, side), interpolation=cv2.INTER_LINEAR)
    grain = noise(rng, (side // 2, side // 2, 3)) * np.float32(rng.uniform(0, 14))
    return np.clip(canvas + cv2.resize(grain, (side, side)), 0, 255).astype(np.uint8)


def draw_clutter(canvas: np.ndarray, rng: np.random.Generator) -> None:
    """Draws shapes and lines such as furniture, windows and drawings leave in a picture."""
    side = canvas.shape[0]
    for _ in range(int(rng.integers(1, 8))):
        color = random_color(rng)
        a, b = (tuple(int(v) for v in rng.integers(0, side, 2)) for _ in range(2))
        kind = rng.integers(5)
        thickness = int(rng.choice([-1, -1, 1, 2, 4]))
        if kind == 0:
            cv2.rectangle(canvas, a, b, color, thickness)
        elif kind == 1:
            axes = (int(rng.integers(3, 30)), int(rng.integers(3, 30)))
            angle = float(rng.uniform(0, 180))
            cv2.ellipse(canvas, a, axes, angle, 0, 360, color, thickness)
        elif kind == 4:
            draw_rings(canvas, rng, a)
        elif kind == 2:
            cv2.line(canvas, a, b, color, max(1, thickness))
        else:
            draw_text(canvas, rng)


def draw_rings(canvas: np.ndarray, rng: np.random.Generator, center: tuple[int, ...]) -> None:
    """Draws ellipses inside each other, as cups, wheels and plates show them."""
    width = float(rng.uniform(8, 40))
    flatness = float(rng.uniform(0.5, 1.0))
    for share in np.sort(rng.uniform(0.15, 1.0, int(rng.integers(2, 6))))[::-1]:
        color = random_color(rng)
        axes = int(width * share) + 1, int(width * share * flatness) + 1
        angle = float(rng.normal(0, 12))
        cv2.ellipse(canvas, center, axes, angle, 0, 360, color, -1, cv2.LINE_AA)


def draw_text(
    canvas: np.ndarray, rng: np.random.Generator, at: tuple[int, int] | None = None
) -> None:
    """Draws random capitals, white with a black outline, as memes are captioned."""
    words = "".join(chr(int(c)) for c in rng.integers(65, 91, int(rng.integers(3, 14))))
    size = float(rng.uniform(0.3, 0.8))
    place = at or tuple(int(v) for v in rng.integers(0, canvas.shape[0], 2))
    font = cv2.FONT_HERSHEY_DUPLEX
    cv2.putText(canvas, words, place, font, size, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.putText(canvas, words, place, font, size, (255, 255, 255), 1, cv2.LINE_AA)


def draw_body(
    canvas: np.ndarray, rng: np.random.Generator, points: np.ndarray, size: float
) -> np.ndarray:
    """Draws a neck and shoulders in one color below a head; returns their outline (6×2)."""
    down = points[4] - points[0]
    down = down / (np.hypot(*down) + 1e-6)
    side = np.array([-down[1], down[0]])
    neck = points[0] + 0.55 * size * down
    chest = points[0] + 2.6 * size * down
    half_width = size * rng.uniform(0.8, 1.4)
    shoulder = neck + 0.5 * size * down
    corners = [
        neck - 0.3 * size * side,
        neck + 0.3 * size * side,
        shoulder + half_width * side,
        chest + half_width * side,
        chest - half_width * side,
        shoulder - half_width * side,
    ]
    outline = np.array(corners, np.int32)
    cv2.fillPoly(canvas, [outline], random_color(rng), cv2.LINE_AA)
    return outline


def fill_ellipse(
    picture: np.ndarray,
    center: np.ndarray,
    axes: tuple[float, float],
    color: tuple[int, ...] | float,
    line: int = cv2.LINE_AA,
) -> None:
    """Fills an upright ellipse of these full axes, in pixels."""
    cv2.ellipse(picture, (tuple(map(float, center)), axes, 0), color, -1, line)


def cover_eyes(
    picture: np.ndarray,
    points: np.ndarray,
    size: float,
    color: tuple[int, ...],
    rng: np.random.Generator,
) -> None:
    """Draws sunglasses."""
    for eye in points[1:3]:
        width = size * rng.uniform(0.14, 0.22)
        height = size * rng.uniform(0.1, 0.2)
        fill_ellipse(picture, eye, (2 * width, 2 * height), color)


def draw_caption(canvas: np.ndarray, rng: np.random.Generator) -> None:
    """Draws a caption at the top or the bottom of some scenes and a filled rectangle in others."""
    side = canvas.shape[0]
    if rng.random() < 0.2:
        draw_text(canvas, rng, (int(rng.integers(0, 30)), int(rng.choice([14, 122]))))
    if rng.random() < 0.12:
        color = random_color(rng)
        y, x = (int(v) for v in rng.integers(0, side, 2))
        corner = (x + int(rng.integers(4, 40)), y + int(rng.integers(4, 24)))
        cv2.rectangle(canvas, (x, y), corner, color, -1)


def draw_bars(
    canvas: np.ndarray, rng: np.random.Generator, faces: list[PlacedFace]
) -> list[PlacedFace]:
    """Draws black bars as letterboxing leaves them; returns the faces that they do not cover."""
    side = canvas.shape[0]
    width = int(rng.integers(2, 32))
    axis = int(rng.integers(2))
    view = canvas if axis else canvas.swapaxes(0, 1)
    view[:width] = 0
    view[side - width :] = 0

    def is_visible(face: PlacedFace) -> bool:
        margin = width + 0.15 * face.size
        return bool(margin < face.points[0][axis] < side - margin)

    return [face for face in faces if is_visible(face)]
