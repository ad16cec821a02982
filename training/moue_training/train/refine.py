"""Trains the refiner on the detector's proposals in scenes, which include its mistakes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from ..data.scene_shares import SceneShares
from ..models.face import FaceNet
from ..models.refine import RefineNet
from .checkpoint import load_weights
from .proposals import SCENE_SIZE, examples, make_example
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

# It tells faces from what the detector takes for faces: letters, limbs and animals of cartoons and
# photos. With the detector's shares fewer faces of cartoons are found at the same precision.
REFINER_SHARES = SceneShares(frames=0.36, photos=0.16, covered=0.25, round_faces=0.06)
# Crops (N×96×96×3 u8), kinds (N: 1 a face, 0 none), regression targets (N×16)
Batch = Sequence[torch.Tensor]
# Weights of box, of eyes, nose and mouth, and of the ears: the crop of the expression network
# depends on the eyes most, and ears are often hidden.
NUMBER_WEIGHTS = [1.0] * 4 + [4.0] * 8 + [0.7] * 4
# Of the score beside the regression, chosen by hand: places are exact long before scores are.
SCORE_WEIGHT = 8


@dataclass
class RefineOptions:
    """How to train the refiner; defaults are the recipe's, chosen by hand."""

    detector: Path
    out: Path
    steps: int = 4000
    # Scenes; each gives about eleven examples.
    batch: int = 24
    rate: float = 2e-3
    seed: int = 1
    start: Path | None = None
    epoch_steps: int = 250
    validation_batches: int = 8


def score_loss(logits: torch.Tensor, kinds: torch.Tensor) -> torch.Tensor:
    """Returns the focal loss (Lin et al. 2017) with an exponent of 1: clear cases count little."""
    entropy = F.binary_cross_entropy_with_logits(logits, kinds.float(), reduction="none")
    # The exponential is the probability of what is true.
    return (entropy * (1 - torch.exp(-entropy))).mean() * SCORE_WEIGHT


def regression_loss(found: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """Returns the weighted smooth L1 loss of faces (N×16).

    A `beta` of 0.01 of the crop's side is about a pixel, half of the detector's.
    """
    wanted = with_unmarked_as_found(values, found)
    errors = F.smooth_l1_loss(found, wanted, reduction="none", beta=0.01)
    return (errors * torch.tensor(NUMBER_WEIGHTS)).sum(1).mean() * 4


def run(net: nn.Module, crops: torch.Tensor) -> torch.Tensor:
    """Returns the net's outputs (N×17) for crops (N×96×96×3 u8)."""
    return run_network(net, crops).float()


def refinement_losses(net: nn.Module, batch: Batch) -> Losses:
    """Returns the terms of the loss."""
    crops, kinds, values = batch
    out = run(net, crops)
    is_face = kinds == 1
    return {
        "score": score_loss(out[:, 0], kinds),
        "boxes": regression_loss(out[is_face, 1:], values[is_face]),
    }


def validation_figures(net: nn.Module, batches: Sequence[Batch]) -> dict[str, float]:
    """Returns the shares of faces and of others classified right, and the error of key points.

    The error is the median over faces of the mean distance of eyes, nose and mouth, in eye
    distances; the threshold of a face is a score of one half.
    """
    net.eval()
    right: dict[int, list[torch.Tensor]] = {0: [], 1: []}
    errors = []
    with torch.no_grad():
        for crops, kinds, values in batches:
            out = run(net, crops)
            for kind, found in right.items():
                found.append(((out[:, 0] > 0) == bool(kind))[kinds == kind].float())
            is_face = (kinds == 1) & ~values[:, 4:12].isnan().any(1)
            distances = (out[is_face, 5:13] - values[is_face, 4:12]).reshape(-1, 4, 2).norm(dim=2)
            eye_distance = (values[is_face, 6:8] - values[is_face, 4:6]).norm(dim=1)
            # Eyes of a profile may coincide.
            errors.append(distances.mean(1) / eye_distance.clamp(min=0.05))
    return {
        "faces": float(torch.cat(right[1]).mean()),
        "others": float(torch.cat(right[0]).mean()),
        "points": float(torch.cat(errors).median()),
    }


def load_detector(path: Path) -> nn.Module:
    """Returns the detector that proposes."""
    return load_weights(FaceNet(), path).eval()


def close_up_batches(
    detector: nn.Module, files: SceneFiles, batch: int, seed: int
) -> Iterator[Batch]:
    """Yields the close-ups of `batch` scenes without end."""
    stream = SceneStream(files, make_example, seed, SCENE_SIZE, shares=REFINER_SHARES)
    return (examples(detector, scenes) for scenes in training_batches(stream, batch))


def train_refine(files: SceneFiles, options: RefineOptions) -> nn.Module:
    """Trains the refiner, or resumes; returns the net with averaged weights."""
    torch.manual_seed(options.seed)
    detector = load_detector(options.detector)
    net = RefineNet().to(memory_format=torch.channels_last)
    if options.start:
        load_weights(net, options.start)
    optimizer = torch.optim.AdamW(net.parameters(), options.rate, weight_decay=0.02)
    trainer_options = TrainerOptions(
        options.out,
        CosineSchedule(options.rate, options.steps, warmup_steps=200, final_share=0.01),
        options.epoch_steps,
        options.seed,
        max_gradient_norm=10.0,
        ema_warmup=options.start is None,
    )
    trainer = Trainer(net, optimizer, trainer_options)
    held_out = SceneStream(files, make_example, VALIDATION_SEED, SCENE_SIZE, True, REFINER_SHARES)
    scenes = validation_batches(held_out, options.batch, options.validation_batches)
    check = [examples(detector, batch) for batch in scenes]
    # A resumed training draws scenes that it has not seen yet.
    seed = options.seed + 1000 * trainer.step
    batches = close_up_batches(detector, files, options.batch, seed)
    return trainer.fit(
        lambda: batches, refinement_losses, lambda average: validation_figures(average, check)
    )
