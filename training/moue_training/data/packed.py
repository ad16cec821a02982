"""Encoded pictures of any size in one array, as the `.npz` files of `runs/` store them."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np


def pack(pictures: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Joins encoded pictures (u8 each); returns the bytes and N+1 offsets, the last their end."""
    starts = np.cumsum([0] + [len(p) for p in pictures])
    return np.concatenate(list(pictures)), starts


def unpack(data: np.ndarray, starts: np.ndarray) -> list[np.ndarray]:
    """Returns the encoded pictures that `pack` joined."""
    return [data[a:b] for a, b in pairwise(starts)]
