"""Stretches the directions in which a trained student's embeddings differ little, in its last layer.

    python -m moue_training.even_out runs/student.pt runs/evened.pt

Nine tenths of the spread of a student lie in few directions. Each principal direction of its embeddings is
multiplied by its variance to the power of minus `--power`; as nothing but the normalisation follows, that is a change
of the last layer's weights and costs nothing. It prints triplet accuracy on the validation split and dimensions.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from .data import load_ferplus
from .nets import ExpressionStudent
from .train_expression import embed_all, score

# Training faces from which the directions are read.
SAMPLE = 6000


def directions(table):
    """Variances (D) and principal directions (D×D, in columns) of embeddings."""
    values, vectors = np.linalg.eigh(np.cov(table.T))
    return values.clip(1e-6), vectors


def dimensions(table):
    """How many directions hold nine tenths of the variance."""
    values = np.sort(np.linalg.eigvalsh(np.cov(table.T)))[::-1]
    return int(np.searchsorted(np.cumsum(values) / values.sum(), 0.9)) + 1


def even_out(net, table, power):
    values, vectors = directions(table)
    matrix = torch.from_numpy((vectors * values**-power).T.astype(np.float32))
    with torch.no_grad():
        net.project.bias.copy_(matrix @ net.project.bias)
        net.project.weight.copy_(matrix @ net.project.weight)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("student", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--power", type=float, default=0.08)
    args = parser.parse_args()
    state = torch.load(args.student, map_location="cpu")
    net = ExpressionStudent()
    net.load_state_dict(state["net"])
    net.eval()
    data = load_ferplus()
    chosen = np.random.default_rng(0).choice(np.flatnonzero(data.trainable), SAMPLE, replace=False)
    faces = torch.from_numpy(data.images[chosen])
    before = embed_all(net, faces)
    print(f"before: {score(net, data, 'valid')['mean']:.4f} of the triplets, {dimensions(before)} dimensions")
    even_out(net, np.asarray(before), args.power)
    print(f"after: {score(net, data, 'valid')['mean']:.4f} of the triplets, {dimensions(np.asarray(embed_all(net, faces)))} dimensions")
    torch.save({"net": net.state_dict()}, args.out)


if __name__ == "__main__":
    main()
