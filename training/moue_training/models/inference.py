"""Runs networks over many pictures, without gradients."""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from ..data.augment import resize


def run_batches(
    function: Callable[[torch.Tensor], torch.Tensor],
    images: torch.Tensor,
    size: int,
    batch: int = 100,
) -> torch.Tensor:
    """Returns the function's outputs for pictures (u8) resized to size×size in [-1, 1]."""
    parts = []
    with torch.no_grad():
        for i in range(0, len(images), batch):
            parts.append(function(resize(images[i : i + batch], size)))
    return torch.cat(parts)


def embed_all(net: nn.Module, images: torch.Tensor, batch: int = 512) -> np.ndarray:
    """Returns embeddings (N×64) of gray pictures (N×H×W u8), a student's as its export does."""
    net.eval()
    embed = getattr(net, "embed", net)

    def embed_gray(x: torch.Tensor) -> torch.Tensor:
        return embed(x.expand(-1, net.channels, -1, -1))

    return run_batches(embed_gray, images, net.input_size, batch).numpy()


def embed_rows(net: nn.Module, images: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Returns a table (N×64) with the embeddings of these rows of `images`; all others are NaN."""
    table = np.full((len(images), 64), np.nan, np.float32)
    table[rows] = embed_all(net, torch.from_numpy(images[rows]))
    return table
