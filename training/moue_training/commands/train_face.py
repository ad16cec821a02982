"""Trains the face detector on scenes made on the fly; resumes from `--out` if it exists."""

import argparse
from pathlib import Path

from ..train.face import FaceOptions, train_face
from .scene_arguments import add_scene_arguments, scene_files


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    add_scene_arguments(parser)
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=Path, help="checkpoint whose weights to start from")
    parser.add_argument("--out", type=Path, default=Path("runs/face.pt"))


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    files = scene_files(args)
    options = FaceOptions(args.out, args.steps, args.batch, args.rate, args.seed, args.start)
    train_face(files, options)
