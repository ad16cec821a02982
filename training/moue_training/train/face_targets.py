"""The detector's targets: a heat map and regressed numbers on three grids.

The heat map of "Objects as Points" (CenterNet, Zhou et al. 2019): a Gaussian around every face
center, whose peak is the positive cell.
"""

import numpy as np

from ..models.face import X_COLUMNS, Y_COLUMNS, FaceNet

# Sizes of faces, as shares of the picture's side, that each grid is responsible for. They overlap,
# so that a face between two sizes is learned by both.
SIZE_RANGES = ((0.05, 0.18), (0.13, 0.42), (0.32, 1.5))
# Within this factor of its range a grid is neither rewarded nor punished for a face.
IGNORE_FACTOR = 1.35
# Standard deviation of the Gaussian in face sizes; half a cell at least. All but the last were
# chosen by hand.
HEAT_SIGMA = 0.13
# Heat from which on a cell learns box and key points too.
MIN_REGRESSION_HEAT = 0.25


def cell_centers() -> np.ndarray:
    """Returns the centers (1344×2: x, y in 0..1) of all cells, the finest grid first."""
    centers = []
    for grid in FaceNet.GRIDS:
        cells = np.stack(np.meshgrid(np.arange(grid), np.arange(grid)), -1).reshape(-1, 2)
        centers.append((cells + 0.5) / grid)
    return np.concatenate(centers).astype(np.float32)


CELL_CENTERS = cell_centers()


def face_targets(faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns heat (1344, -1 where it does not count) and regression targets (1344×17).

    `faces` are rows of 16 as `Scenes` returns them. The first 16 columns are what `FaceNet`
    regresses, NaN where nobody marked it, the last the weight of the cell: 1 / size, so that errors
    count relative to the face.
    """
    heat = np.zeros(len(CELL_CENTERS), np.float32)
    values = np.zeros((len(CELL_CENTERS), 17), np.float32)
    start = 0
    for grid, size_range in zip(FaceNet.GRIDS, SIZE_RANGES, strict=True):
        cells = slice(start, start + grid * grid)
        start += grid * grid
        ignore(faces[faces[:, 15] == 0], CELL_CENTERS[cells], heat[cells])
        for face in faces[faces[:, 15] > 0]:
            add_face(face, grid, size_range, CELL_CENTERS[cells], heat[cells], values[cells])
    values[:, X_COLUMNS] -= CELL_CENTERS[:, :1]
    values[:, Y_COLUMNS] -= CELL_CENTERS[:, 1:]
    return heat, values


def ignore(faces: np.ndarray, centers: np.ndarray, heat: np.ndarray) -> None:
    """Marks the cells of what counts neither way, in place; a face that is there as well counts."""
    for face in faces:
        distances = np.abs(centers - face[:2]).max(1)
        heat[distances < 0.5 * face[2]] = -1


def add_face(
    face: np.ndarray,
    grid: int,
    size_range: tuple[float, float],
    centers: np.ndarray,
    heat: np.ndarray,
    values: np.ndarray,
) -> None:
    """Adds one face to the targets of one grid, in place; `heat` and `values` are its cells."""
    low, high = size_range
    size = face[2]
    distances = np.hypot(*(centers - face[:2]).T)
    if not low <= size <= high:
        if low / IGNORE_FACTOR <= size <= high * IGNORE_FACTOR:
            heat[(distances < 0.35 * size) & (heat == 0)] = -1
        return
    gaussian = np.exp(-((distances / max(HEAT_SIGMA * size, 0.5 / grid)) ** 2) / 2)
    gaussian[distances.argmin()] = 1.0
    # The tail of a Gaussian is background; where two faces meet, the nearer one counts.
    is_better = gaussian > np.maximum(heat, 0.02)
    heat[is_better] = gaussian[is_better]
    chosen = is_better & (gaussian > MIN_REGRESSION_HEAT)
    values[chosen, :16] = np.concatenate([face[:2], [size, size], face[3:15]])
    values[chosen, 16] = 1 / size
