"""Measures how far a student's embeddings follow the person, where the votes do not explain it."""

import argparse
from pathlib import Path

from ..eval.identity_leakage import identity_leakage


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    pretrained_help = "path of dlib's network without its suffixes"
    parser.add_argument("student", type=Path, help="checkpoint of the student")
    parser.add_argument("--pretrained", type=Path, required=True, help=pretrained_help)
    parser.add_argument("--crops", type=Path, default=Path("runs/crops.npz"))


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    before, after = identity_leakage(args.student, args.pretrained, args.crops)
    print(f"correlation with the distances of persons: {before:.3f}")
    print(f"after removing what votes explain: {after:.3f}")
