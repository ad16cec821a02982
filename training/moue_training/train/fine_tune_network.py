"""The network that is fine-tuned, and its loss."""

from dataclasses import replace

import numpy as np
import torch
from torch import nn

from ..models.expression import ExpressionStudent
from ..models.teachers import USE_BFLOAT16
from .fine_tune_batches import TuningBatch, TuningData
from .fine_tune_losses import TunedFaces, TuningWeights, tuning_losses
from .head_targets import counts_of, weights_of
from .metric import transformed
from .trainer import Losses


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
            channels_last = faces.to(memory_format=torch.channels_last)
            features = self.student.pooled_features(channels_last)
        parts = self.student.parts(features.float())
        return transformed(self.student.join(*parts), self.matrix)

    def embed(self, faces: torch.Tensor) -> torch.Tensor:
        """Returns the embeddings of faces and mirror images, as the export does."""
        sides = [self.student(side) for side in (faces, faces.flip(3))]
        return transformed(sides[0] + sides[1], self.matrix)


class TuningLoss:
    """The loss of a batch. It holds the embeddings of all drawings, each as of its last batch.

    A memory bank (Wu et al. 2018): a batch has few of the drawings that its faces pick from.
    """

    def __init__(self, data: TuningData, weights: TuningWeights):
        self.data, self.weights = data, weights
        self.drawings = data.before.drawings.embeddings.clone()
        self.head_features = torch.from_numpy(data.faces.heads.features)
        self.expression_weights = weights_of(counts_of(data.faces.heads.expressions))

    def __call__(self, net: nn.Module, batch: TuningBatch) -> Losses:
        """Returns the terms of the loss."""
        before = self.data.before
        embeddings = net(batch.faces).split(batch.sizes)
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
            photos=replace(before.photos.at(batch.photos), embeddings=photos),
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
        return tuning_losses(faces, self.weights)

    def _all_drawings(self, batch: TuningBatch, drawings: torch.Tensor) -> torch.Tensor:
        """Returns all drawings (M×64), those of the batch with their gradients."""
        everything = self.drawings.clone()
        everything[batch.drawings] = drawings
        self.drawings[batch.drawings] = drawings.detach()
        return everything
