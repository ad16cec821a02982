"""Trains the student that ships by knowledge distillation (Hinton et al. 2015).

It learns from annotators' and teachers' votes, from blendshapes, and from the parameters of
drawings.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from ..data.augment import augment
from ..data.ferplus import load_ferplus
from ..models.expression import ExpressionStudent
from ..models.teachers import USE_BFLOAT16
from .checkpoint import load_weights
from .cross_style import DrawingQueue, Drawn, cross_style_loss
from .head_targets import HeadBatch, HeadBatches, HeadFaces, head_losses, is_doubtful
from .losses import (
    EmbeddingQueue,
    hubness_loss,
    kept_error,
    soft_cross_entropy,
    triplet_loss,
    uniformity_loss,
    weighted_triplet_loss,
)
from .optimizers import student_optimizer
from .predictions import class_weights
from .targets import (
    DIRECTION_WEIGHT,
    EMOTIONS,
    TargetFaces,
    TargetFiles,
    load_target_sets,
)
from .trainer import CosineSchedule, Losses, LossFunction, Trainer, TrainerOptions, Validation
from .validation import answer_scores, triplet_scores, validation_spread

# Parts of the recipe that can be left out, for the ablation.
PARTS = ("unlabeled", "blendshapes", "drawings")
# Shares of the sets in a batch. Set by hand, as are the weights of the losses below.
SET_SHARES = {
    "own": 0.28,
    "aligned": 0.20,
    "unlabeled": 0.36,
    "cartoons": 0.08,
    "drawings": 0.16,
}
# Share of rendered heads in a batch, where there are any; the other sets have the rest.
HEADS_SHARE = 0.2
# Share of the faces that come twice in a batch, augmented in two ways, with one target: the triplet
# and distance losses then ask for invariance.
TWICE_SHARE = 0.2
# Largest distance of two emotions, and width of the kernel, in distances of targets.
MAX_EMOTION_DISTANCE, KERNEL_WIDTH = 1.3, 0.26
# Weight of the squared error of those distances.
DISTANCE_WEIGHT = 4.0
# Weight of the squared error of emotions that are kept.
KEEP_WEIGHT = 32.0
# Weight of the uniformity of nuances, and of the distances of drawings.
UNIFORMITY_WEIGHT, DRAWINGS_WEIGHT = 0.4, 2.0
# Weight of clear faces being nearest to a drawing of their emotion.
CROSS_STYLE_WEIGHT = 2.0
# Weight of heads being nearest to the drawings of their expression.
HEAD_DRAWN_WEIGHT = 1.5
# Drawings differ more clearly than photographs, and lie this much farther apart than their targets.
DRAWINGS_STRETCH = 1.15
WEIGHT_DECAY = 0.02
WARMUP_STEPS = 200


@dataclass
class Batch:
    """Faces (N×C×size×size in [-1, 1]), votes (N×8), target points (N×24).

    The drawings come last; `parameters` (D×P) are theirs. `kept` (M×48) are emotions of the faces
    before them. `classes` (N) are their emotions, or `NO_CLASS`, and `expressions` (N) what they
    show, or `NO_EXPRESSION`. Rendered heads are apart: they have no votes.
    """

    faces: torch.Tensor
    votes: torch.Tensor
    points: torch.Tensor
    parameters: torch.Tensor | None = None
    heads: HeadBatch | None = None
    kept: torch.Tensor | None = None
    classes: torch.Tensor | None = None
    expressions: torch.Tensor | None = None


class DistillationBatches:
    """Draws batches of a mixture of all sets but those in `without`, and of heads, if any."""

    def __init__(
        self,
        sets: dict[str, TargetFaces],
        size: int,
        batch: int,
        without: Sequence[str] = (),
        heads: HeadFaces | None = None,
        set_shares: Mapping[str, float] = SET_SHARES,
        heads_share: float = HEADS_SHARE,
    ):
        pairs = round(heads_share * batch / 2)
        self.heads = HeadBatches(heads, size, pairs) if heads else None
        batch -= 2 * pairs if heads else 0
        names = [name for name in set_shares if name in sets and name not in without]
        shares = {name: set_shares[name] for name in names}
        total = sum(shares.values())
        self.counts = {name: round(batch * share / total) for name, share in shares.items()}
        self.sets, self.size = sets, size
        self.tensors = {
            name: tuple(
                torch.from_numpy(np.ascontiguousarray(array))
                for array in (
                    s.images,
                    s.votes.astype(np.float32),
                    s.points,
                    s.known_classes(),
                    s.known_expressions(),
                )
            )
            for name, s in sets.items()
        }
        self.weights = {name: class_weights(t[1]) for name, t in self.tensors.items()}

    def draw(self) -> Batch:
        """Returns a batch, drawn by class weights within each set."""
        parts, parameters, kept = [], None, []
        for name, count in self.counts.items():
            images, *labels = self.tensors[name]
            once = count - int(TWICE_SHARE * count)
            chosen = torch.multinomial(self.weights[name], once, replacement=len(images) < once)
            chosen = torch.cat([chosen, chosen[: count - once]])
            faces = augment(images[chosen], self.size)
            parts.append((faces, *(label[chosen] for label in labels)))
            drawn = self.sets[name].parameters
            if drawn is not None:
                parameters = torch.from_numpy(drawn[chosen.numpy()])
            known = self.sets[name].kept
            if known is not None:
                kept.append(torch.from_numpy(known[chosen.numpy()]))
        faces, votes, points, *shown = (torch.cat(column) for column in zip(*parts, strict=True))
        heads = self.heads.draw() if self.heads else None
        emotions = torch.cat(kept) if kept else None
        return Batch(faces, votes, points, parameters, heads, emotions, *shown)

    def __iter__(self) -> Iterator[Batch]:
        """Yields batches without end."""
        return (self.draw() for _ in itertools.count())


def kernel_distances(distances: torch.Tensor) -> torch.Tensor:
    """Maps distances of targets to distances of emotions: those of a Gaussian kernel's features.

    Near ones count; what is far apart is equally far apart. The order of all distances stays, but
    points whose distances are such fill many dimensions, where the votes alone lie in four.
    """
    kernel = (-(distances / KERNEL_WIDTH).square() / 2).exp()
    return MAX_EMOTION_DISTANCE * (1 - kernel).clamp(min=1e-9).sqrt()


def distance_loss(emotion: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Returns the mean squared error of distances of emotions (B×48) against targets (B×B)."""
    return (torch.cdist(emotion, emotion) - kernel_distances(targets)).square().mean()


def nuance_loss(nuance: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
    """Returns a loss that is low where each nuance (N×16) has the direction of its blendshapes.

    Directions of faces near the mean are shorter and count less. All nuances together are to lie
    evenly on their sphere.
    """
    directions = points[:, EMOTIONS:] / DIRECTION_WEIGHT
    error = (nuance[:, : directions.shape[1]] - directions).square().sum(1).mean()
    return error + UNIFORMITY_WEIGHT * uniformity_loss(nuance)


def drawings_loss(
    embeddings: torch.Tensor, points: torch.Tensor, parameters: torch.Tensor
) -> torch.Tensor:
    """Returns the mean squared error of the distances of drawings, the last rows of the batch.

    A target distance is half that of the points plus 0.6 of that of the parameters; the latter is
    divided by 3.2 to be about 0 to 1.
    """
    drawn = slice(len(points) - len(parameters), len(points))
    distances = torch.cdist(embeddings[drawn], embeddings[drawn])
    by_points = torch.cdist(points[drawn], points[drawn])
    by_parameters = torch.cdist(parameters, parameters) / 3.2
    targets = 0.5 * by_points + 0.6 * by_parameters
    return (distances - DRAWINGS_STRETCH * targets).square().mean()


def student_losses(net: nn.Module, batch: Batch) -> tuple[torch.Tensor, Losses]:
    """Returns the embeddings ((N+H)×64) of a batch, heads last, and the terms of its own loss."""
    heads = [batch.heads.faces] if batch.heads else []
    faces = torch.cat([batch.faces, *heads]).to(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16, enabled=USE_BFLOAT16):
        features = net.pooled_features(faces)
    emotion, nuance = net.parts(features.float())
    all_embeddings = net.join(emotion, nuance)
    count = len(batch.faces)
    of_heads = all_embeddings[count:], emotion[count:], nuance[count:]
    emotion, nuance, embeddings = emotion[:count], nuance[:count], all_embeddings[:count]
    targets = torch.cdist(batch.points[:, :EMOTIONS], batch.points[:, :EMOTIONS])
    losses = {
        "votes": soft_cross_entropy(net.emotion_logits(embeddings), batch.votes),
        "targets": weighted_triplet_loss(emotion, targets),
        "triplets": 0.5 * triplet_loss(emotion, batch.votes, count=2048),
        "distances": DISTANCE_WEIGHT * distance_loss(emotion, targets),
    }
    if net.nuance > 0:
        losses["nuance"] = nuance_loss(nuance, batch.points)
    if batch.kept is not None:
        losses["kept"] = KEEP_WEIGHT * kept_error(emotion[: len(batch.kept)], batch.kept)
    if batch.parameters is not None:
        drawn = drawings_loss(embeddings, batch.points, batch.parameters)
        losses["drawings"] = DRAWINGS_WEIGHT * drawn
    if batch.heads:
        losses |= head_losses(*of_heads, batch.heads)
    return all_embeddings, losses


class DistillationLoss:
    """The loss of a batch and of drawings before it; against hubness, once that queue is full."""

    def __init__(self, hubness_weight: float = 0.0, queue_size: int = 1152):
        self.hubness_weight, self.queue = hubness_weight, EmbeddingQueue(queue_size)
        self.drawings = DrawingQueue()

    def __call__(self, net: nn.Module, batch: Batch) -> Losses:
        """Returns the terms of the loss."""
        all_embeddings, losses = student_losses(net, batch)
        embeddings, of_heads = all_embeddings.tensor_split([len(batch.faces)])
        if batch.parameters is not None and batch.classes is not None:
            losses |= self._cross_style(embeddings, of_heads, batch)
        if self.hubness_weight == 0:
            return losses
        if self.queue.is_full():
            hubness = hubness_loss(embeddings, self.queue.rows)
            losses["hubness"] = self.hubness_weight * hubness
        self.queue.add(embeddings)
        return losses

    def _cross_style(
        self, embeddings: torch.Tensor, of_heads: torch.Tensor, batch: Batch
    ) -> Losses:
        """Returns the losses of faces and heads picking drawings, of this batch and before it."""
        assert batch.classes is not None and batch.expressions is not None
        assert batch.parameters is not None
        count = len(embeddings) - len(batch.parameters)
        classes = batch.classes[:count]
        drawn = Drawn(embeddings[count:], batch.classes[count:], batch.expressions[count:])
        drawings = self.drawings.with_batch(drawn)
        gallery = drawings.embeddings
        of_class = cross_style_loss(embeddings[:count], classes, gallery, drawings.classes)
        losses = {"cross_style": CROSS_STYLE_WEIGHT * of_class}
        if batch.heads:
            heads = batch.heads
            shown = drawings.expressions
            doubt = is_doubtful(heads.expressions, shown)
            alike = cross_style_loss(
                of_heads, heads.expressions, gallery, shown, heads.weights, doubt
            )
            losses["head_drawn"] = HEAD_DRAWN_WEIGHT * alike
        return losses


@dataclass(kw_only=True)
class StudentOptions:
    """How to train a student; `rate`, `batch` and `hubness` are the recipe's."""

    out: Path
    epochs: int = 12
    # An epoch is a validation and a checkpoint, not a pass over the data.
    steps: int = 320
    batch: int = 192
    rate: float = 8e-3
    hubness: float = 0.03
    seed: int = 1


@dataclass(kw_only=True)
class DistillOptions(StudentOptions):
    """What to train the student that ships on."""

    teachers: Sequence[Path] = ()
    files: TargetFiles = field(default_factory=TargetFiles)
    start: Path | None = None
    # A student whose emotions of photos are to stay, so that it learns heads without forgetting
    # (Li, Hoiem 2016).
    keep: Path | None = None
    without: Sequence[str] = ()


def fit_student(
    net: nn.Module,
    batches: DistillationBatches,
    loss_function: LossFunction,
    options: TrainerOptions,
    validate: Validation,
    optimizer: Any = None,
) -> nn.Module:
    """Trains a student on these batches, or resumes; returns the net with averaged weights.

    The optimizer is Muon together with AdamW where none is given.
    """
    rate = options.schedule.peak_rate
    optimizer = optimizer or student_optimizer(net, rate, WEIGHT_DECAY)
    return Trainer(net, optimizer, options).fit(lambda: batches, loss_function, validate)


def fit_by_recipe(
    net: nn.Module, batches: DistillationBatches, options: StudentOptions, validate: Validation
) -> nn.Module:
    """Trains a student with the schedule and the loss of the recipe; prints what it learns from."""
    sizes = {name: len(faces.images) for name, faces in batches.sets.items()}
    print(sizes, batches.counts, flush=True)
    schedule = CosineSchedule(options.rate, options.epochs * options.steps, WARMUP_STEPS)
    trainer_options = TrainerOptions(options.out, schedule, options.steps, options.seed)
    loss = DistillationLoss(options.hubness)
    return fit_student(net, batches, loss, trainer_options, validate)


def train_student(options: DistillOptions) -> nn.Module:
    """Trains the student, or resumes; returns the net with averaged weights."""
    torch.manual_seed(options.seed)
    sets, heads = load_target_sets(options.files, options.teachers, options.keep)
    has_nuance = "blendshapes" not in options.without
    net = ExpressionStudent() if has_nuance else ExpressionStudent(nuance=0.0)
    if options.start:
        load_weights(net, options.start)
    net = net.to(memory_format=torch.channels_last)
    batches = DistillationBatches(sets, net.input_size, options.batch, options.without, heads)
    data, drawings = load_ferplus(), sets["drawings"]

    def validate(average: nn.Module) -> dict[str, float]:
        return {
            **triplet_scores(average, data, "valid"),
            **validation_spread(average, data),
            **answer_scores(average, data, drawings.images, drawings.known_classes()),
        }

    return fit_by_recipe(net, batches, options, validate)
