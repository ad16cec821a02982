"""Trains a teacher on FER+ votes; goes on from its last epoch when it is started again.

    python -m moue_training.train_teacher --pretrained faceres-deep --epochs 14 --batch 64 --out runs/teacher1.pt
    python -m moue_training.train_teacher --pretrained face_recognition_model --epochs 14 --batch 64 --seed 3 --out runs/teacher2.pt
    python -m moue_training.train_teacher --pretrained face_recognition_model --epochs 14 --batch 64 --seed 4 \
        --teachers runs/teacher1.pt runs/teacher2.pt --out runs/teacher3.pt

They start from nets that know faces (`pretrained.py` says which) and see FER+ pictures in their own framing and, where
`runs/crops.npz` is there, as moue crops them. With `--teachers` the annotators' votes are mixed with what those say, and a quarter
of the faces has no annotators at all.
"""

import argparse
import copy
import math
import time
from pathlib import Path

import numpy as np
import torch

from . import augment, losses
from .crop_faces import FERPLUS
from .data import load_ferplus
from .nets import ExpressionTeacher
from .pretrained import load_pretrained
from .targets import load_teachers, taught, unlabelled
from .train_expression import average, score

# Rate of a pretrained base, as a share of what is new.
GENTLE = 0.15


# Share of the annotators in the votes of a face, where teachers vote as well; share of the faces that have no annotators.
VOTED, UNLABELLED = 0.7, 0.25


class TwoFramings:
    """Batches of FER+ faces with their votes, half of them as moue crops them, if it found them; and of others, if teachers vote."""

    def __init__(self, data, size, batch, crops, nets=()):
        rows = np.flatnonzero(data.trainable)
        self.size = size
        votes = data.votes[rows]
        self.own = torch.from_numpy(data.images[rows])
        self.aligned, self.place = None, torch.full((len(rows),), -1, dtype=torch.long)
        self.others = None
        if crops.exists():
            bank = np.load(crops)
            at = {int(row): i for i, row in enumerate(rows)}
            seen = np.flatnonzero((bank["source"] == FERPLUS) & np.isin(bank["index"], rows))
            self.aligned = torch.from_numpy(bank["crops"][seen])
            self.place[[at[int(row)] for row in bank["index"][seen]]] = torch.arange(len(seen))
        if nets:
            votes = VOTED * votes + (1 - VOTED) * taught(nets, data.images[rows])
            faces = unlabelled(bank)
            self.others = torch.from_numpy(faces), torch.from_numpy(taught(nets, faces))
            self.other_weights = rarity(self.others[1])
        self.votes = torch.from_numpy(votes)
        self.unlabelled = int(UNLABELLED * batch) if nets else 0
        self.batch = batch - self.unlabelled
        # Rare emotions are drawn more often, by the root of how rare they are.
        self.weights = rarity(self.votes)

    def __len__(self):
        return len(self.votes) // self.batch

    def __iter__(self):
        for chosen in torch.multinomial(self.weights, len(self) * self.batch, replacement=True).view(-1, self.batch):
            place = self.place[chosen]
            moved = (place >= 0) & (torch.rand(self.batch) < 0.5)
            order = torch.cat([chosen[~moved], chosen[moved]])
            faces, votes = [augment.augment(self.own[chosen[~moved]], self.size)], self.votes[order]
            if moved.any():
                faces.append(augment.augment(self.aligned[place[moved]], self.size))
            if self.others:
                some = torch.multinomial(self.other_weights, self.unlabelled)
                faces.append(augment.augment(self.others[0][some], self.size))
                votes = torch.cat([votes, self.others[1][some]])
            yield torch.cat(faces), votes


def rarity(votes):
    return (votes / votes.mean(0).clamp(1e-3).sqrt()).sum(1)


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
    """Groups for the optimizer; a pretrained base learns more slowly than the rest."""
    groups = []
    for base in (False, True):
        of = [p for name, p in net.named_parameters() if name.startswith("base.") == base]
        share = {"share": GENTLE if base else 1.0}
        groups += [{"params": [p for p in of if p.ndim > 1], "weight_decay": decay, **share}]
        groups += [{"params": [p for p in of if p.ndim <= 1], "weight_decay": 0.0, **share}]
    return [group for group in groups if group["params"]]


def set_rate(optimizer, rate):
    for group in optimizer.param_groups:
        group["lr"] = rate * group["share"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=18)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pretrained", type=Path, help="path of `faceres-deep.json` and `.bin` without their ending")
    parser.add_argument("--crops", type=Path, default=Path("runs/crops.npz"))
    parser.add_argument("--teachers", type=Path, nargs="*", default=[], help="weights of earlier teachers that vote as well")
    parser.add_argument("--out", type=Path, default=Path("runs/teacher1.pt"))
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    data = load_ferplus()
    net = load_pretrained(args.pretrained) if args.pretrained else ExpressionTeacher().to(memory_format=torch.channels_last)
    slow = copy.deepcopy(net)
    optimizer = torch.optim.AdamW(parameters(net), args.rate)
    first = 0
    if args.out.exists():
        state = torch.load(args.out, map_location="cpu")
        net.load_state_dict(state["last"])
        slow.load_state_dict(state["net"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["epoch"]
    batches = TwoFramings(data, net.INPUT, args.batch, args.crops, load_teachers(args.teachers))
    steps, start = args.epochs * len(batches), time.process_time()
    for epoch in range(first, args.epochs):
        torch.manual_seed(args.seed * 1000 + epoch)
        net.train()
        total = 0.0
        for i, (faces, votes) in enumerate(batches):
            step = epoch * len(batches) + i
            rate = args.rate * min(1, (step + 1) / 300) * 0.5 * (1 + math.cos(math.pi * step / steps))
            set_rate(optimizer, rate)
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
