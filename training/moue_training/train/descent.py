"""Gradient descent of what takes a minute: without validation, checkpoints and averaged weights."""

from collections.abc import Callable, Sequence

import torch
from torch import nn

from .trainer import Losses

# Steps between two lines of the log.
LOGGED = 100


def descend(
    parameters: Sequence[nn.Parameter], rate: float, steps: int, losses_of: Callable[[], Losses]
) -> None:
    """Trains the parameters by Adam, with the cosine schedule; prints the terms of the loss."""
    optimizer = torch.optim.Adam(parameters, lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for step in range(steps):
        losses = losses_of()
        optimizer.zero_grad()
        torch.stack(list(losses.values())).sum().backward()
        optimizer.step()
        schedule.step()
        if step % LOGGED == 0:
            terms = ", ".join(f"{name} {value.item():.3f}" for name, value in losses.items())
            print(f"step {step}: {terms}", flush=True)
