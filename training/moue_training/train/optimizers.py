"""Which parameters are trained how: groups for AdamW, and Muon together with AdamW."""

from typing import Any

import torch
from torch import nn

from .muon import Muon


def parameter_groups(
    net: nn.Module, weight_decay: float, base_share: float = 1.0
) -> list[dict[str, Any]]:
    """Returns groups for AdamW; biases and norms do not decay.

    Decay of the scales of norms would shrink activations without making the function simpler.
    The pretrained `base` of a teacher learns at `base_share` of the rate (`rate_share`).
    """
    groups = []
    for is_base in (False, True):
        parameters = [p for n, p in net.named_parameters() if n.startswith("base.") == is_base]
        share = {"rate_share": base_share if is_base else 1.0}
        matrices = [p for p in parameters if p.ndim > 1]
        vectors = [p for p in parameters if p.ndim <= 1]
        groups.append({"params": matrices, "weight_decay": weight_decay, **share})
        groups.append({"params": vectors, "weight_decay": 0.0, **share})
    return [group for group in groups if group["params"]]


class CombinedOptimizer:
    """Several optimizers as one."""

    def __init__(self, *parts: torch.optim.Optimizer):
        self.parts = parts

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """Returns the groups of all parts."""
        return [group for part in self.parts for group in part.param_groups]

    def zero_grad(self) -> None:
        """Clears all gradients."""
        for part in self.parts:
            part.zero_grad()

    def step(self) -> None:
        """Takes a step of each part."""
        for part in self.parts:
            part.step()

    def state_dict(self) -> list[dict[str, Any]]:
        """Returns the states of the parts, in their order."""
        return [part.state_dict() for part in self.parts]

    def load_state_dict(self, states: list[dict[str, Any]]) -> None:
        """Loads what `state_dict` returned."""
        for part, state in zip(self.parts, states, strict=True):
            part.load_state_dict(state)


def student_optimizer(net: nn.Module, rate: float, weight_decay: float) -> CombinedOptimizer:
    """Returns Muon for the matrices inside the student and AdamW for all else.

    As Jordan advises, the first and the last layers, biases and norms are not orthogonalized. A
    matrix with at most three columns is the first layer's.
    """

    def is_inner_matrix(name: str, parameter: torch.Tensor) -> bool:
        is_inner = name.startswith(("blocks", "hidden"))
        return bool(is_inner and parameter.ndim > 1 and parameter.shape[1] > 3)

    named = list(net.named_parameters())
    inner = [p for name, p in named if is_inner_matrix(name, p)]
    rest = [p for name, p in named if not is_inner_matrix(name, p)]
    muon = Muon([{"params": inner}], rate, weight_decay=weight_decay)
    return CombinedOptimizer(muon, torch.optim.AdamW(rest, rate, weight_decay=0.0))
