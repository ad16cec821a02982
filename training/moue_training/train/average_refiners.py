"""Averages the weights of refiners of one training (model soups, Wortsman et al. 2022).

A mean of weights has other activations than each of them, so the statistics of batch norm are
estimated anew, as in stochastic weight averaging (Izmailov et al. 2018).
"""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import torch
from torch import nn

from ..models.refine import RefineNet
from .averaging import mean_state
from .checkpoint import load_weights
from .refine import close_up_batches, load_detector, run
from .scene_stream import SceneFiles

# Scenes whose close-ups batch norm is estimated on, and how many at once.
BATCHES, BATCH = 80, 24
SEED = 77


def mean_weights(paths: Sequence[Path], shares: Sequence[float]) -> nn.Module:
    """Returns a refiner whose weights are the weighted mean; shares sum to 1."""
    net = RefineNet()
    states = [load_weights(RefineNet(), path).state_dict() for path in paths]
    net.load_state_dict(mean_state(states, shares))
    return net


def estimate_batch_norm(
    net: nn.Module, detector: Path, files: SceneFiles, batches: int = BATCHES
) -> None:
    """Sets the statistics of batch norm to those of close-ups in scenes."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            # The plain mean over all batches.
            module.momentum = None
    close_ups = close_up_batches(load_detector(detector), files, BATCH, SEED)
    net.train()
    with torch.no_grad():
        for crops, *_ in islice(close_ups, batches):
            run(net, crops)
    net.eval()
