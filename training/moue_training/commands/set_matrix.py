"""Puts a learned linear step into exported expression networks, before the last normalization."""

import argparse
from pathlib import Path

import numpy as np

from ..export.style_removal import has_projection, with_matrix, with_projection


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    parser.add_argument("matrix", type=Path, help="64 × 64 numbers, as fine-tune writes them")
    parser.add_argument("models", type=Path, nargs="+", help="exported files; all are rewritten")


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    matrix = np.load(args.matrix)
    for path in args.models:
        data = path.read_bytes()
        put = with_matrix if has_projection(data) else with_projection
        path.write_bytes(put(data, matrix))
        print(f"{path}: rewritten")
