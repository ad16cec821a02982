"""Measures turned heads, fine expressions, Yale's winks, and whether drawings can be told.

These rows are part of `evaluate` too, where its option `--heads` is given.
"""

import argparse
from pathlib import Path

from ..eval.heads import HeadsOptions, head_lines


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    heads_help = "path of the renderer, `cargo build --release -p moue-heads`"
    parser.add_argument("--moue", default="moue", help="path of the program")
    parser.add_argument("--heads", default="moue-heads", help=heads_help)
    network_help = "a .tflite file to measure in place of the network in the program"
    parser.add_argument("--network", type=Path, help=network_help)
    drawings_help = "written by `cargo xtask drawings`; used with --network"
    parser.add_argument("--drawings", type=Path, default=Path("runs/drawings"), help=drawings_help)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    for line in head_lines(HeadsOptions(args.moue, args.heads, args.network, args.drawings)):
        print(line, flush=True)
