"""Measures what each part of the recipe contributes: the student with one part more each time.

A variant whose weights are there already is only measured.
"""

import argparse
from pathlib import Path

from ..eval.ablation import ablation, load_held_out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    parser.add_argument("--teachers", type=Path, nargs="+", required=True)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--out", type=Path, default=Path("runs/ablation"))


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    runs = Path("runs")
    held_out = load_held_out(runs / "crops.npz", runs / "shapes2.npz", runs / "drawings")
    for line in ablation(held_out, args.teachers, args.epochs, args.out):
        print(line, flush=True)
