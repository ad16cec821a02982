"""Moves the landmarks of a face in a picture, piecewise affine (Cootes et al. 2001)."""

import cv2
import numpy as np
from scipy.spatial import Delaunay

# A triangle with less area, in square pixels, covers no pixel: lids that meet make such.
LEAST_AREA = 1e-3


def warp(picture: np.ndarray, source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Returns a gray picture (H×W) with its landmarks (N×2, in pixels) at other places.

    The Delaunay triangles of the landmarks move with them. Outside of all triangles, and where no
    corner moves, the picture stays.
    """
    height, width = picture.shape
    x, y = (grid.astype(np.float32) for grid in np.meshgrid(np.arange(width), np.arange(height)))
    is_moved = np.abs(source - target).max(1) > 1e-6
    for corners in Delaunay(source).simplices:
        if is_moved[corners].any():
            _map_triangle(x, y, target[corners], source[corners])
    return cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _map_triangle(x: np.ndarray, y: np.ndarray, target: np.ndarray, source: np.ndarray) -> None:
    """Writes into the maps (H×W each) from where the pixels of the target triangle (3×2) come."""
    left, top = np.maximum(np.floor(target.min(0)).astype(int), 0)
    right, bottom = np.ceil(target.max(0)).astype(int) + 1
    part = (slice(top, bottom), slice(left, right))
    shape = x[part].shape
    edges = np.stack([target[1] - target[0], target[2] - target[0]], 1)
    if 0 in shape or abs(np.linalg.det(edges)) < LEAST_AREA:
        return
    rows, columns = np.mgrid[top : top + shape[0], left : left + shape[1]]
    pixels = np.stack([columns.ravel(), rows.ravel()]) - target[0][:, None]
    # Barycentric coordinates of the second and the third corner.
    weights = np.linalg.inv(edges) @ pixels
    inside = ((weights >= -1e-6).all(0) & (weights.sum(0) <= 1 + 1e-6)).reshape(shape)
    source_edges = np.stack([source[1] - source[0], source[2] - source[0]], 1)
    from_x, from_y = source[0][:, None] + source_edges @ weights
    x[part][inside] = from_x.reshape(shape)[inside]
    y[part][inside] = from_y.reshape(shape)[inside]
