"""Losses on embeddings, driven by the annotators' vote shares."""

from typing import NamedTuple

import torch
import torch.nn.functional as F


def hellinger_distances(votes: torch.Tensor) -> torch.Tensor:
    """Returns the pairwise Hellinger distances (B×B, 0..1) of vote shares (B×8)."""
    roots = votes.sqrt()
    return torch.cdist(roots, roots) / 2**0.5


def kept_error(emotion: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    """Returns the mean squared distance of emotions (B×48) from those that are kept (B×48)."""
    return (emotion - kept).square().sum(1).mean()


def soft_cross_entropy(logits: torch.Tensor, votes: torch.Tensor) -> torch.Tensor:
    """Returns the mean cross entropy of logits (B×8) against distributions (B×8)."""
    return -(votes * F.log_softmax(logits, 1)).sum(1).mean()


class Triplets(NamedTuple):
    """Indices (T each) of triplets, and by how much the targets separate the odd one (T).

    The targets of `a` and `b` are the nearest pair of the three.
    """

    a: torch.Tensor
    b: torch.Tensor
    odd: torch.Tensor
    margins: torch.Tensor

    def above(self, margin: float) -> "Triplets":
        """Returns the triplets whose margin is larger."""
        kept = self.margins > margin
        return Triplets(*(column[kept] for column in self))


def orient(corners: torch.Tensor, targets: torch.Tensor) -> Triplets:
    """Orders each triple (3×T indices) so that its first two are the nearest by `targets` (B×B)."""
    i, j, k = corners
    distances = torch.stack([targets[i, j], targets[j, k], targets[k, i]])
    nearest = distances.argmin(0)
    columns = torch.arange(corners.shape[1])
    a, b, odd = (corners[(nearest + step) % 3, columns] for step in range(3))
    margins = torch.minimum(targets[a, odd], targets[b, odd]) - targets[a, b]
    return Triplets(a, b, odd, margins)


def row_distances(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Returns the distances (N) of rows (N×D)."""
    # The root of zero has no finite gradient.
    return (one - other).square().sum(1).add(1e-6).sqrt()


def triplet_terms(embeddings: torch.Tensor, triplets: Triplets, sharpness: float) -> torch.Tensor:
    """Returns the logistic loss of each triplet (T): both inequalities of the odd-one-out question.

    The soft-margin form of the triplet loss (Schroff et al. 2015; Hermans et al. 2017).
    """
    a, b, odd = triplets.a, triplets.b, triplets.odd
    ab, ao, bo = (
        row_distances(embeddings[p], embeddings[q]) for p, q in ((a, b), (a, odd), (b, odd))
    )
    return F.softplus(-sharpness * (ao - ab)) + F.softplus(-sharpness * (bo - ab))


def random_triples(votes: torch.Tensor, count: int) -> torch.Tensor:
    """Returns random triples of rows (3×count), half of them mostly of one leading emotion.

    Triples drawn from all rows alone would seldom ask for nuances within an emotion.
    """
    rows = len(votes)
    anywhere = torch.randint(0, rows, (3, count // 2))
    # Rows sorted by leading emotion, shuffled within each: neighbors share it.
    order = torch.argsort(votes.argmax(1).float() + torch.rand(rows) * 0.9)
    start = torch.randint(0, rows, (count - count // 2,))
    second = start + torch.randint(1, 12, start.shape)
    third = start + torch.randint(1, 12, start.shape)
    near = torch.stack([start, second, third])
    return torch.cat([anywhere, order[near % rows]], 1)


def triplet_loss(
    embeddings: torch.Tensor,
    votes: torch.Tensor,
    count: int = 4096,
    margin: float = 0.12,
    sharpness: float = 8.0,
) -> torch.Tensor:
    """Returns the mean triplet loss of random triples that the votes decide by `margin`.

    Distances of votes (B×8) are Hellinger's. The triplets of the evaluation have a margin of 0.2; a
    lower one trains on more triples. `sharpness` is the slope of the loss, chosen by hand.
    """
    triplets = orient(random_triples(votes, count), hellinger_distances(votes)).above(margin)
    return triplet_terms(embeddings, triplets, sharpness).mean()


def weighted_triplet_loss(
    embeddings: torch.Tensor,
    targets: torch.Tensor,
    count: int = 4096,
    sharpness: float = 8.0,
) -> torch.Tensor:
    """Returns the triplet loss of random triples, each weighted by its margin in `targets` (B×B).

    Triples with a margin up to 0.08 have no clear odd one and are skipped; above 0.5 all weigh the
    same. Both were chosen by hand.
    """
    corners = torch.randint(0, len(embeddings), (3, count))
    triplets = orient(corners, targets).above(0.08)
    weights = triplets.margins.clamp(max=0.5)
    terms = triplet_terms(embeddings, triplets, sharpness)
    return (weights * terms).sum() / weights.sum().clamp(min=1e-6)


def metric_loss(
    embeddings: torch.Tensor, votes: torch.Tensor, stretch: float = 1.3
) -> torch.Tensor:
    """Returns the mean squared difference of embedding distances and stretched Hellinger distances.

    The raw stress of multidimensional scaling (Kruskal 1964). Unit vectors are up to 2 apart,
    votes up to 1; a `stretch` of 1.3 fills most of the sphere.
    """
    targets = stretch * hellinger_distances(votes)
    return (torch.cdist(embeddings, embeddings) - targets).square().mean()


def uniformity_loss(directions: torch.Tensor) -> torch.Tensor:
    """Returns a loss that is lower the more evenly unit vectors (B×D) lie on their sphere.

    The uniformity loss of Wang and Isola (2020).
    """
    return (-2 * torch.pdist(directions).square()).exp().mean().log()


class EmbeddingQueue:
    """The embeddings (≤ size×64) of the last batches, a stand-in for a gallery.

    A first-in-first-out queue as in MoCo (He et al. 2020), without its momentum encoder; six
    batches of 192 are enough to rank neighbors, and recent enough to be of nearly the same weights.
    """

    def __init__(self, size: int = 1152):
        self.size, self.rows = size, torch.zeros(0, 64)

    def add(self, embeddings: torch.Tensor) -> None:
        """Adds a batch; the oldest rows are dropped."""
        self.rows = torch.cat([embeddings.detach(), self.rows])[: self.size]

    def is_full(self) -> bool:
        """Returns whether as many rows are there as the queue holds."""
        return len(self.rows) == self.size


def hubness_loss(
    embeddings: torch.Tensor, others: torch.Tensor, sharpness: float = 16.0
) -> torch.Tensor:
    """Returns a loss against hubness (Radovanović et al. 2010): hubs and anti-hubs among neighbors.

    Every row of `others` (M×64) shares one choice among all embeddings by a softmax over distances
    in units of the distance of its third neighbor (local scaling), so that the spread of the whole
    does not matter. The loss is minus the mean logarithm of how often each of `embeddings` (B×64)
    is chosen. Chosen more than e times as often as on average counts no further.
    """
    distances = (2 - 2 * others @ embeddings.T).clamp(min=1e-4).sqrt()
    with torch.no_grad():
        between = torch.cdist(others, others)
        # No row is a neighbor of its own.
        between.fill_diagonal_(1e9)
        scale = between.topk(3, 1, largest=False)[0][:, 2:].clamp(min=0.02)
    all_distances = torch.cat([distances, between], 1)
    shares = F.softmax(-sharpness * all_distances / scale, 1)[:, : len(embeddings)]
    return -shares.sum(0).clamp(min=1e-4).log().clamp(max=1).mean()
