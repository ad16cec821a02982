"""Compares an exported file, run by LiteRT, with the PyTorch net that it was made of."""

import numpy as np
import torch
from torch import nn

from .litert import run_litert
from .networks import NetworkKind

# Largest difference as a share of the outputs' range: half-precision weights differ by about 0.001.
MAX_DIFFERENCE = 0.02


def check_parity(kind: NetworkKind, net: nn.Module, data: bytes) -> float:
    """Returns the largest difference of outputs for a random input, as a share of their range.

    Raises an `ArithmeticError` where it is too large for rounding.
    """
    x = torch.randn(1, kind.channels, net.input_size, net.input_size).clamp(-1, 1)
    with torch.no_grad():
        expected = [y.numpy() for y in kind.run(net, x)]
    found = run_litert(data, x.permute(0, 2, 3, 1).contiguous().numpy())
    differences = [
        float(np.abs(a - b).max() / np.ptp(b)) for a, b in zip(found, expected, strict=True)
    ]
    largest = max(differences)
    if largest >= MAX_DIFFERENCE:
        raise ArithmeticError(f"the exported net differs from the trained one by {largest:.1e}")
    return largest
