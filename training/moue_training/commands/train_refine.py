"""Trains the refiner on the detector's proposals in scenes; resumes from `--out` if it exists."""

import argparse
from pathlib import Path

from ..train.refine import RefineOptions, train_refine
from .scene_arguments import add_scene_arguments, scene_files


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    parser.add_argument("--detector", type=Path, required=True, help="written by train-face")
    add_scene_arguments(parser)
    parser.add_argument("--steps", type=int, default=4000)
    batch_help = "scenes; each gives about eleven examples"
    parser.add_argument("--batch", type=int, default=24, help=batch_help)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=Path, help="checkpoint whose weights to start from")
    parser.add_argument("--out", type=Path, default=Path("runs/refine.pt"))


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    files = scene_files(args)
    options = RefineOptions(
        args.detector, args.out, args.steps, args.batch, args.rate, args.seed, args.start
    )
    train_refine(files, options)
