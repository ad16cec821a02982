"""The Muon optimizer: momentum whose updates are orthogonalized, for matrices of weights.

Jordan et al., "Muon: an optimizer for hidden layers in neural networks" (2024). Updates are scaled
to the size of AdamW's (Liu et al., "Muon is scalable for LLM training", 2025), so that one learning
rate serves both. It needs fewer steps than AdamW here (figures in `training/README.md`).
"""

from collections.abc import Iterable
from typing import Any

import torch

# Coefficients of the quintic Newton–Schulz iteration, from Jordan's text: they bring singular
# values near 1 fastest, not exactly to 1.
A, B, C = 3.4445, -4.7750, 2.0315
ITERATIONS = 5
# Root mean square of AdamW's updates at a rate of 1, measured by Liu et al.
UPDATE_RMS = 0.2


def orthogonalize(matrix: torch.Tensor) -> torch.Tensor:
    """Returns about the nearest matrix whose singular values are all 1 (here 0.7 to 1.2)."""
    is_tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if is_tall else matrix).bfloat16()
    # Singular values must start at 1 or below for the iteration to converge.
    x = x / (x.norm() + 1e-7)
    for _ in range(ITERATIONS):
        square = x @ x.T
        x = A * x + (B * square + C * (square @ square)) @ x
    return (x.T if is_tall else x).to(matrix.dtype)


class Muon(torch.optim.Optimizer):
    """For weights of convolutions and dense layers; a convolution's have one row for each output.

    `momentum` 0.95 (Nesterov) is Jordan's; the decay is decoupled, as in AdamW.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float,
        momentum: float = 0.95,
        weight_decay: float = 0.02,
    ):
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:
        """Updates all weights by their gradients."""
        for group in self.param_groups:
            for weight in group["params"]:
                self._update(weight, group)

    def _update(self, weight: torch.Tensor, group: dict[str, Any]) -> None:
        state = self.state[weight]
        if not state:
            state["momentum"] = torch.zeros_like(weight)
        momentum = state["momentum"]
        momentum.lerp_(weight.grad, 1 - group["momentum"])
        matrix = weight.grad.lerp(momentum, group["momentum"]).flatten(1)
        update = orthogonalize(matrix).view_as(weight)
        weight.mul_(1 - group["lr"] * group["weight_decay"])
        # An orthogonal m×n matrix has a root mean square of 1 / √max(m, n).
        weight.add_(update, alpha=-group["lr"] * UPDATE_RMS * max(matrix.shape) ** 0.5)
