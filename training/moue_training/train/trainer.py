"""The training loop of all networks: schedule, averaged weights, logging, checkpoints, resuming."""

import copy
import itertools
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from .checkpoint import load_checkpoint, save_checkpoint

# Weighted terms of the loss by name; their sum is minimized.
Losses = dict[str, torch.Tensor]
LossFunction = Callable[[nn.Module, Any], Losses]
# Figures of the averaged weights on held-out data, by name.
Validation = Callable[[nn.Module], dict[str, float]]

# Decay of the averaged weights: they are a mean of about the last 500 steps.
EMA_DECAY = 0.998
# Steps after which the average has warmed up to a decay of one half; without a warm-up the random
# first weights would stay in it for a thousand steps.
EMA_WARMUP = 20


@dataclass(frozen=True)
class CosineSchedule:
    """Linear warm-up, then cosine decay (Loshchilov and Hutter 2017) to a share of the peak."""

    peak_rate: float
    steps: int
    warmup_steps: int
    final_share: float = 0.0

    def rate_at(self, step: int) -> float:
        """Returns the learning rate of a step (0-based)."""
        warmup = min(1, (step + 1) / self.warmup_steps)
        cosine = 0.5 * (1 + math.cos(math.pi * step / self.steps))
        return self.peak_rate * warmup * (self.final_share + (1 - self.final_share) * cosine)


@dataclass(frozen=True)
class TrainerOptions:
    """Settings of the loop, beside the network, its optimizer and its data.

    After every `epoch_steps` steps the averaged weights are validated and a checkpoint is written.
    """

    checkpoint: Path
    schedule: CosineSchedule
    epoch_steps: int
    seed: int
    # Bounds the step that a batch of unusually large gradients takes; chosen by hand.
    max_gradient_norm: float = 5.0
    # Off where the weights that training starts from are good already.
    ema_warmup: bool = True


def update_average(average: nn.Module, net: nn.Module, decay: float) -> None:
    """Moves the exponential moving average of the weights (Polyak averaging) towards the net's."""
    with torch.no_grad():
        pairs = zip(average.state_dict().values(), net.state_dict().values(), strict=True)
        for kept, new in pairs:
            kept.copy_(kept * decay + new * (1 - decay) if kept.is_floating_point() else new)


class Trainer:
    """Trains a network step by step; resumes from its checkpoint where there is one.

    `average` has the averaged weights, `step` the number of steps done.
    """

    def __init__(self, net: nn.Module, optimizer: Any, options: TrainerOptions):
        self.net, self.optimizer, self.options = net, optimizer, options
        self.average = copy.deepcopy(net)
        self.step = 0
        if options.checkpoint.exists():
            self._resume()

    def fit(
        self,
        batches: Callable[[], Iterable[Any]],
        loss_function: LossFunction,
        validate: Validation,
    ) -> nn.Module:
        """Trains to the end of the schedule; returns the averaged weights.

        `batches` is called once for every epoch and must yield at least as many batches as it has
        steps. Each epoch has a random seed of its own, so that a resumed training draws what an
        uninterrupted one draws.
        """
        start = time.process_time()
        while self.step < self.options.schedule.steps:
            epoch = self.step // self.options.epoch_steps
            torch.manual_seed(self.options.seed * 1000 + epoch)
            losses = self._run_epoch(batches(), loss_function, epoch)
            figures = {name: round(value, 4) for name, value in validate(self.average).items()}
            cpu_seconds = time.process_time() - start
            print(
                f"epoch {epoch + 1} loss {sum(losses.values()):.4f} {_terms(losses)}"
                f"valid {figures} step {self.step} cpu {cpu_seconds:.0f} s",
                flush=True,
            )
            self._save(figures)
        return self.average

    def _run_epoch(
        self, batches: Iterable[Any], loss_function: LossFunction, epoch: int
    ) -> dict[str, float]:
        """Runs to the end of an epoch; returns the mean of each term of the loss."""
        end = min((epoch + 1) * self.options.epoch_steps, self.options.schedule.steps)
        first = self.step
        totals: defaultdict[str, float] = defaultdict(float)
        self.net.train()
        for batch in itertools.islice(batches, end - first):
            for name, value in self._run_step(loss_function(self.net, batch)).items():
                totals[name] += value
        if self.step != end:
            raise RuntimeError(f"the data ended after {self.step - first} of {end - first} steps")
        return {name: total / (end - first) for name, total in totals.items()}

    def _run_step(self, losses: Losses) -> dict[str, float]:
        """Takes one step; returns the terms of the loss as floats."""
        rate = self.options.schedule.rate_at(self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group.get("rate_share", 1.0)
        self.optimizer.zero_grad()
        sum(losses.values(), start=torch.zeros(())).backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), self.options.max_gradient_norm)
        self.optimizer.step()
        update_average(self.average, self.net, self._ema_decay())
        self.step += 1
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _ema_decay(self) -> float:
        if not self.options.ema_warmup:
            return EMA_DECAY
        return min(EMA_DECAY, self.step / (self.step + EMA_WARMUP))

    def _resume(self) -> None:
        state = load_checkpoint(self.options.checkpoint)
        self.net.load_state_dict(state["last"])
        self.average.load_state_dict(state["net"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]

    def _save(self, figures: dict[str, float]) -> None:
        state = {
            "net": self.average.state_dict(),
            "last": self.net.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "valid": figures,
        }
        save_checkpoint(self.options.checkpoint, state)


def _terms(losses: dict[str, float]) -> str:
    """Returns the terms of a loss for the log, nothing where there is but one."""
    if len(losses) == 1:
        return ""
    return "(" + ", ".join(f"{name} {value:.4f}" for name, value in losses.items()) + ") "
