"""Trains the face detector on scenes made on the fly."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ..models.face import FaceNet
from .checkpoint import load_weights
from .face_targets import face_targets
from .scene_stream import (
    VALIDATION_SEED,
    SceneFiles,
    SceneStream,
    run_network,
    training_batches,
    validation_batches,
    with_unmarked_as_found,
)
from .trainer import CosineSchedule, Losses, Trainer, TrainerOptions

# Pictures (N×128×128×3 u8), heat (N×1344), regression targets (N×1344×17)
Batch = Sequence[torch.Tensor]


@dataclass
class FaceOptions:
    """How to train the detector; defaults are the recipe's, chosen by hand."""

    out: Path
    steps: int = 20000
    batch: int = 64
    rate: float = 2e-3
    seed: int = 1
    start: Path | None = None
    epoch_steps: int = 250
    validation_batches: int = 16


def make_example(
    picture: np.ndarray, faces: np.ndarray, _rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the picture (RGB), heat and regression targets of a scene."""
    heat, values = face_targets(faces)
    return np.ascontiguousarray(picture[..., ::-1]), heat, values


def heat_map_loss(logits: torch.Tensor, heat: torch.Tensor) -> torch.Tensor:
    """Returns the focal loss of CenterNet (Zhou et al. 2019), exponents 2 and 4 as there.

    Cells near a center are punished less; those of heat -1 do not count.
    """
    p = torch.sigmoid(logits).clamp(1e-4, 1 - 1e-4)
    is_center = heat >= 0.999
    count = is_center.sum().clamp(min=1)
    positive = -((1 - p) ** 2 * torch.log(p))[is_center].sum()
    others = (heat >= 0) & ~is_center
    negative = -((1 - heat) ** 4 * p**2 * torch.log(1 - p))[others].sum()
    return (positive + negative) / count


def regression_loss(found: torch.Tensor, values: torch.Tensor, heat: torch.Tensor) -> torch.Tensor:
    """Returns the smooth L1 loss of boxes and, by half, of key points, weighted by heat and 1/size.

    Errors below `beta`, 0.02 of the picture's side, count by their square; chosen by hand.
    """
    weight = values[..., 16] * heat.clamp(min=0)
    wanted = with_unmarked_as_found(values[..., :16], found)
    errors = F.smooth_l1_loss(found, wanted, reduction="none", beta=0.02)
    box, points = errors[..., :4].sum(-1), errors[..., 4:].sum(-1)
    count = (heat.clamp(min=0) * (weight > 0)).sum().clamp(min=1)
    return ((box + 0.5 * points) * weight).sum() / count


def detection_losses(net: nn.Module, batch: Batch) -> Losses:
    """Returns the terms of the loss."""
    pictures, heat, values = batch
    logits, found = (out.float() for out in run_network(net, pictures))
    return {
        "score": heat_map_loss(logits, heat),
        "boxes": regression_loss(found, values, heat),
    }


def validation_losses(net: nn.Module, batches: Sequence[Batch]) -> dict[str, float]:
    """Returns the mean of each term over held-out batches."""
    net.eval()
    with torch.no_grad():
        losses = [detection_losses(net, batch) for batch in batches]
    return {name: float(np.mean([float(each[name]) for each in losses])) for name in losses[0]}


def train_face(files: SceneFiles, options: FaceOptions) -> nn.Module:
    """Trains the detector, or resumes; returns the net with averaged weights."""
    torch.manual_seed(options.seed)
    net = FaceNet().to(memory_format=torch.channels_last)
    if options.start:
        load_weights(net, options.start)
    optimizer = torch.optim.AdamW(net.parameters(), options.rate, weight_decay=0.01)
    # Weights to go on from need less of it, and short trainings have no time for it.
    warmup = min(400, options.steps // 10 + 1)
    trainer_options = TrainerOptions(
        options.out,
        CosineSchedule(options.rate, options.steps, warmup, final_share=0.02),
        options.epoch_steps,
        options.seed,
        max_gradient_norm=10.0,
        ema_warmup=options.start is None,
    )
    trainer = Trainer(net, optimizer, trainer_options)
    held_out = SceneStream(files, make_example, VALIDATION_SEED, held_out=True)
    check = validation_batches(held_out, options.batch, options.validation_batches)
    # A resumed training draws scenes that it has not seen yet.
    seed = options.seed + 1000 * trainer.step
    batches = training_batches(SceneStream(files, make_example, seed), options.batch)
    return trainer.fit(
        lambda: batches, detection_losses, lambda average: validation_losses(average, check)
    )
