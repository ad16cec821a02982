"""Teaches the expression network winks and kisses of people, and keeps what it has learned.

It learns further from photos, drawings and heads, and from photos that are made to wink and to kiss
(`data/made_faces.py`), all in one batch, together with the linear step that removes the style. All
photos are to stay near to where the network before has them.
"""

import copy
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ..data.augment import augment
from ..data.drawings import load_drawings
from ..data.drawn_expressions import NO_EXPRESSION
from ..data.ferplus import load_ferplus
from ..models.expression import ExpressionStudent
from ..models.teachers import USE_BFLOAT16
from .checkpoint import load_weights
from .fine_tune_losses import TunedFaces, tuning_losses
from .head_targets import counts_of, weights_of
from .metric_data import Embed, MetricData, MetricFaces, Photos, embedded, load_metric_faces
from .targets import TargetFiles, load_crops
from .trainer import CosineSchedule, Losses, Trainer, TrainerOptions, Validation
from .validation import triplet_scores

# Faces of a batch: photos, photos without votes, cartoons, drawings, those of emoji, pairs of
# heads, and persons who smile, wink and kiss.
PHOTOS, UNLABELED, CARTOONS, DRAWINGS, EMOJI = 112, 32, 24, 64, 32
HEAD_PAIRS, SMILING, WINKING, KISSING = 36, 12, 16, 12
# Heads of an expression that no drawing shows are drawn so much more seldom.
UNNAMED_SHARE = 0.3
WARMUP_STEPS = 150
SIZE = 64


@dataclass(kw_only=True)
class FineTuneOptions:
    """What to start from and to learn from."""

    start: Path
    made: Path
    emoji: Path
    files: TargetFiles
    renderer: str
    out: Path
    steps: int = 4400
    epoch_steps: int = 200
    rate: float = 2.5e-4
    seed: int = 1


class TunedNetwork(nn.Module):
    """A student with the linear step before its last normalization.

    Its batch norm keeps the statistics of the trainings before: a batch of this one is other.
    """

    def __init__(self, student: ExpressionStudent, matrix: np.ndarray):
        super().__init__()
        self.student = student
        self.input_size, self.channels = student.input_size, student.channels
        self.matrix = nn.Parameter(torch.from_numpy(matrix.astype(np.float32)))

    def train(self, mode: bool = True) -> "TunedNetwork":
        """Sets no mode but that of evaluation."""
        del mode
        return super().train(False)

    def forward(self, faces: torch.Tensor) -> torch.Tensor:
        """Returns the embeddings (N×64) of faces (N×1×64×64 in [-1, 1]) as they are."""
        with torch.autocast("cpu", torch.bfloat16, enabled=USE_BFLOAT16):
            features = self.student.pooled_features(faces)
        parts = self.student.parts(features.float())
        return F.normalize(self.student.join(*parts) @ self.matrix.T, dim=1)

    def embed(self, faces: torch.Tensor) -> torch.Tensor:
        """Returns the embeddings of faces and mirror images, as the export does."""
        sides = [self.student(side) for side in (faces, faces.flip(3))]
        return F.normalize((sides[0] + sides[1]) @ self.matrix.T, dim=1)


@dataclass
class TuningData:
    """Crops of all sources, and the embeddings that the network before has of them.

    `emoji` (E×80×80) are drawings in poses of emoji; `winks` (P×4×72×72) and `kisses` (Q×2×72×72)
    are made faces.
    """

    faces: MetricFaces
    before: MetricData
    cartoons: np.ndarray
    cartoons_before: torch.Tensor
    emoji: np.ndarray
    emoji_before: torch.Tensor
    winks: np.ndarray
    kisses: np.ndarray


@dataclass
class TuningBatch:
    """Pictures (N×1×64×64), the number of each source, and which faces they are."""

    faces: torch.Tensor
    sizes: list[int]
    photos: torch.Tensor
    unlabeled: torch.Tensor
    cartoons: torch.Tensor
    drawings: torch.Tensor
    emoji: torch.Tensor
    heads: torch.Tensor


class TuningBatches:
    """Draws batches; photos of rare emotions are drawn more often than they occur."""

    def __init__(self, data: TuningData):
        self.data = data
        leading = data.before.photos.votes.argmax(1)
        self.weights = torch.bincount(leading, minlength=8).float()[leading].rsqrt()
        self.pairs = torch.from_numpy(data.faces.heads.pairs)
        is_named = data.before.heads.expressions[self.pairs[:, 0]] != NO_EXPRESSION
        self.pair_weights = torch.where(is_named, 1.0, UNNAMED_SHARE)

    def draw(self) -> TuningBatch:
        """Returns a batch."""
        faces = self.data.faces
        photos = torch.multinomial(self.weights, PHOTOS).sort().values
        own, aligned = photos[photos < len(faces.own)], photos[photos >= len(faces.own)]
        unlabeled, cartoons, drawings, emoji = (
            torch.randperm(len(rows))[:count]
            for rows, count in (
                (faces.unlabeled, UNLABELED),
                (self.data.cartoons, CARTOONS),
                (faces.drawings.images, DRAWINGS),
                (self.data.emoji, EMOJI),
            )
        )
        heads = self.pairs[torch.multinomial(self.pair_weights, HEAD_PAIRS)].flatten()
        people = ((faces.smiles, SMILING), (self.data.winks, WINKING), (self.data.kisses, KISSING))
        groups = [
            faces.own[own],
            faces.aligned[aligned - len(faces.own)],
            faces.unlabeled[unlabeled],
            self.data.cartoons[cartoons],
            faces.drawings.images[drawings],
            self.data.emoji[emoji],
            faces.heads.images[heads],
            *(some_people(crops, count) for crops, count in people),
        ]
        pictures = [augment(torch.from_numpy(group), SIZE) for group in groups]
        sizes = [PHOTOS, *(len(group) for group in groups[2:])]
        chosen = (photos, unlabeled, cartoons, drawings, emoji, heads)
        return TuningBatch(torch.cat(pictures), sizes, *chosen)

    def __iter__(self) -> Iterator[TuningBatch]:
        """Yields batches without end."""
        return (self.draw() for _ in itertools.count())


def some_people(crops: np.ndarray, count: int) -> np.ndarray:
    """Returns all pictures (count·K×H×W) of so many persons (of P×K×H×W)."""
    chosen: np.ndarray = crops[torch.randperm(len(crops))[:count].numpy()]
    return chosen.reshape(-1, *crops.shape[2:])


class TuningLoss:
    """The loss of a batch. It holds the embeddings of all drawings, each as of its last batch.

    A memory bank (Wu et al. 2018): a batch has few of the drawings that its faces pick from.
    """

    def __init__(self, data: TuningData):
        self.data = data
        self.drawings = data.before.drawings.embeddings.clone()
        self.head_features = torch.from_numpy(data.faces.heads.features)
        self.expression_weights = weights_of(counts_of(data.faces.heads.expressions))

    def __call__(self, net: nn.Module, batch: TuningBatch) -> Losses:
        """Returns the terms of the loss."""
        before = self.data.before
        embeddings = net(batch.faces.to(memory_format=torch.channels_last)).split(batch.sizes)
        photos, unlabeled, cartoons, drawings, emoji, heads, smiles, winks, kisses = embeddings
        expressions = before.heads.expressions[batch.heads]
        kept_before = (
            before.photos.embeddings[batch.photos],
            before.unlabeled[batch.unlabeled],
            self.data.cartoons_before[batch.cartoons],
        )
        drawings_before = (
            before.drawings.embeddings[batch.drawings],
            self.data.emoji_before[batch.emoji],
        )
        faces = TunedFaces(
            photos=labels_at(before.photos, batch.photos, photos),
            others=torch.cat([unlabeled, cartoons]),
            drawings=replace(before.drawings, embeddings=self._all_drawings(batch, drawings)),
            all_drawings_before=before.drawings.embeddings,
            heads=heads,
            head_features=self.head_features[batch.heads],
            head_expressions=expressions,
            head_weights=self.expression_weights[expressions],
            smiles=smiles,
            winks=winks.reshape(-1, 4, winks.shape[1]),
            kisses=kisses.reshape(-1, 2, kisses.shape[1]),
            kept=torch.cat([photos, unlabeled, cartoons]),
            before=torch.cat(kept_before),
            kept_drawings=torch.cat([drawings, emoji]),
            drawings_before=torch.cat(drawings_before),
        )
        return tuning_losses(faces)

    def _all_drawings(self, batch: TuningBatch, drawings: torch.Tensor) -> torch.Tensor:
        """Returns all drawings (M×64), those of the batch with their gradients."""
        everything = self.drawings.clone()
        everything[batch.drawings] = drawings
        self.drawings[batch.drawings] = drawings.detach()
        return everything


def labels_at(photos: Photos, rows: torch.Tensor, embeddings: torch.Tensor) -> Photos:
    """Returns these rows of the photos with other embeddings."""
    chosen = Photos(*(column[rows] for column in vars(photos).values()))
    return replace(chosen, embeddings=embeddings)


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
    ferplus = load_ferplus()

    def validate(average: nn.Module) -> dict[str, float]:
        return triplet_scores(average, ferplus, "valid")

    return fit_tuned(net, load_tuning_data(options, embed), options, validate)


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
    trainer.fit(lambda: TuningBatches(data), TuningLoss(data), validate)
    tuned: TunedNetwork = copy.deepcopy(trainer.average)
    return tuned
