"""Trains the expression net on FER+ votes and keeps the averaged weights after every epoch.

    python -m moue_training.train_expression --epochs 24 --out runs/expression.pt
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
from .nets import ExpressionNet


def embed_all(net, images, batch=512):
    net.eval()
    with torch.no_grad():
        parts = [net(augment.plain(images[i : i + batch], net.INPUT)) for i in range(0, len(images), batch)]
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--out", type=Path, default=Path("runs/expression.pt"))
    args = parser.parse_args()
    torch.manual_seed(1)
    args.out.parent.mkdir(parents=True, exist_ok=True)

    data = load_ferplus()
    rows = np.flatnonzero(data.trainable)
    images, votes = torch.from_numpy(data.images[rows]), torch.from_numpy(data.votes[rows])
    # Rare emotions are drawn more often, by the root of how rare they are.
    share = votes.mean(0)
    weights = (votes / share.sqrt()).sum(1)
    net = ExpressionNet().to(memory_format=torch.channels_last)
    slow = copy.deepcopy(net)
    decay = [p for p in net.parameters() if p.ndim > 1]
    rest = [p for p in net.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW([{"params": decay, "weight_decay": 0.02}, {"params": rest, "weight_decay": 0.0}], args.rate)
    steps = args.epochs * (len(rows) // args.batch)
    step, start = 0, time.process_time()
    print(f"{len(rows)} pictures, {sum(p.numel() for p in net.parameters())} parameters, {steps} steps", flush=True)
    for epoch in range(args.epochs):
        net.train()
        total = 0.0
        drawn = torch.multinomial(weights, len(rows) // args.batch * args.batch, replacement=True)
        for chosen in drawn.view(-1, args.batch):
            rate = args.rate * min(1, (step + 1) / 300) * 0.5 * (1 + math.cos(math.pi * step / steps))
            for group in optimizer.param_groups:
                group["lr"] = rate
            embeddings = net(augment.augment(images[chosen], net.INPUT))
            target = votes[chosen]
            loss = losses.soft_cross_entropy(net.emotions(embeddings), target)
            loss = loss + losses.triplet_loss(embeddings, target) + losses.metric_loss(embeddings, target)
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
