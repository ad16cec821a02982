"""Trains an expression network on rendered heads and drawings alone; resumes from `--out`."""

import argparse
from pathlib import Path

from ..train.free_student import FreeOptions, train_free_student


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    heads_help = "written by moue-heads write, in pairs of one expression"
    parser.add_argument("--heads", type=Path, nargs="+", required=True, help=heads_help)
    parser.add_argument("--drawings", type=Path, default=Path("runs/drawings"))
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--steps", type=int, default=320, help="steps of an epoch")
    parser.add_argument("--rate", type=float, default=8e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/free/expression.pt"))


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    options = FreeOptions(
        out=args.out,
        heads=args.heads,
        drawings=args.drawings,
        epochs=args.epochs,
        steps=args.steps,
        rate=args.rate,
        seed=args.seed,
    )
    train_free_student(options)
