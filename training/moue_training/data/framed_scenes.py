"""Scenes that are parts of whole pictures, whose faces keep their own surroundings."""

import math

import cv2
import numpy as np

from .frames import Frames
from .picture_effects import shift_hue
from .scene_shapes import PlacedFace, log_uniform

# Sizes of the faces that a part of a frame is chosen for, as shares of the scene's side.
SMALLEST, LARGEST = 0.07, 0.75
# Share of a face's side by which its center may lie outside before nothing of it is seen.
VISIBLE = 0.6


def framed_scene(
    frames: Frames, size: int, rng: np.random.Generator
) -> tuple[np.ndarray, list[PlacedFace]]:
    """Returns a random part of a frame (size×size BGR) and the faces in it, without key points.

    The part is chosen so that a random face has a size whose logarithm is uniform.
    """
    picture, boxes = frames.frame(int(rng.integers(len(frames))))
    height, width = picture.shape[:2]
    boxes = boxes * (width, height, width, height, 1)
    box = boxes[rng.integers(len(boxes))]
    side = math.sqrt(box[2] * box[3])
    wanted = log_uniform(rng, SMALLEST, LARGEST)
    # No more than the frame and a border, as the program sees it; no more than twofold enlarged.
    window = float(np.clip(side / wanted, min(size / 2, width), 1.15 * max(width, height)))
    center = box[:2] + box[2:4] / 2 + rng.uniform(-0.5, 0.5, 2) * max(0.0, window - 1.2 * side)
    # Parts beyond the frame's edges are rare: a window moves inside where it fits.
    center = _inside(center, window, (width, height))
    scale = size / window
    flip = -1.0 if rng.random() < 0.5 else 1.0
    shift = size / 2 - scale * center * (flip, 1)
    matrix = np.array([[scale * flip, 0, shift[0]], [0, scale, shift[1]]])
    # Averages areas where the part shrinks, as the program does.
    if scale < 0.6:
        picture = cv2.blur(picture, (round(1 / scale),) * 2)
    if rng.random() < 0.3:
        picture = shift_hue(picture, rng)
    border = cv2.BORDER_REPLICATE if rng.random() < 0.3 else cv2.BORDER_CONSTANT
    scene = cv2.warpAffine(picture, matrix, (size, size), borderMode=border)
    return scene, placed_faces(boxes, matrix, size)


def _inside(center: np.ndarray, window: float, sides: tuple[int, int]) -> np.ndarray:
    """Returns the center of a window that lies inside, or in the middle of a shorter side."""
    lows = np.minimum(window / 2, np.array(sides) / 2)
    return np.clip(center, lows, np.array(sides) - lows)


def placed_faces(boxes: np.ndarray, matrix: np.ndarray, size: int) -> list[PlacedFace]:
    """Returns the faces of boxes (N×5, pixels) in a scene; those cut off count neither way."""
    faces = []
    scale = abs(matrix[1, 1])
    for box in boxes:
        points = np.full((7, 2), np.nan, np.float32)
        points[0] = matrix[:, :2] @ (box[:2] + box[2:4] / 2) + matrix[:, 2]
        side = scale * math.sqrt(box[2] * box[3])
        if (points[0] < -VISIBLE * side).any() or (points[0] > size + VISIBLE * side).any():
            continue
        is_whole = bool(((points[0] > 0.15 * side) & (points[0] < size - 0.15 * side)).all())
        faces.append(PlacedFace(points, side, bool(box[4]) and is_whole))
    return faces
