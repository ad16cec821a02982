"""Draws loss and validation triplets of the logs of train-teacher and distill into one picture."""

import argparse
from pathlib import Path

from ..eval.curves import draw_curves


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    parser.add_argument("logs", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=Path("curves.png"))


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    draw_curves(args.logs, args.out)
