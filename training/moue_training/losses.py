"""Losses on embeddings, driven by the annotators' vote shares."""

import torch
import torch.nn.functional as F


def hellinger(votes):
    """Pairwise Hellinger distances (B×B, 0..1) of vote shares (B×8)."""
    roots = votes.sqrt()
    return torch.cdist(roots, roots) / 2**0.5


def soft_cross_entropy(logits, votes):
    return -(votes * F.log_softmax(logits, 1)).sum(1).mean()


def _triples(votes, count):
    """Random triples of indices, half of them from one dominant emotion, so that nuances count too."""
    b, device = len(votes), votes.device
    anywhere = torch.randint(0, b, (3, count // 2), device=device)
    order = torch.argsort(votes.argmax(1).float() + torch.rand(b, device=device) * 0.9)
    start = torch.randint(0, b, (count - count // 2,), device=device)
    near = torch.stack([start, start + torch.randint(1, 12, start.shape, device=device), start + torch.randint(1, 12, start.shape, device=device)])
    return torch.cat([anywhere, order[near % b]], 1)


def triplet_loss(embeddings, votes, count=4096, margin=0.12, sharpness=8.0):
    """Logistic loss of both inequalities of every random triple that the votes decide by `margin`."""
    apart = hellinger(votes)
    i, j, k = _triples(votes, count)
    distances = torch.stack([apart[i, j], apart[j, k], apart[k, i]])
    nearest = distances.argmin(0)
    # Turn each triple so that its first two are the nearest pair.
    corners = torch.stack([i, j, k])
    columns = torch.arange(corners.shape[1], device=votes.device)
    a, b, odd = (corners[(nearest + step) % 3, columns] for step in range(3))
    kept = torch.minimum(apart[a, odd], apart[b, odd]) - apart[a, b] > margin
    a, b, odd = a[kept], b[kept], odd[kept]
    ab, ao, bo = ((embeddings[p] - embeddings[q]).square().sum(1).add(1e-6).sqrt() for p, q in ((a, b), (a, odd), (b, odd)))
    return (F.softplus(-sharpness * (ao - ab)) + F.softplus(-sharpness * (bo - ab))).mean()


def shape_distance(shapes):
    """Pairwise distances (B×B, about 0..1) of drawings' parameters, left and right taken together."""
    return torch.cdist(shapes, shapes) / 3.2


def metric_loss(embeddings, votes, stretch=1.3):
    """Mean squared difference of embedding distances and stretched Hellinger distances."""
    return (torch.cdist(embeddings, embeddings) - stretch * hellinger(votes)).square().mean()
