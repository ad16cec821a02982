"""Compares input sizes, colors, kinds of blocks and optimizers at about the same multiply-adds.

The table has the share of the validation triplets, what removing the colors of UTKFace and muxspace
faces does to them (whether they keep their nearest, how far they move), and the time in moue beside
the shipped net's, where `--work` (`cargo build --release -p moue-bench`) is given. A net whose
weights are there already is only measured.
"""

import argparse
from pathlib import Path

from ..eval.compare_models import CompareOptions, compare_models


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    parser.add_argument("--teachers", type=Path, nargs="+", required=True)
    parser.add_argument("--crops", type=Path, default=Path("runs/crops.npz"))
    parser.add_argument("--work", type=Path, help="path of the benchmarks' `work`")
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=8e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/compare_models"))


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    options = CompareOptions(
        teachers=args.teachers,
        crops=args.crops,
        work=args.work,
        steps=args.steps,
        batch=args.batch,
        rate=args.rate,
        seed=args.seed,
        out=args.out,
    )
    for line in compare_models(options):
        print(line, flush=True)
