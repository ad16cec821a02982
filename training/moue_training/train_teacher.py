"""Trains a teacher on FER+ votes; goes on from its last epoch when it is started again.

    python -m moue_training.train_teacher --pretrained faceres-deep --out runs/teacher1.pt
    python -m moue_training.train_teacher --pretrained face_recognition_model --seed 3 --out runs/teacher2.pt
    python -m moue_training.train_teacher --pretrained face_recognition_model --seed 4 \
        --teachers runs/teacher1.pt runs/teacher2.pt --out runs/teacher3.pt

They start from nets that know faces (`pretrained.py` says which) and see FER+ pictures in their own framing and, where
`runs/crops.npz` is there, as moue crops them. With `--teachers` the annotators' votes are mixed with what those say, and a quarter
of the faces has no annotators at all.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from . import augment, course, losses
from .crop_faces import FERPLUS
from .data import load_ferplus
from .pretrained import load_pretrained
from .score import score
from .targets import load_teachers, rarity, taught, unlabeled

# Rate of a pretrained base, as a share of what is new.
GENTLE = 0.15


# Share of the annotators in the votes of a face, where teachers vote as well; share of the faces that have no annotators.
VOTED, UNLABELED = 0.7, 0.25


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
            faces = unlabeled(bank)
            self.others = torch.from_numpy(faces), torch.from_numpy(taught(nets, faces))
            self.other_weights = rarity(self.others[1])
        self.votes = torch.from_numpy(votes)
        self.unlabeled = int(UNLABELED * batch) if nets else 0
        self.batch = batch - self.unlabeled
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
                some = torch.multinomial(self.other_weights, self.unlabeled)
                faces.append(augment.augment(self.others[0][some], self.size))
                votes = torch.cat([votes, self.others[1][some]])
            yield torch.cat(faces), votes


def mix(faces, votes, strength=0.2):
    """Blends half of the batches with a shuffled copy of themselves, pictures and votes alike."""
    if torch.rand(()) < 0.5:
        return faces, votes
    share = float(torch.distributions.Beta(strength, strength).sample())
    order = torch.randperm(len(faces))
    return share * faces + (1 - share) * faces[order], share * votes + (1 - share) * votes[order]


def loss_of(net, batch):
    faces, votes = mix(*batch)
    embeddings = net(faces.to(memory_format=torch.channels_last))
    loss = losses.soft_cross_entropy(net.emotions(embeddings), votes)
    return loss + 0.5 * losses.triplet_loss(embeddings, votes) + 0.5 * losses.metric_loss(embeddings, votes)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pretrained", type=Path, required=True, help="path of the pretrained net's files without their endings")
    parser.add_argument("--teachers", type=Path, nargs="*", default=[], help="weights of earlier teachers that vote as well")
    parser.add_argument("--crops", type=Path, default=Path("runs/crops.npz"))
    parser.add_argument("--epochs", type=int, default=14)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/teacher1.pt"))
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    data, net = load_ferplus(), load_pretrained(args.pretrained)
    faces = TwoFramings(data, net.INPUT, args.batch, args.crops, load_teachers(args.teachers))
    optimizer = torch.optim.AdamW(course.groups(net, 0.03, GENTLE), args.rate)
    plan = course.Course(args.epochs, len(faces), args.rate, args.seed, args.out, 300)
    course.follow(plan, net, optimizer, lambda: faces, loss_of, lambda slow: score(slow, data, "valid"))


if __name__ == "__main__":
    main()
