"""Teaches the expression network winks and kisses of people, and keeps what it has learned.

It learns further from photos, drawings and heads, and from photos that are made to wink and to kiss
(`data/made_faces.py`), all in one batch, together with the linear step that removes the style. All
photos are to stay near to where the network before has them.
"""

from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ..data.augment import augment
from ..data.drawings import load_drawings
from ..data.ferplus import load_ferplus
from ..models.expression import ExpressionStudent
from .averaging import mean_state
from .checkpoint import load_weights
from .fine_tune_batches import BatchSizes, TuningBatches, TuningData
from .fine_tune_head import LAST_STEPS, fit_head
from .fine_tune_losses import LAST_WEIGHTS, TuningWeights
from .fine_tune_network import TunedNetwork, TuningLoss
from .metric_data import Embed, embedded, load_metric_faces
from .targets import TargetFiles, load_crops
from .trainer import CosineSchedule, Trainer, TrainerOptions, Validation
from .validation import triplet_scores

WARMUP_STEPS = 150
SIZE = 64
# The mean of the tuned weights and those before ("Robust fine-tuning of zero-shot models", Wortsman
# et al. 2022) keeps most of the winks, and its embeddings move less with the crop.
TUNED_SHARE = 0.7


@dataclass(kw_only=True)
class FineTuneOptions:
    """What to start from and to learn from."""

    start: Path
    made: Path
    emoji: Path
    files: TargetFiles
    renderer: str
    out: Path
    steps: int = 3000
    epoch_steps: int = 200
    rate: float = 2.5e-4
    seed: int = 1


def load_tuning_data(options: FineTuneOptions, embed: Embed) -> TuningData:
    """Loads all faces, and embeds them by the network before: some four minutes."""
    faces = load_metric_faces(options.files, options.renderer)
    assert options.files.cartoons is not None, "cartoons are kept too"
    cartoons = load_crops(options.files.cartoons)["crops"]
    emoji = load_drawings(options.emoji).images
    with np.load(options.made) as made:
        winks, kisses = made["winks"], made["kisses"]
    kept = [torch.from_numpy(embed(crops)) for crops in (cartoons, emoji)]
    before = embedded(faces, embed, options.files)
    return TuningData(faces, before, cartoons, kept[0], emoji, kept[1], winks, kisses)


def fine_tune(options: FineTuneOptions, embed: Embed, matrix: np.ndarray) -> TunedNetwork:
    """Tunes the network, or resumes; returns the one with averaged weights.

    `embed` embeds by the exported file of `start`, and `matrix` (64×64) is its linear step.
    """
    torch.manual_seed(options.seed)
    student = load_weights(ExpressionStudent(), options.start)
    net = TunedNetwork(student, matrix).to(memory_format=torch.channels_last)
    before = deepcopy(net.state_dict())
    ferplus = load_ferplus()

    def validate(average: nn.Module) -> dict[str, float]:
        return triplet_scores(average, ferplus, "valid")

    data = load_tuning_data(options, embed)
    if options.steps > 0:
        tuned = fit_head(fit_tuned(net, data, options, validate), data, options.seed)
    else:
        tuned = fit_head(net, data, options.seed, LAST_STEPS, LAST_WEIGHTS)
    shares = TUNED_SHARE, 1 - TUNED_SHARE
    tuned.load_state_dict(mean_state((tuned.state_dict(), before), shares))
    print("validation triplets:", validate(tuned), flush=True)
    return tuned


def fit_tuned(
    net: TunedNetwork, data: TuningData, options: FineTuneOptions, validate: Validation
) -> TunedNetwork:
    """Tunes the network on these data, or resumes."""
    schedule = CosineSchedule(options.rate, options.steps, WARMUP_STEPS)
    trainer_options = TrainerOptions(
        options.out,
        schedule,
        options.epoch_steps,
        options.seed,
        max_gradient_norm=2.0,
        ema_warmup=False,
    )
    optimizer = torch.optim.AdamW(net.parameters(), options.rate, weight_decay=0.0)
    trainer = Trainer(net, optimizer, trainer_options)
    batches = TuningBatches(data, BatchSizes(), partial(augment, size=SIZE))
    tuned = trainer.fit(lambda: batches, TuningLoss(data, TuningWeights()), validate)
    assert isinstance(tuned, TunedNetwork)
    return tuned
