"""Measures whether photos, drawings, emoji and memes of one expression are near to each other.

These rows are part of `evaluate` too, which needs PyTorch and takes longer.
"""

import argparse

from ..eval.style import style_lines


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    parser.add_argument("--moue", default="moue", help="path of the program")


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    for line in style_lines(args.moue):
        print(line, flush=True)
