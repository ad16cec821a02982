"""Trains the student that is shipped on what votes, teachers and blendshapes say; goes on where it was stopped.

    python -m moue_training.distill --teachers runs/teacher*.pt --epochs 70 --rate 8e-3 --out runs/student.pt

`--without` leaves out parts, for the ablation: `unlabeled`, `blendshapes`, `drawings`.
"""

import argparse
import itertools
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from . import augment, course, losses, muon
from .data import load_ferplus
from .nets import ExpressionStudent
from .pretrained import HALF
from .score import score, spread_of
from .targets import WEIGHT, load_sets, rarity

# How much farther apart drawings lie than their targets.
STRETCH = 1.15
# How far apart the emotions of any two faces are at most, and from which distance of their targets on they hardly get farther.
FARTHEST, FAR = 1.3, 0.26
# Weights: of nuances that lie everywhere, of drawings' distances.
SPREAD, DRAWN = 0.4, 2.0
# Share of the faces that come twice in a batch, changed in other ways: they have the same target.
TWICE = 0.2


class Mixture:
    """Batches of all sets: half of the labeled faces in their own framing, half as moue crops them."""

    def __init__(self, sets, size, batch, without):
        shares = {"own": 0.28, "aligned": 0.20, "unlabeled": 0.36, "drawings": 0.16}
        kept = {name: share for name, share in shares.items() if name not in without}
        total = sum(kept.values())
        self.counts = {name: round(batch * share / total) for name, share in kept.items()}
        self.sets, self.size = sets, size
        self.tensors = {
            name: tuple(torch.from_numpy(np.ascontiguousarray(a)) for a in (s.images, s.votes.astype(np.float32), s.points))
            for name, s in sets.items()
        }
        self.weights = {name: rarity(t[1]) for name, t in self.tensors.items()}

    def draw(self):
        """(faces, votes, points, parameters of the drawings, which come last)."""
        parts, shapes = [], None
        for name, count in self.counts.items():
            images, votes, points = self.tensors[name]
            once = count - int(TWICE * count)
            chosen = torch.multinomial(self.weights[name], once, replacement=len(images) < once)
            chosen = torch.cat([chosen, chosen[: count - once]])
            parts.append((augment.augment(images[chosen], self.size), votes[chosen], points[chosen]))
            if name == "drawings":
                shapes = torch.from_numpy(self.sets[name].shapes[chosen.numpy()])
        faces, votes, points = (torch.cat(column) for column in zip(*parts))
        return faces, votes, points, shapes


def bent(wanted):
    """Distances of emotions for those of their targets: the near ones count, what is far apart is equally far apart.

    The order of all distances stays; but points whose distances are such fill many dimensions (those of a Gaussian kernel's features),
    where the votes alone lie in four.
    """
    return FARTHEST * (1 - (-(wanted / FAR).square() / 2).exp()).clamp(min=1e-9).sqrt()


def drawn_distances(points, shapes):
    """Wanted distances of drawings: half of them their own parameters'."""
    return 0.5 * torch.cdist(points, points) + 0.6 * losses.shape_distance(shapes)


def triplets(embeddings, wanted, count=4096, sharpness=8.0):
    """Both inequalities of random triples, each as important as the targets are far apart."""
    b = len(embeddings)
    corners = torch.randint(0, b, (3, count))
    i, j, k = corners
    apart = torch.stack([wanted[i, j], wanted[j, k], wanted[k, i]])
    nearest, columns = apart.argmin(0), torch.arange(count)
    a, c, odd = (corners[(nearest + step) % 3, columns] for step in range(3))
    margin = torch.minimum(wanted[a, odd], wanted[c, odd]) - wanted[a, c]
    kept = margin > 0.08
    a, c, odd, weight = a[kept], c[kept], odd[kept], margin[kept].clamp(max=0.5)
    ac, ao, co = ((embeddings[p] - embeddings[q]).square().sum(1).add(1e-6).sqrt() for p, q in ((a, c), (a, odd), (c, odd)))
    each = F.softplus(-sharpness * (ao - ac)) + F.softplus(-sharpness * (co - ac))
    return (weight * each).sum() / weight.sum().clamp(min=1e-6)


class Company:
    """The embeddings of the last batches, among which a face looks for neighbors as it would in a gallery.

    `weight` is that of choosing them evenly.
    """

    def __init__(self, weight=0.03, size=1152):
        self.weight, self.size, self.rows = weight, size, torch.zeros(0, 64)

    def add(self, embeddings):
        self.rows = torch.cat([embeddings.detach(), self.rows])[: self.size]

    def full(self):
        return len(self.rows) == self.size


def unevenness(embeddings, others, sharpness=16.0):
    """How unevenly `others` would choose their neighbors: minus the mean logarithm of how often each embedding is chosen.

    Every row of `others` shares one choice between all embeddings, the more the nearer, measured by the distance of its third
    neighbor, so that the spread of the whole does not matter. Chosen more than e times as often as is fair is fair enough.
    """
    apart = (2 - 2 * others @ embeddings.T).clamp(min=1e-4).sqrt()
    with torch.no_grad():
        between = torch.cdist(others, others)
        between.fill_diagonal_(1e9)
        near = between.topk(3, 1, largest=False)[0][:, 2:].clamp(min=0.02)
    chosen = F.softmax(-sharpness * torch.cat([apart, between], 1) / near, 1)[:, : len(embeddings)].sum(0)
    return -chosen.clamp(min=1e-4).log().clamp(max=1).mean()


def uniformity(directions):
    """Lower the more evenly directions (N×D) lie on their sphere (Wang and Isola, 2020)."""
    return (-2 * torch.pdist(directions).square()).exp().mean().log()


def nuance_loss(nuance, points):
    """Each nuance points where the blendshapes do, as far as they point anywhere, and all of them everywhere."""
    wanted = points[:, 8:] / WEIGHT
    return (nuance[:, : wanted.shape[1]] - wanted).square().sum(1).mean() + SPREAD * uniformity(nuance)


def drawings_loss(embeddings, points, shapes):
    drawn = slice(len(points) - len(shapes), len(points))
    apart = torch.cdist(embeddings[drawn], embeddings[drawn])
    return (apart - STRETCH * drawn_distances(points[drawn], shapes)).square().mean()


def loss_of(net, batch, company=None):
    faces, votes, points, shapes = batch
    with torch.autocast("cpu", torch.bfloat16, enabled=HALF):
        pooled = net.pooled(faces.to(memory_format=torch.channels_last))
    emotion, nuance = net.parts(pooled.float())
    embeddings = net.joined(emotion, nuance)
    wanted = torch.cdist(points[:, :8], points[:, :8])
    loss = losses.soft_cross_entropy(net.emotions(embeddings), votes) + triplets(emotion, wanted)
    loss = loss + 0.5 * losses.triplet_loss(emotion, votes, count=2048)
    loss = loss + 4 * (torch.cdist(emotion, emotion) - bent(wanted)).square().mean()
    if net.nuance > 0:
        loss = loss + nuance_loss(nuance, points)
    if shapes is not None:
        loss = loss + DRAWN * drawings_loss(embeddings, points, shapes)
    if company is not None:
        if company.full():
            loss = loss + company.weight * unevenness(embeddings, company.rows)
        company.add(embeddings)
    return loss


def teach(plan, net, mixture, loss_of, measure, optimizer=None):
    """Trains the student on batches of the mixture; its averaged weights."""
    optimizer = optimizer or muon.for_student(net, plan.rate, 0.02)
    batches = (mixture.draw() for _ in itertools.count())
    return course.follow(plan, net, optimizer, lambda: batches, loss_of, measure)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teachers", type=Path, nargs="*", default=[])
    parser.add_argument("--crops", type=Path, default=Path("runs/crops.npz"))
    parser.add_argument("--shapes", type=Path, default=Path("runs/shapes.npz"))
    parser.add_argument("--drawings", type=Path, default=Path("runs/drawings"))
    parser.add_argument("--start", type=Path, help="weights of an earlier student to start from")
    parser.add_argument("--without", nargs="*", default=[], choices=["unlabeled", "blendshapes", "drawings"])
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--steps", type=int, default=320, help="steps of an epoch")
    parser.add_argument("--batch", type=int, default=192)
    parser.add_argument("--rate", type=float, default=8e-3)
    parser.add_argument("--even", type=float, default=0.03, help="weight of neighbors that are chosen evenly")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/student.pt"))
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    sets = load_sets(args.crops, args.shapes, args.drawings, args.teachers)
    net = ExpressionStudent(nuance=0.0) if "blendshapes" in args.without else ExpressionStudent()
    if args.start:
        course.load(net, args.start)
    net = net.to(memory_format=torch.channels_last)
    mixture = Mixture(sets, net.INPUT, args.batch, args.without)
    print({name: len(s.images) for name, s in sets.items()}, mixture.counts, flush=True)
    company, data = Company(args.even), load_ferplus()
    plan = course.Course(args.epochs, args.steps, args.rate, args.seed, args.out)
    measure = lambda slow: {**score(slow, data, "valid"), **spread_of(slow, data)}  # noqa: E731
    teach(plan, net, mixture, lambda net, batch: loss_of(net, batch, company), measure)


if __name__ == "__main__":
    main()
