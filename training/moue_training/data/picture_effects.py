"""Random changes of whole pictures (BGR u8): light, hue, shape, cartoon look, camera and web.

Probabilities and ranges of scenes were set by hand, by looking at what came out beside photographs
and memes; there is no measurement of each.
"""

import math

import cv2
import numpy as np

# Gaussian noise is slow to make, so scenes take slices of this array at random places.
NOISE = np.random.default_rng(5).normal(0, 1, 1 << 20).astype(np.float32)


def noise(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Returns standard Gaussian noise (f32) of this shape."""
    length = int(np.prod(shape))
    start = int(rng.integers(0, len(NOISE) - length))
    return NOISE[start : start + length].reshape(shape)


def random_color(rng: np.random.Generator) -> tuple[int, ...]:
    """Returns a random BGR color."""
    return tuple(int(c) for c in rng.integers(0, 256, 3))


def relight(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Changes contrast, tint and brightness."""
    gain = rng.uniform(0.7, 1.25) * (1 + rng.normal(0, 0.05, 3))
    table = np.arange(256)[:, None] * gain + rng.uniform(-25, 25)
    return cv2.LUT(picture, np.clip(table, 0, 255).astype(np.uint8).reshape(1, 256, 3))


def shift_hue(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Changes hue and saturation at random: drawn faces are yellow, blue and green too."""
    tone = cv2.cvtColor(picture, cv2.COLOR_BGR2HSV)
    tone[..., 0] = (tone[..., 0].astype(np.int32) + int(rng.integers(180))) % 180
    tone[..., 1] = np.clip(tone[..., 1] * rng.uniform(0.6, 1.8), 0, 255)
    return cv2.cvtColor(tone, cv2.COLOR_HSV2BGR)


def cartoonize(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Makes a photo a drawing: bilateral filter, few tones and dark outlines, or outlines only.

    The neighborhood of the adaptive threshold grows with the picture, so that lines do too.
    """
    flat = cv2.bilateralFilter(picture, 5, 60, 5)
    gray = cv2.cvtColor(flat, cv2.COLOR_BGR2GRAY)
    block = 2 * int(max(picture.shape[:2]) / rng.uniform(16, 30)) + 3
    bias = float(rng.uniform(4, 9))
    lines = cv2.adaptiveThreshold(
        gray, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, block, bias
    )
    lines = cv2.cvtColor(lines, cv2.COLOR_GRAY2BGR)
    if rng.random() < 0.25:
        return lines
    step = int(rng.choice([28, 42, 64]))
    posterized = flat // step * step + step // 2
    if rng.random() < 0.5:
        posterized = shift_hue(posterized, rng)
    return np.minimum(posterized, lines) if rng.random() < 0.7 else posterized


def squeeze(
    picture: np.ndarray, points: np.ndarray, size: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, float]:
    """Makes a face narrower or wider, as in heads that turn and in different people."""
    factor = float(rng.uniform(0.75, 1.15))
    picture = cv2.resize(picture, None, fx=factor, fy=1.0, interpolation=cv2.INTER_AREA)
    scaled = points * np.array([factor, 1], np.float32)
    return picture, scaled, size * math.sqrt(factor)


def shuffle_tiles(picture: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    """Cuts a picture into tiles and shuffles them (side×side): skin and hair without a face."""
    tile = int(rng.choice([16, 32]))
    count = side // tile
    picture = cv2.resize(picture, (side, side))
    cells = picture.reshape(count, tile, count, tile, 3).swapaxes(1, 2).reshape(-1, tile, tile, 3)
    cells = cells[rng.permutation(len(cells))]
    rows = cells.reshape(count, count, tile, tile, 3).swapaxes(1, 2)
    # Blurred, so that the net does not learn the edges of tiles as a sign of background.
    return cv2.GaussianBlur(rows.reshape(side, side, 3), (0, 0), float(rng.uniform(0.5, 2.0)))


def degrade(canvas: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Simulates cameras and the web: grayscale, blur, noise, JPEG compression."""
    if rng.random() < 0.2:
        canvas = cv2.cvtColor(cv2.cvtColor(canvas, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if rng.random() < 0.25:
        canvas = cv2.GaussianBlur(canvas, (0, 0), float(rng.uniform(0.3, 1.2)))
    if rng.random() < 0.25:
        grain = noise(rng, canvas.shape) * np.float32(rng.uniform(2, 12))
        canvas = np.clip(canvas + grain, 0, 255).astype(np.uint8)
    if rng.random() < 0.25:
        quality = int(rng.integers(25, 85))
        data = cv2.imencode(".jpg", canvas, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        canvas = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return canvas
