"""Writes the weighted mean of refiners that were trained from one another."""

import argparse
from pathlib import Path

from ..train.average_refiners import estimate_batch_norm, mean_weights
from ..train.checkpoint import save_checkpoint
from .scene_arguments import add_scene_arguments, scene_files


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    parser.add_argument("weights", type=Path, nargs="+", help="checkpoints of train-refine")
    shares_help = "how much each counts; they sum to 1"
    parser.add_argument("--shares", type=float, nargs="+", required=True, help=shares_help)
    parser.add_argument("--detector", type=Path, required=True, help="written by train-face")
    add_scene_arguments(parser)
    parser.add_argument("--out", type=Path, required=True)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    net = mean_weights(args.weights, args.shares)
    estimate_batch_norm(net, args.detector, scene_files(args))
    save_checkpoint(args.out, {"net": net.state_dict()})
