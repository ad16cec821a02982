"""Writes pictures with free terms that `quantize --pictures` calibrates a network on."""

import argparse
from pathlib import Path

import numpy as np

from ..export.free_calibration import close_ups, face_crops, scene_pictures
from ..export.networks import KINDS
from ..models.face import FaceNet
from .scene_arguments import add_scene_arguments, scene_files


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("out", type=Path)
    add_scene_arguments(parser)
    detector_help = "written by train-face; for the refiner"
    parser.add_argument("--detector", type=Path, help=detector_help)
    poses_help = "the folder of drawings, for the expression network, whose heads have backgrounds"
    parser.add_argument("--poses", type=Path, default=Path("runs/drawings"), help=poses_help)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    if args.kind == "expression":
        pictures = face_crops(args.heads, args.poses)
    elif args.kind == "refine":
        pictures = close_ups(scene_files(args), args.detector)
    else:
        pictures = scene_pictures(scene_files(args), FaceNet().input_size)
    np.savez_compressed(args.out, pictures=pictures)
    print(f"{args.out}: {len(pictures)} pictures of {pictures.shape[1:]}")
