"""Estimates landmarks and blendshapes of every face of crop-faces, and of all FER+ pictures.

`--out runs/shapes.npz` writes runs/shapes0.npz (UTKFace), shapes1.npz (muxspace) and shapes2.npz
(FER+).
"""

import argparse
from pathlib import Path

from ..data.expression_labels import write_labels


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    parser.add_argument("--task", type=Path, required=True, help="face_landmarker.task")
    parser.add_argument("--crops", type=Path, default=Path("runs/crops.npz"))
    parser.add_argument("--out", type=Path, default=Path("runs/shapes.npz"))


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    write_labels(args.task, args.crops, args.out)
