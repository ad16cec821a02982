"""Has moue detect and crop every face of the research data, once, into one file.

With `--cartoons` those of cartoon frames instead, of each frame the largest one.
"""

import argparse
from pathlib import Path

from ..data.cartoon_crops import write_cartoon_crops
from ..data.face_crops import write_crops


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    parser.add_argument("--moue", default="moue", help="path of the program")
    parser.add_argument("--out", type=Path, default=Path("runs/crops.npz"))
    parser.add_argument("--cartoons", action="store_true", help="crop cartoon frames instead")


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    write = write_cartoon_crops if args.cartoons else write_crops
    write(args.moue, args.out)
