"""Makes a checkpoint of the expression network that ships, to train on from (`distill --start`).

Prints how well it does on the validation triplets, with the step that removes the style left out.
"""

import argparse
from pathlib import Path

import numpy as np

from ..data.ferplus import load_ferplus
from ..export.restore import fit_classifier, restore_student
from ..train.checkpoint import save_checkpoint
from ..train.validation import triplet_scores

# Faces on which batch norm's statistics are measured, and faces that the classifier is fitted on.
FACES, LABELED_FACES = 1000, 6000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    model = Path("../crates/moue/models/expression.tflite")
    parser.add_argument("--model", type=Path, default=model)
    parser.add_argument("--out", type=Path, default=Path("runs/shipped.pt"))


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    data = load_ferplus()
    rows = np.random.default_rng(1).permutation(np.flatnonzero(data.trainable))
    net = restore_student(args.model.read_bytes(), data.images[rows[:FACES]])
    labeled = rows[:LABELED_FACES]
    fit_classifier(net, data.images[labeled], data.votes[labeled])
    save_checkpoint(args.out, {"net": net.state_dict()})
    print(f"{args.out}: validation {triplet_scores(net, data, 'valid')}")
