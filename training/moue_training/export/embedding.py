"""Embeds faces by an exported expression network."""

import cv2
import numpy as np

from ..data.ferplus import load_ferplus, load_triplets
from .litert import LiteRtNetwork


def embed_crops(network: LiteRtNetwork, crops: np.ndarray) -> np.ndarray:
    """Returns the embeddings (N×64) of gray crops (N×H×W u8)."""
    size = network.input_shape[1]
    rows = []
    for crop in crops:
        method = cv2.INTER_AREA if crop.shape[0] > size else cv2.INTER_LINEAR
        x = cv2.resize(crop, (size, size), interpolation=method) / np.float32(127.5) - 1
        rows.append(network.run(x.astype(np.float32).reshape(network.input_shape))[0][0])
    return np.array(rows)


def embed_triplets(network: LiteRtNetwork, split: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns a table (N×64) with the faces of a split's vote triplets, NaN elsewhere.

    With it come the triplets' rows and types.
    """
    rows, types = load_triplets(split)
    images = load_ferplus().images
    table = np.full((len(images), 64), np.nan, np.float32)
    used = np.unique(rows)
    table[used] = embed_crops(network, images[used])
    return table, rows, types
