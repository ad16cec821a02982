"""Accuracy of a network in training, on FER+ validation pictures in the dataset's own framing."""

import numpy as np
import torch
from torch import nn

from ..data.ferplus import EMOTIONS, FerPlus, load_triplets, triplet_accuracy
from ..data.style_samples import clear_rows
from ..models.inference import embed_all, embed_rows

# Enough faces to estimate a covariance and top 3 of, few enough for all their distances.
SPREAD_FACES = 2000


def triplet_scores(net: nn.Module, data: FerPlus, split: str) -> dict[str, float]:
    """Returns the shares of the split's vote triplets that the embeddings of the net get right."""
    rows, types = load_triplets(split)
    return triplet_accuracy(embed_rows(net, data.images, np.unique(rows)), rows, types)


def spread(table: np.ndarray, gallery: np.ndarray) -> tuple[int, float]:
    """Measures how well embeddings (N×64, rows of NaN are left out) use their space.

    Returns the number of dimensions that hold nine tenths of the variance of `table`, and the share
    of the gallery (M×64) that is ever in the top 3 of another of its rows. The rest are anti-hubs.
    """
    table = table[~np.isnan(table[:, 0])]
    values = np.linalg.eigvalsh(np.cov(table.T))[::-1]
    dimensions = int(np.searchsorted(np.cumsum(values) / values.sum(), 0.9)) + 1
    # Of unit vectors the nearest are those with the largest product.
    distances = -gallery @ gallery.T
    np.fill_diagonal(distances, np.inf)
    ever = len(np.unique(np.argsort(distances, axis=1)[:, :3])) / len(gallery)
    return dimensions, ever


def validation_spread(net: nn.Module, data: FerPlus) -> dict[str, float]:
    """Returns the spread of validation faces: `dims` and the share `ever` in a top 3."""
    rows = data.rows("PublicTest")[:SPREAD_FACES]
    table = embed_all(net, torch.from_numpy(data.images[rows]))
    dimensions, ever = spread(table, table)
    return {"dims": dimensions, "ever": ever}


def nearest_shows_same(table: np.ndarray, groups: np.ndarray, shown: np.ndarray) -> float:
    """Returns how often the nearest embedding (N×64) of another group shows the same.

    A row of NaN is wrong, and never the nearest.
    """
    distances = np.linalg.norm(table[:, None] - table[None], axis=2)
    distances[np.isnan(distances)] = np.inf
    distances[groups[:, None] == groups] = np.inf
    right = shown[distances.argmin(1)] == shown
    return float((right & ~np.isnan(table[:, 0])).mean())


def answer_scores(
    net: nn.Module, data: FerPlus, drawings: np.ndarray, drawn_classes: np.ndarray
) -> dict[str, float]:
    """Returns by emotion how often clear validation faces get a drawing of their class first.

    The drawings are gray crops (M×H×W); before the direction of style is removed from the network.
    """
    rows, classes = clear_rows(data, "PublicTest")
    faces = embed_all(net, torch.from_numpy(data.images[rows]))
    first = (faces @ embed_all(net, torch.from_numpy(drawings)).T).argmax(1)
    right = drawn_classes[first] == classes
    return {
        EMOTIONS[number]: float(right[classes == number].mean()) for number in np.unique(classes)
    }
