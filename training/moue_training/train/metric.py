"""Learns the linear step before the last normalization of the expression network.

A Mahalanobis metric of the embedding (Weinberger and Saul 2009 learn one from triplets): a matrix
of 64×64 that the exported file holds already, to remove the style. The network before it stays as
it is, so this takes minutes, and the losses see thousands of faces at a time. Distances between
photos are kept; between photos, heads and drawings they are learned anew.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from ..data.eyes import CLOSED, OPEN, UNKNOWN
from ..data.style_samples import CLASSES
from .cross_style import NO_CLASS, TEMPERATURE, cross_style_loss, picking_losses
from .descent import descend
from .head_targets import counts_of, is_doubtful, weights_of
from .losses import hubness_loss, row_distances, triplet_loss
from .metric_data import DrawnFaces, MetricData, Photos

# Weights of the losses, chosen by hand on FER+'s validation triplets and answers, and on the
# evaluation's measures of heads and drawings.
TRIPLETS, CLASS, STATES = 7.0, 1.2, 1.0
KEPT, KEPT_ANSWERS = 20.0, 60.0
HEAD_DRAWN, SMILES = 0.7, 0.7
STYLE, SPREAD, HUBNESS = 1.0, 0.37, 0.12
# Faces of a batch: photos, photos without votes, heads, persons who smile.
PHOTOS, UNLABELED, HEADS, SMILING = 1024, 512, 384, 96
TRIPLES, SMILE_TRIPLES = 8192, 512
# Photos whose covariance is estimated, and those between which hubs are looked for.
SPREAD_FACES, HUB_FACES, HUB_OTHERS = 2048, 384, 1152
# Faces with open mouths are one in nine, those with closed eyes one in fifteen.
RARE_STATE_WEIGHT = 3.0
# A class with fewer photos in a batch has no mean.
LEAST_FACES = 9
# The slope of the loss of smiles, as that of other triplets.
SHARPNESS = 8.0
RATE = 2e-3


@dataclass(kw_only=True)
class MetricOptions:
    """How long to learn."""

    steps: int = 700
    seed: int = 1


def transformed(embeddings: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """Returns the unit-length embeddings (N×64) after a linear step (64×64)."""
    return F.normalize(embeddings @ matrix.T, dim=1)


def fit_metric(data: MetricData, start: np.ndarray, options: MetricOptions) -> np.ndarray:
    """Returns the learned matrix (64×64); `start` is the one that the file has."""
    torch.manual_seed(options.seed)
    before = torch.from_numpy(start.astype(np.float32))
    matrix = torch.nn.Parameter(before.clone())
    batches = MetricBatches(data)
    descend([matrix], RATE, options.steps, lambda: metric_losses(batches.draw(), matrix, before))
    learned: np.ndarray = matrix.detach().numpy()
    return learned


@dataclass
class MetricBatch:
    """Some of all faces, before the linear step; `photos` and `heads` have their labels."""

    photos: Photos
    any_photos: torch.Tensor
    unlabeled: torch.Tensor
    drawings: DrawnFaces
    heads: torch.Tensor
    expressions: torch.Tensor
    expression_weights: torch.Tensor
    smiles: torch.Tensor


class MetricBatches:
    """Draws batches; photos of rare emotions are drawn more often than they occur."""

    def __init__(self, data: MetricData):
        self.data = data
        self.weights = data.photos.sampling_weights()
        self.expression_weights = weights_of(counts_of(data.heads.expressions.numpy()))

    def draw(self) -> MetricBatch:
        """Returns a batch."""
        photos, heads = self.data.photos, self.data.heads
        rows = torch.multinomial(self.weights, PHOTOS)
        chosen = torch.randint(0, len(heads.embeddings), (HEADS,))
        expressions = heads.expressions[chosen]
        return MetricBatch(
            photos.at(rows),
            some(photos.embeddings, SPREAD_FACES),
            some(self.data.unlabeled, UNLABELED),
            self.data.drawings,
            heads.embeddings[chosen],
            expressions,
            self.expression_weights[expressions],
            heads.smiles[torch.randperm(len(heads.smiles))[:SMILING]],
        )


def some(rows: torch.Tensor, count: int) -> torch.Tensor:
    """Returns so many rows, chosen at random."""
    return rows[torch.randint(0, len(rows), (count,))]


def metric_losses(
    batch: MetricBatch, matrix: torch.Tensor, before: torch.Tensor
) -> dict[str, torch.Tensor]:
    """Returns the terms of the loss; `before` is the matrix whose distances of photos are kept."""
    photos, drawings = batch.photos, batch.drawings
    faces, drawn = (transformed(s.embeddings, matrix) for s in (photos, drawings))
    heads = transformed(batch.heads, matrix)
    any_photos = transformed(batch.any_photos, matrix)
    kept = [kept_distances(x, matrix, before) for x in (photos.embeddings, batch.unlabeled)]
    doubtful = is_doubtful(batch.expressions, drawings.expressions)
    of_heads = (drawn, drawings.expressions, batch.expression_weights, doubtful)
    hubs = any_photos[:HUB_FACES], any_photos[HUB_FACES:][:HUB_OTHERS]
    return {
        "triplets": TRIPLETS * triplet_loss(faces, photos.votes, count=TRIPLES),
        "kept": KEPT * torch.stack(kept).sum(),
        "kept_answers": KEPT_ANSWERS * kept_answers(batch, matrix, before),
        "class": CLASS * cross_style_loss(faces, photos.classes, drawn, drawings.classes),
        "states": STATES * states_loss(faces, drawn, photos, drawings),
        "head_drawn": HEAD_DRAWN * cross_style_loss(heads, batch.expressions, *of_heads),
        "smiles": SMILES * smiles_loss(transformed(batch.smiles.reshape(-1, 64), matrix)),
        "style": STYLE * style_loss(faces, photos.classes, drawn, drawings.classes),
        "spread": SPREAD * spread_loss(any_photos),
        "hubness": HUBNESS * hubness_loss(*hubs),
    }


def kept_distances(
    embeddings: torch.Tensor, matrix: torch.Tensor, before: torch.Tensor
) -> torch.Tensor:
    """Returns the mean squared change of the distances between faces (N×64)."""
    now, then = (transformed(embeddings, m) for m in (matrix, before))
    return (torch.cdist(now, now) - torch.cdist(then, then)).square().mean()


def kept_answers(batch: MetricBatch, matrix: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
    """Returns the mean squared change of how much farther a drawing is from a photo than others.

    All drawings may come nearer at once.
    """
    now, then = (
        torch.cdist(*(transformed(s.embeddings, m) for s in (batch.photos, batch.drawings)))
        for m in (matrix, before)
    )
    change = (now - now.mean(1, keepdim=True)) - (then - then.mean(1, keepdim=True))
    return change.square().mean()


def states_loss(
    faces: torch.Tensor, drawn: torch.Tensor, photos: Photos, drawings: DrawnFaces
) -> torch.Tensor:
    """Returns the cross entropy of a photo (N×64) picking a drawing (M×64) that shows the same.

    Right is a drawing of the face's class, with eyes and a mouth as open as the face's; what is not
    known may be either. As `cross_style_loss`, it asks for one of them, not for all.
    """
    is_wrong = differ(photos.eyes, drawings.eyes, UNKNOWN)
    is_wrong |= differ(photos.mouths, drawings.mouths, UNKNOWN)
    is_wrong |= (photos.classes[:, None] != NO_CLASS) & (
        photos.classes[:, None] != drawings.classes
    )
    says_something = (photos.eyes != UNKNOWN) | (photos.mouths != UNKNOWN)
    cosines = faces @ drawn.T / TEMPERATURE
    loss = picking_losses(cosines, ~is_wrong)
    is_rare = (photos.mouths == OPEN) | (photos.eyes == CLOSED)
    weights = torch.where(is_rare, RARE_STATE_WEIGHT, 1.0)
    weights = weights * (says_something & (~is_wrong).any(1))
    return (loss * weights).sum() / weights.sum().clamp(min=1)


def differ(one: torch.Tensor, other: torch.Tensor, unknown: int) -> torch.Tensor:
    """Returns whether states (N, M) are known and different (N×M)."""
    known = (one[:, None] != unknown) & (other != unknown)
    return known & (one[:, None] != other)


def smiles_loss(faces: torch.Tensor) -> torch.Tensor:
    """Returns the triplet loss of neutral faces and closed smiles (2S×64), a person's two in turn.

    Two who show the same are to be nearer to each other than one to a third who does not.
    """
    neutral, smiling = faces[0::2], faces[1::2]
    one, two, other = torch.randint(0, len(neutral), (3, SMILE_TRIPLES))
    terms = []
    for shown, not_shown in ((neutral, smiling), (smiling, neutral)):
        alike = row_distances(shown[one], shown[two])
        different = row_distances(shown[one], not_shown[other])
        terms.append(F.softplus(SHARPNESS * (alike - different)).mean())
    return torch.stack(terms).mean()


def style_loss(
    faces: torch.Tensor, classes: torch.Tensor, drawn: torch.Tensor, drawn_classes: torch.Tensor
) -> torch.Tensor:
    """Returns the squared distances of the means of photos and drawings of a class, summed."""
    terms = [faces.new_zeros(())]
    for number in range(len(CLASSES)):
        own = faces[classes == number]
        other = drawn[drawn_classes == number]
        if len(own) >= LEAST_FACES and len(other) > 0:
            offset = own.mean(0) - other.mean(0)
            terms.append(offset.square().sum())
    return torch.stack(terms).sum()


def spread_loss(faces: torch.Tensor) -> torch.Tensor:
    """Returns minus the entropy of the variances along the principal directions of faces (N×64).

    The higher it is, the more dimensions hold the faces: its exponential is their effective rank
    (Roy and Vetterli 2007).
    """
    values = torch.linalg.eigvalsh(torch.cov(faces.T)).clamp(min=1e-8)
    shares = values / values.sum()
    return (shares * shares.log()).sum()
