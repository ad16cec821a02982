"""Has moue detect and crop every face of the research data, once, into one file."""

import argparse
from pathlib import Path

from ..data.face_crops import write_crops


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    parser.add_argument("--moue", default="moue", help="path of the program")
    parser.add_argument("--out", type=Path, default=Path("runs/crops.npz"))


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    write_crops(args.moue, args.out)
