"""Trains a teacher on FER+ votes; resumes from `--out` if it exists.

It starts from a network that recognizes persons and is given FER+ pictures in their own framing
and, where `--crops` exists, as moue crops them. With `--teachers` the annotators' votes are mixed
with what those predict, and a quarter of the faces is unlabeled.
"""

import argparse
from pathlib import Path

from ..train.teacher import TeacherOptions, train_teacher


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    pretrained_help = "path of the pretrained network's files without their suffixes"
    parser.add_argument("--pretrained", type=Path, required=True, help=pretrained_help)
    teachers_help = "checkpoints of earlier teachers that vote as well"
    parser.add_argument("--teachers", type=Path, nargs="*", default=[], help=teachers_help)
    parser.add_argument("--crops", type=Path, default=Path("runs/crops.npz"))
    parser.add_argument("--epochs", type=int, default=14)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/teacher1.pt"))


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    options = TeacherOptions(
        pretrained=args.pretrained,
        out=args.out,
        teachers=args.teachers,
        crops=args.crops,
        epochs=args.epochs,
        batch=args.batch,
        rate=args.rate,
        seed=args.seed,
    )
    train_teacher(options)
