"""Packs frames of cartoons and photos without a face, for the detector's scenes."""

import argparse
from pathlib import Path

from ..data.frame_labels import pack_frames


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    parser.add_argument("--out", type=Path, default=Path("runs/frames.npz"))


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    print(pack_frames(args.out))
