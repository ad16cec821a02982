"""Trains a teacher: fine-tunes a network that recognizes persons on FER+ votes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ..data.augment import augment, mixup
from ..data.ferplus import FerPlus, load_ferplus
from ..data.sources import FERPLUS
from ..models.pretrained import load_pretrained
from ..models.teachers import FaceTeacher
from .losses import metric_loss, soft_cross_entropy, triplet_loss
from .optimizers import parameter_groups
from .predictions import class_weights, load_teachers, mean_predictions
from .targets import load_crops, unlabeled_crops
from .trainer import CosineSchedule, Losses, Trainer, TrainerOptions, Validation
from .validation import triplet_scores

# Rate of the pretrained base, as a share of that of the new layers, so that its weights are not
# overwritten by the first gradients of those.
BASE_RATE_SHARE = 0.15
# Share of the annotators in the votes of a face where earlier teachers vote as well, and share of a
# batch that only the teachers vote on. These and the weights of the losses were chosen by hand.
ANNOTATOR_SHARE, UNLABELED_SHARE = 0.7, 0.25
WEIGHT_DECAY = 0.03


@dataclass
class TeacherOptions:
    """How to train a teacher; defaults are the recipe's."""

    pretrained: Path
    out: Path
    teachers: Sequence[Path] = ()
    crops: Path = Path("runs/crops.npz")
    epochs: int = 14
    batch: int = 64
    rate: float = 2e-3
    seed: int = 1


class FerPlusBatches:
    """Batches of FER+ faces (N×1×size×size in [-1, 1]) with votes (N×8), one epoch for each loop.

    Half of the faces that moue found are as it crops them, all others in FER+'s own framing. Where
    earlier teachers vote, a quarter of the batch is unlabeled faces.
    """

    def __init__(
        self,
        data: FerPlus,
        size: int,
        batch: int,
        crops: Path,
        teachers: Sequence[nn.Module] = (),
    ):
        rows = np.flatnonzero(data.trainable)
        self.size = size
        votes = data.votes[rows]
        self.own = torch.from_numpy(data.images[rows])
        self.aligned: torch.Tensor | None = None
        # Position of each face among the aligned ones; -1 where moue found none.
        self.position = torch.full((len(rows),), -1, dtype=torch.long)
        bank = load_crops(crops) if crops.exists() else None
        if bank is not None:
            self._add_aligned(rows, bank)
        self.unlabeled: tuple[torch.Tensor, torch.Tensor] | None = None
        self.unlabeled_count = 0
        if teachers:
            if bank is None:
                raise FileNotFoundError(f"teachers vote on the faces of {crops}, which is absent")
            predicted = mean_predictions(teachers, data.images[rows])
            votes = ANNOTATOR_SHARE * votes + (1 - ANNOTATOR_SHARE) * predicted
            faces = unlabeled_crops(bank)
            others = torch.from_numpy(mean_predictions(teachers, faces))
            self.unlabeled = torch.from_numpy(faces), others
            self.unlabeled_weights = class_weights(others)
            self.unlabeled_count = int(UNLABELED_SHARE * batch)
        self.votes = torch.from_numpy(votes)
        self.batch = batch - self.unlabeled_count
        self.weights = class_weights(self.votes)

    def _add_aligned(self, rows: np.ndarray, bank: dict[str, np.ndarray]) -> None:
        at = {int(row): i for i, row in enumerate(rows)}
        seen = np.flatnonzero((bank["source"] == FERPLUS) & np.isin(bank["index"], rows))
        self.aligned = torch.from_numpy(bank["crops"][seen])
        self.position[[at[int(row)] for row in bank["index"][seen]]] = torch.arange(len(seen))

    def __len__(self) -> int:
        return len(self.votes) // self.batch

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Yields the batches of one epoch, drawn by class weights with replacement."""
        drawn = torch.multinomial(self.weights, len(self) * self.batch, replacement=True)
        for chosen in drawn.view(-1, self.batch):
            yield self._batch(chosen)

    def _batch(self, chosen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        position = self.position[chosen]
        is_aligned = (position >= 0) & (torch.rand(self.batch) < 0.5)
        own = chosen[~is_aligned]
        votes = self.votes[torch.cat([own, chosen[is_aligned]])]
        faces = [augment(self.own[own], self.size)]
        if self.aligned is not None and is_aligned.any():
            faces.append(augment(self.aligned[position[is_aligned]], self.size))
        if self.unlabeled is not None:
            some = torch.multinomial(self.unlabeled_weights, self.unlabeled_count)
            faces.append(augment(self.unlabeled[0][some], self.size))
            votes = torch.cat([votes, self.unlabeled[1][some]])
        return torch.cat(faces), votes


def teacher_losses(net: nn.Module, batch: tuple[torch.Tensor, torch.Tensor]) -> Losses:
    """Returns the terms of the loss for faces and votes, blended by mixup."""
    faces, votes = mixup(*batch)
    embeddings = net(faces.to(memory_format=torch.channels_last))
    return {
        "votes": soft_cross_entropy(net.emotion_logits(embeddings), votes),
        "triplets": 0.5 * triplet_loss(embeddings, votes),
        "distances": 0.5 * metric_loss(embeddings, votes),
    }


def fit_teacher(
    net: FaceTeacher, faces: FerPlusBatches, options: TeacherOptions, validate: Validation
) -> nn.Module:
    """Trains a net on these batches, or resumes; returns the net with averaged weights."""
    optimizer = torch.optim.AdamW(
        parameter_groups(net, WEIGHT_DECAY, BASE_RATE_SHARE), options.rate
    )
    steps = len(faces)
    schedule = CosineSchedule(options.rate, options.epochs * steps, warmup_steps=300)
    trainer_options = TrainerOptions(options.out, schedule, steps, options.seed)
    trainer = Trainer(net, optimizer, trainer_options)
    return trainer.fit(lambda: faces, teacher_losses, validate)


def train_teacher(options: TeacherOptions) -> nn.Module:
    """Trains a teacher, or resumes; returns the net with averaged weights."""
    options.out.parent.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed)
    data, net = load_ferplus(), load_pretrained(options.pretrained)
    teachers = load_teachers(options.teachers)
    faces = FerPlusBatches(data, net.input_size, options.batch, options.crops, teachers)
    return fit_teacher(net, faces, options, lambda average: triplet_scores(average, data, "valid"))
