"""Stretches the directions in which a trained student's embeddings differ little, and sets how much nuance counts.

    python -m moue_training.even_out runs/student.pt runs/evened.pt --power 0.05 --nuance 0.36

Nine tenths of the spread of a student lie in few directions. Of each part of an embedding, emotion and nuance, every principal
direction is multiplied by its variance to the power of minus `--power`; as nothing but the normalisation follows, that is a
change of the last layer's weights and costs nothing. Prints triplet accuracy and spread on the validation split.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from . import augment
from .data import load_ferplus
from .nets import ExpressionStudent
from .score import score, spread_of

# Training faces from which the directions are read.
SAMPLE = 6000


def directions(table):
    """Variances (D) and principal directions (D×D, in columns) of rows."""
    values, vectors = np.linalg.eigh(np.cov(table.T))
    return values.clip(1e-6), vectors


def parts_of(net, images, batch=500):
    """Emotion and nuance of grey pictures, before anything is changed."""
    found = []
    with torch.no_grad():
        for i in range(0, len(images), batch):
            found.append(net.parts(net.pooled(augment.plain(images[i : i + batch], net.INPUT))))
    return [torch.cat(part).numpy() for part in zip(*found)]


def even_out(net, images, power):
    rows = slice(None, net.EMOTION), slice(net.EMOTION, None)
    for part, table in zip(rows, parts_of(net, images)):
        values, vectors = directions(table)
        matrix = torch.from_numpy((vectors * values**-power).T.astype(np.float32))
        with torch.no_grad():
            net.project.bias[part] = matrix @ net.project.bias[part]
            net.project.weight[part] = matrix @ net.project.weight[part]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("student", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--power", type=float, default=0.05)
    parser.add_argument("--nuance", type=float, default=0.36, help="length of the nuance in an embedding of length 1")
    args = parser.parse_args()
    net, data = ExpressionStudent(), load_ferplus()
    net.load_state_dict(torch.load(args.student, map_location="cpu")["net"])
    net.eval()
    print("before:", score(net, data, "valid"), spread_of(net, data))
    chosen = np.random.default_rng(0).choice(np.flatnonzero(data.trainable), SAMPLE, replace=False)
    even_out(net, torch.from_numpy(data.images[chosen]), args.power)
    net.nuance.fill_(args.nuance)
    print("after:", score(net, data, "valid"), spread_of(net, data))
    torch.save({"net": net.state_dict()}, args.out)


if __name__ == "__main__":
    main()
