"""Trains the expression net on FER+ votes and keeps the averaged weights after every epoch.

    python -m moue_training.train_expression --epochs 24 --out runs/photos.pt
    python -m moue_training.train_expression --epochs 8 --rate 8e-4 --start runs/photos.pt \
        --drawings runs/drawings --out runs/expression.pt

The first run sees photos alone, the second mixes in the drawings, so that a drawn grin and a
photographed one lie together.
"""

import argparse
import copy
import math
import time
from pathlib import Path

import numpy as np
import torch

from . import augment, losses
from .data import load_ferplus, load_triplets, triplet_accuracy
from .drawn import load_drawn
from .nets import ExpressionNet


def embed_all(net, images, batch=512):
    net.eval()
    with torch.no_grad():
        parts = [net(augment.plain(images[i : i + batch], net.INPUT).expand(-1, net.CHANNELS, -1, -1)) for i in range(0, len(images), batch)]
    return torch.cat(parts).numpy()


def score(net, data, split):
    rows, types = load_triplets(split)
    used = np.unique(rows)
    table = np.full((len(data.images), 64), np.nan, np.float32)
    table[used] = embed_all(net, torch.from_numpy(data.images[used]))
    return triplet_accuracy(table, rows, types)


def average(slow, net, keep):
    with torch.no_grad():
        for a, b in zip(slow.state_dict().values(), net.state_dict().values()):
            a.copy_(a * keep + b * (1 - keep) if a.is_floating_point() else b)


class Batches:
    """Draws batches of faces in [-1, 1] with their vote shares; the drawings come last in each."""

    def __init__(self, data, size, batch, drawn=None):
        rows = np.flatnonzero(data.trainable)
        self.images, self.votes = torch.from_numpy(data.images[rows]), torch.from_numpy(data.votes[rows])
        # Rare emotions are drawn more often, by the root of how rare they are.
        self.weights = (self.votes / self.votes.mean(0).sqrt()).sum(1)
        self.size, self.batch, self.drawn = size, batch, drawn
        self.drawings = batch // 4 if drawn else 0

    def __len__(self):
        return len(self.images) // (self.batch - self.drawings)

    def __iter__(self):
        photos = self.batch - self.drawings
        order = torch.multinomial(self.weights, len(self) * photos, replacement=True)
        for chosen in order.view(-1, photos):
            faces, votes = augment.augment(self.images[chosen], self.size), self.votes[chosen]
            if not self.drawn:
                yield faces, votes, None
                continue
            some = torch.randint(0, len(self.drawn.images), (self.drawings,)).numpy()
            drawn = augment.augment(torch.from_numpy(self.drawn.images[some]), self.size)
            both = torch.cat([votes, torch.from_numpy(self.drawn.votes[some])])
            yield torch.cat([faces, drawn]), both, torch.from_numpy(self.drawn.shapes[some])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument("--drawings", type=Path, help="folder written by `cargo xtask drawings`")
    parser.add_argument("--out", type=Path, default=Path("runs/expression.pt"))
    args = parser.parse_args()
    torch.manual_seed(1)
    args.out.parent.mkdir(parents=True, exist_ok=True)

    data = load_ferplus()
    net = ExpressionNet().to(memory_format=torch.channels_last)
    if args.start:
        net.load_state_dict(torch.load(args.start)["net"])
    slow = copy.deepcopy(net)
    batches = Batches(data, net.INPUT, args.batch, load_drawn(args.drawings) if args.drawings else None)
    decay = [p for p in net.parameters() if p.ndim > 1]
    rest = [p for p in net.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW([{"params": decay, "weight_decay": 0.02}, {"params": rest, "weight_decay": 0.0}], args.rate)
    steps = args.epochs * len(batches)
    step, start = 0, time.process_time()
    print(f"{len(batches.images)} pictures, {sum(p.numel() for p in net.parameters())} parameters, {steps} steps", flush=True)
    for epoch in range(args.epochs):
        net.train()
        total = 0.0
        for faces, target, shapes in batches:
            rate = args.rate * min(1, (step + 1) / 300) * 0.5 * (1 + math.cos(math.pi * step / steps))
            for group in optimizer.param_groups:
                group["lr"] = rate
            embeddings = net(faces.to(memory_format=torch.channels_last))
            loss = losses.soft_cross_entropy(net.emotions(embeddings), target)
            loss = loss + losses.triplet_loss(embeddings, target) + losses.metric_loss(embeddings, target, shapes)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimizer.step()
            average(slow, net, min(0.998, step / (step + 20)))
            total += float(loss.detach())
            step += 1
        scores = score(slow, data, "valid")
        print(f"epoch {epoch + 1} loss {total / (steps / args.epochs):.4f} valid {scores} cpu {time.process_time() - start:.0f} s", flush=True)
        torch.save({"net": slow.state_dict(), "epoch": epoch + 1, "valid": scores}, args.out)
    print("test", score(slow, data, "test"), flush=True)


if __name__ == "__main__":
    main()
