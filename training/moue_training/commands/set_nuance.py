"""Gives the nuance of a student another length, which trades blendshapes against votes.

No weight changes, so the two parts of the embedding stay as they are. Use it before `export`.
"""

import argparse
from pathlib import Path

import torch

from ..train.checkpoint import load_checkpoint, save_checkpoint


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    parser.add_argument("weights", type=Path, help="checkpoint of a student")
    parser.add_argument("length", type=float, help="0 to 1; the emotion has the rest")
    parser.add_argument("--out", type=Path, required=True)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    net = load_checkpoint(args.weights)["net"]
    save_checkpoint(args.out, {"net": net | {"nuance": torch.tensor(args.length)}})
