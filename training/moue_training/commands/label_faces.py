"""Has MediaPipe's networks mark the face in every face picture, for the detector's scenes."""

import argparse
from pathlib import Path

from ..data.face_labels import write_labels


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    parser.add_argument("--blazeface", type=Path, required=True, help="BlazeFace's .tflite file")
    parser.add_argument("--task", type=Path, required=True, help="face_landmarker.task")
    parser.add_argument("--out", type=Path, default=Path("runs/faces.npz"))


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    print(f"{write_labels(args.blazeface, args.task, args.out)} faces marked")
