"""What the student learns from rendered heads, whose blendshapes are known exactly.

Heads have no votes. They teach which expressions are alike, whoever shows them and however they
are drawn: two heads of one expression, often one like a photo and one drawn, are to be nearest to
each other, and others as near as their blendshapes are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from ..data.augment import augment
from ..data.blendshapes import NAMES, invariant_roots
from ..data.drawn_expressions import KISS, NO_EMOTIONS, NO_EXPRESSION, NUMBERS, expressions_of_heads
from ..data.heads import Heads, crop_heads, load_heads, uncovered_rows
from .losses import kept_error

# Larger than the network's input, so that augmentation can zoom in.
CROP_SIZE = 80
# Where `invariant_roots` has the difference of the eyelids: differences come last, in the order of
# the left ones.
_PAIRED = [n for n in NAMES if n.endswith("Left") and n.replace("Left", "Right") in NAMES]
EYELID_DIFFERENCE = len(NAMES) - len(_PAIRED) + _PAIRED.index("eyeBlinkLeft")
# Beyond this yaw, in degrees, the eyes are too near to each other to align a crop by.
MAX_YAW = 50
# How much the tongue counts beside the roots of the other blendshapes, which are many.
TONGUE_WEIGHT = 1.5
# Heads whose roots of blendshapes are farther apart than two of these are no neighbors. The pair
# of a wink and a neutral face is about 1.2 apart, two strengths of a smile about 0.2.
NEIGHBOR_WIDTH = 0.25
# Divides the cosine of embeddings in the softmax, as in contrastive learning (SimCLR: 0.1).
TEMPERATURE = 0.1
# Photos are no neighbors of heads where the blendshapes of the two eyelids differ by more: nearly
# all of them are of turned faces, or have a hand or hair over an eye. Hardly any winks.
MAX_EYELID_DIFFERENCE = 0.1
# Photos beside each pair of heads, and the share of kisses. With rendered kisses alone no photo of
# one got a drawing that kisses; with these few neither, yet.
PHOTOS_PER_PAIR, KISS_SHARE = 1.0, 0.35
# Weights of the losses of heads beside those of the other faces.
NEIGHBORS_WEIGHT, DIRECTIONS_WEIGHT = 0.5, 1.0
# Of the squared error of emotions that are kept: a twentieth of that of photos, as what a network
# that never saw a head makes of one is less sure.
HEAD_KEEP_WEIGHT = 1.5


@dataclass
class PhotoFaces:
    """Gray crops (N×H×W u8) of photos, features (N×53) and expressions (N) as heads have them.

    `weights` (N) are for sampling.
    """

    images: np.ndarray
    features: np.ndarray
    expressions: np.ndarray
    weights: np.ndarray


@dataclass
class HeadFaces:
    """Gray crops (N×80×80 u8), roots of blendshapes (N×52), their directions (N×16) and features.

    `features` (N×53) are mirror-invariant roots and the tongue; `pairs` (P×2) are rows of heads
    with one expression. `expressions` (N) are those that drawings show too. `kept` (N×48) are the
    emotions that a trained network sees in them.
    """

    images: np.ndarray
    roots: np.ndarray
    features: np.ndarray
    pairs: np.ndarray
    directions: np.ndarray
    expressions: np.ndarray
    photos: PhotoFaces | None = None
    kept: np.ndarray | None = None


@dataclass
class HeadBatch:
    """Heads and after them photos (N×1×size×size in [-1, 1]), features (N×53), expressions (N).

    `weights` (N) are those of the expressions; kisses of photos have their own, other photos 0.
    `directions` (H×16) and `kept` (H×48) are of the heads alone: those of photos are learned from
    other batches.
    """

    faces: torch.Tensor
    directions: torch.Tensor
    features: torch.Tensor
    expressions: torch.Tensor
    weights: torch.Tensor
    kept: torch.Tensor | None = None


def head_roots(blendshapes: np.ndarray) -> np.ndarray:
    """Returns the invariant roots (N×52) of heads' blendshapes (N×52, the tongue last)."""
    without_tongue = blendshapes[:, :-1]
    neutral = np.zeros((len(blendshapes), 1), np.float32)
    return invariant_roots(np.concatenate([neutral, without_tongue], 1))


def pairs_of(groups: np.ndarray) -> np.ndarray:
    """Returns the rows (P×2) of neighboring heads of one group, which come after each other."""
    first = np.flatnonzero(groups[:-1] == groups[1:])
    return np.stack([first, first + 1], 1)


def usable_rows(heads: Heads) -> np.ndarray:
    """Returns the heads whose expression can be seen in a crop that is aligned by the eyes."""
    return uncovered_rows(heads, MAX_YAW)


def load_head_faces(paths: Sequence[Path]) -> HeadFaces:
    """Loads the heads of some files; directions are still 0."""
    heads = load_heads(paths)
    return head_faces(heads, usable_rows(heads))


def head_faces(heads: Heads, rows: np.ndarray) -> HeadFaces:
    """Crops these rows of the heads; directions are still 0."""
    roots = head_roots(heads.blendshapes[rows])
    tongue = TONGUE_WEIGHT * np.sqrt(heads.blendshapes[rows, -1:])
    return HeadFaces(
        crop_heads(heads, rows, CROP_SIZE),
        roots,
        np.concatenate([roots, tongue], 1).astype(np.float32),
        pairs_of(heads.group[rows]),
        np.zeros((len(rows), 16), np.float32),
        expressions_of_heads(heads.prototype[rows]),
    )


def photo_faces(
    images: np.ndarray, roots: np.ndarray, neutral: np.ndarray, is_kiss: np.ndarray
) -> PhotoFaces:
    """Returns photos with the roots (N×52) of their blendshapes, less those of neutral faces.

    Those of `is_kiss` (N) make up `KISS_SHARE` of a batch; those with an eyelid lower than the
    other are left out.
    """
    others = ~is_kiss & (roots[:, EYELID_DIFFERENCE] ** 2 < MAX_EYELID_DIFFERENCE)
    weights = KISS_SHARE * is_kiss / max(is_kiss.sum(), 1)
    weights += (1 - KISS_SHARE) * others / max(others.sum(), 1)
    no_tongue = np.zeros((len(roots), 1), np.float32)
    features = np.concatenate([np.clip(roots - neutral, 0, 1), no_tongue], 1)
    expressions = np.where(is_kiss, KISS, NO_EXPRESSION)
    return PhotoFaces(images, features.astype(np.float32), expressions, weights.astype(np.float32))


class HeadBatches:
    """Draws batches of pairs of heads, and of photos, if any."""

    def __init__(self, heads: HeadFaces, size: int, pairs: int):
        self.size, self.pairs = size, pairs
        self.rows = torch.from_numpy(heads.pairs)
        self.images = torch.from_numpy(heads.images)
        self.directions = torch.from_numpy(heads.directions)
        self.features = torch.from_numpy(heads.features)
        self.expressions = torch.from_numpy(heads.expressions)
        self.expression_weights = expression_weights(heads)
        self.photo_kiss_weight = photo_kiss_weight(heads)
        self.photos = heads.photos
        self.kept = None if heads.kept is None else torch.from_numpy(heads.kept)

    def draw(self) -> HeadBatch:
        """Returns a batch of twice as many heads as pairs, and of photos."""
        chosen = self.rows[torch.randint(0, len(self.rows), (self.pairs,))].flatten()
        faces, features = augment(self.images[chosen], self.size), self.features[chosen]
        expressions = self.expressions[chosen]
        weights = self.expression_weights[expressions]
        if self.photos:
            own = (faces, features, expressions, weights)
            more = zip(own, self._draw_photos(self.photos), strict=True)
            faces, features, expressions, weights = map(torch.cat, more)
        kept = None if self.kept is None else self.kept[chosen]
        return HeadBatch(faces, self.directions[chosen], features, expressions, weights, kept)

    def _draw_photos(self, photos: PhotoFaces) -> tuple[torch.Tensor, ...]:
        count = round(PHOTOS_PER_PAIR * self.pairs)
        rows = torch.multinomial(torch.from_numpy(photos.weights), count, replacement=True).numpy()
        images = torch.from_numpy(photos.images[rows])
        features, expressions = photos.features[rows], photos.expressions[rows]
        weights = np.where(expressions == KISS, self.photo_kiss_weight, 0).astype(np.float32)
        labels = map(torch.from_numpy, (features, expressions, weights))
        return augment(images, self.size), *labels


def expression_weights(heads: HeadFaces) -> torch.Tensor:
    """Returns the weight of each expression, so that all count the same in batches, however rare.

    `NO_EXPRESSION`, which is the last row, has none. The mean of the heads with an expression is 1.
    """
    return weights_of(expression_counts(heads))


def weights_of(counts: np.ndarray) -> torch.Tensor:
    """Returns the weights of expressions that occur so many times each, and of none."""
    weights = counts.sum() / np.maximum(counts, 1) / np.maximum((counts > 0).sum(), 1)
    return torch.from_numpy(np.append(weights, 0).astype(np.float32))


def photo_kiss_weight(heads: HeadFaces) -> float:
    """Returns the weight of kisses of photos: all of them count as one expression of heads."""
    counts = expression_counts(heads)
    share = counts.sum() / max((counts > 0).sum(), 1) / max(len(heads.pairs), 1)
    return float(share / (KISS_SHARE * PHOTOS_PER_PAIR))


def expression_counts(heads: HeadFaces) -> np.ndarray:
    """Returns how many heads in pairs show each expression."""
    return counts_of(heads.expressions[heads.pairs.flatten()])


def counts_of(expressions: np.ndarray) -> np.ndarray:
    """Returns how often each expression occurs; `NO_EXPRESSION` is left out."""
    shown = expressions[expressions != NO_EXPRESSION]
    return np.bincount(shown, minlength=len(NUMBERS)).astype(np.float64)


def neighbor_loss(embeddings: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
    """Returns the cross entropy of neighbors: by embeddings (H×64), against those by features.

    A contrastive loss whose positives are soft: the probability that a head picks another one falls
    with their distance, as in neighborhood component analysis (Goldberger et al. 2004).
    """
    with torch.no_grad():
        distances = torch.cdist(features, features)
        weights = -(distances / NEIGHBOR_WIDTH).square() / 2
        targets = _without_self(weights, -torch.inf).softmax(1)
    cosines = embeddings @ embeddings.T / TEMPERATURE
    # A head never picks itself; a finite number, since 0 times infinity has no gradient.
    return -(targets * F.log_softmax(_without_self(cosines, -1e4), 1)).sum(1).mean()


def _without_self(matrix: torch.Tensor, value: float) -> torch.Tensor:
    own = torch.eye(len(matrix), dtype=torch.bool)
    return matrix.masked_fill(own, value)


def is_doubtful(expressions: torch.Tensor, shown: torch.Tensor) -> torch.Tensor:
    """Returns whether a drawing (M) might answer a face (N) though it shows nothing of the table.

    A sad head may get a tired drawing; but a wink must not.
    """
    is_emotion = ~torch.isin(expressions, torch.tensor(NO_EMOTIONS))
    return is_emotion[:, None] & (shown == NO_EXPRESSION)


def head_losses(
    embeddings: torch.Tensor, emotion: torch.Tensor, nuance: torch.Tensor, heads: HeadBatch
) -> dict[str, torch.Tensor]:
    """Returns the terms of the loss of heads (H×64), emotions (H×48) and nuances (H×16)."""
    count, dimensions = heads.directions.shape
    error = (nuance[:count, :dimensions] - heads.directions).square().sum(1).mean()
    losses = {
        "head_neighbors": NEIGHBORS_WEIGHT * neighbor_loss(embeddings, heads.features),
        "head_directions": DIRECTIONS_WEIGHT * error,
    }
    if heads.kept is not None:
        # The network before knows no emotion for the others.
        known = ~torch.isin(heads.expressions[:count], torch.tensor(NO_EMOTIONS))
        if known.any():
            kept = kept_error(emotion[:count][known], heads.kept[known])
            losses["head_kept"] = HEAD_KEEP_WEIGHT * kept
    return losses
