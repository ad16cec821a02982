"""The arguments of the trainings that make scenes."""

import argparse
from pathlib import Path

from ..train.scene_stream import SceneFiles


def add_scene_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments that say what scenes are made from."""
    faces_help = "written by label-faces; without it all faces are heads and drawings"
    parser.add_argument("--faces", type=Path, help=faces_help)
    parser.add_argument("--drawings", type=Path, help="written by pack-drawings")
    parser.add_argument("--objects", type=Path, help="written by pack-objects")
    heads_help = "written by moue-heads write --cut-out"
    parser.add_argument("--heads", type=Path, nargs="*", default=[], help=heads_help)
    parser.add_argument("--hard", type=Path, help="written by mark-hard-faces")
    parser.add_argument("--frames", type=Path, help="written by pack-frames")


def scene_files(args: argparse.Namespace) -> SceneFiles:
    """Returns the files that the arguments name."""
    heads = tuple(args.heads)
    return SceneFiles(args.faces, args.drawings, args.objects, heads, args.hard, args.frames)
