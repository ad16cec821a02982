"""Trains a teacher on FER+ votes; goes on from its last epoch when it is started again.

    python -m moue_training.train_teacher --seed 1 --epochs 18 --out runs/teacher1.pt
"""

import argparse
import copy
import math
import time
from pathlib import Path

import torch

from . import losses
from .data import load_ferplus
from .nets import ExpressionTeacher
from .train_expression import Batches, average, score


def mix(faces, votes, strength=0.2):
    """Blends half of the batches with a shuffled copy of themselves, pictures and votes alike."""
    if torch.rand(()) < 0.5:
        return faces, votes
    share = float(torch.distributions.Beta(strength, strength).sample())
    order = torch.randperm(len(faces))
    return share * faces + (1 - share) * faces[order], share * votes + (1 - share) * votes[order]


def loss_of(net, faces, votes):
    embeddings = net(faces.to(memory_format=torch.channels_last))
    loss = losses.soft_cross_entropy(net.emotions(embeddings), votes)
    return loss + 0.5 * losses.triplet_loss(embeddings, votes) + 0.5 * losses.metric_loss(embeddings, votes)


def parameters(net, decay=0.03):
    heavy = [p for p in net.parameters() if p.ndim > 1]
    light = [p for p in net.parameters() if p.ndim <= 1]
    return [{"params": heavy, "weight_decay": decay}, {"params": light, "weight_decay": 0.0}]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=18)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/teacher1.pt"))
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    data = load_ferplus()
    net = ExpressionTeacher().to(memory_format=torch.channels_last)
    slow = copy.deepcopy(net)
    optimizer = torch.optim.AdamW(parameters(net), args.rate)
    first = 0
    if args.out.exists():
        state = torch.load(args.out, map_location="cpu")
        net.load_state_dict(state["last"])
        slow.load_state_dict(state["net"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["epoch"]
    batches = Batches(data, net.INPUT, args.batch)
    steps, start = args.epochs * len(batches), time.process_time()
    for epoch in range(first, args.epochs):
        torch.manual_seed(args.seed * 1000 + epoch)
        net.train()
        total = 0.0
        for i, (faces, votes, _) in enumerate(batches):
            step = epoch * len(batches) + i
            rate = args.rate * min(1, (step + 1) / 300) * 0.5 * (1 + math.cos(math.pi * step / steps))
            for group in optimizer.param_groups:
                group["lr"] = rate
            loss = loss_of(net, *mix(faces, votes))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimizer.step()
            average(slow, net, min(0.998, step / (step + 20)))
            total += float(loss.detach())
        valid = score(slow, data, "valid")
        print(f"epoch {epoch + 1} loss {total / len(batches):.4f} valid {valid} cpu {time.process_time() - start:.0f} s", flush=True)
        state = {"net": slow.state_dict(), "last": net.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch + 1, "valid": valid}
        partial = args.out.with_suffix(".part")
        torch.save(state, partial)
        partial.replace(args.out)


if __name__ == "__main__":
    main()
