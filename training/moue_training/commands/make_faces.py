"""Makes photos wink, close their eyes and purse their lips, for `fine-tune` to learn from."""

import argparse
from pathlib import Path

from ..data.made_faces import write_made_faces


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    parser.add_argument("--crops", type=Path, default=Path("runs/crops.npz"))
    parser.add_argument("--shapes", type=Path, default=Path("runs/shapes.npz"))
    share_help = "share of the 9,000 winking and 3,000 kissing people, for a look at some"
    parser.add_argument("--share", type=float, default=1.0, help=share_help)
    parser.add_argument("--out", type=Path, default=Path("runs/made.npz"))


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    write_made_faces(args.crops, args.shapes, args.out, args.share)
