"""Has SCRFD mark faces that BlazeFace misses, covered ones and those of clips."""

import argparse
from pathlib import Path

from ..data.hard_faces import mark_hard_faces


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    parser.add_argument("--faces", type=Path, default=Path("runs/faces.npz"))
    parser.add_argument("--out", type=Path, default=Path("runs/hard.npz"))


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    print(f"{mark_hard_faces(args.faces, args.out)} faces marked")
