"""Measures the expression model through the program itself, in one table with its peers."""

import argparse
from pathlib import Path

from ..eval.evaluate import EvaluateOptions, evaluate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    shapes_help = "written by label-expressions"
    drawings_help = "written by `cargo xtask drawings`"
    parser.add_argument("--moue", default="moue", help="path of the program")
    parser.add_argument("--split", default="test", choices=["valid", "test"])
    parser.add_argument("--shapes", type=Path, default=Path("runs/shapes2.npz"), help=shapes_help)
    parser.add_argument("--drawings", type=Path, default=Path("runs/drawings"), help=drawings_help)
    heads_help = "path of the renderer of heads; without it their rows are left out"
    parser.add_argument("--heads", help=heads_help)
    parser.add_argument("--quick", action="store_true", help="the triplets of moue alone")
    parser.add_argument("--emotions", action="store_true", help="the emotions alone")


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    files = args.shapes, args.drawings
    options = EvaluateOptions(
        args.moue, args.split, *files, args.quick, args.emotions, heads=args.heads
    )
    for line in evaluate(options):
        print(line, flush=True)
