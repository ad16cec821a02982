"""Packs the drawings of `cargo xtask drawings DIR` for the detector's scenes."""

import argparse
from pathlib import Path

from ..data.drawing_labels import pack_drawings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    parser.add_argument("folder", type=Path, help="where `cargo xtask drawings` wrote them")
    parser.add_argument("out", type=Path)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    print(f"{pack_drawings(args.folder, args.out)} drawings")
