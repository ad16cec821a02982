"""Batches of the fine-tuning: pictures of all sources, or features in their place."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from ..data.drawn_expressions import NO_EXPRESSION
from .metric_data import MetricData, MetricFaces

# Heads of an expression that no drawing shows are drawn so much more seldom.
UNNAMED_SHARE = 0.3
# Returns what the network takes for pictures of one size.
Prepare = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class BatchSizes:
    """Faces of a batch: of some sources so many, and pairs of heads.

    Of those who smile, wink and kiss so many persons.
    """

    photos: int = 112
    unlabeled: int = 32
    cartoons: int = 24
    drawings: int = 64
    emoji: int = 32
    head_pairs: int = 36
    smiling: int = 12
    winking: int = 16
    kissing: int = 12


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

    def __init__(self, data: TuningData, sizes: BatchSizes, prepare: Prepare = lambda faces: faces):
        self.data, self.sizes, self.prepare = data, sizes, prepare
        self.weights = data.before.photos.sampling_weights()
        self.pairs = torch.from_numpy(data.faces.heads.pairs)
        is_named = data.before.heads.expressions[self.pairs[:, 0]] != NO_EXPRESSION
        self.pair_weights = torch.where(is_named, 1.0, UNNAMED_SHARE)

    def draw(self) -> TuningBatch:
        """Returns a batch."""
        faces, sizes = self.data.faces, self.sizes
        photos = torch.multinomial(self.weights, min(sizes.photos, len(self.weights))).sort().values
        own, aligned = photos[photos < len(faces.own)], photos[photos >= len(faces.own)]
        unlabeled, cartoons, drawings, emoji = (
            torch.randperm(len(rows))[:count]
            for rows, count in (
                (faces.unlabeled, sizes.unlabeled),
                (self.data.cartoons, sizes.cartoons),
                (faces.drawings.images, sizes.drawings),
                (self.data.emoji, sizes.emoji),
            )
        )
        pairs = min(sizes.head_pairs, len(self.pairs))
        heads = self.pairs[torch.multinomial(self.pair_weights, pairs)].flatten()
        people = (
            (faces.smiles, sizes.smiling),
            (self.data.winks, sizes.winking),
            (self.data.kisses, sizes.kissing),
        )
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
        pictures = [self.prepare(torch.from_numpy(group)) for group in groups]
        counts = [len(photos), *(len(group) for group in groups[2:])]
        chosen = (photos, unlabeled, cartoons, drawings, emoji, heads)
        return TuningBatch(torch.cat(pictures), counts, *chosen)

    def __iter__(self) -> Iterator[TuningBatch]:
        """Yields batches without end."""
        return (self.draw() for _ in itertools.count())


def some_people(crops: np.ndarray, count: int) -> np.ndarray:
    """Returns all pictures (count·K×H×W) of so many persons (of P×K×H×W)."""
    chosen: np.ndarray = crops[torch.randperm(len(crops))[:count].numpy()]
    return chosen.reshape(-1, *crops.shape[2:])
