"""Removes the style from exported expression networks: a dense step before the normalization.

Estimates on FER+ training faces and drawings in which direction embeddings of drawn faces differ
from those of photos, and projects it out. Prints the triplets of the validation split for each
number of directions. With `--heads` the samples are rendered heads, like photos and drawn.
"""

import argparse
from pathlib import Path

import numpy as np

from ..data.ferplus import triplet_accuracy
from ..data.free_faces import load_free_faces
from ..data.style_samples import CLASSES, Style, drawings, free_styles, photos
from ..export.embedding import embed_crops, embed_triplets
from ..export.litert import LiteRtNetwork
from ..export.style_removal import projection, remove, style_directions, with_projection

# The validation triplets are compared for up to so many directions.
MAX_DIRECTIONS = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    models_help = "exported files; the first, in floats, embeds the samples; all are rewritten"
    parser.add_argument("models", type=Path, nargs="+", help=models_help)
    parser.add_argument("--drawings", type=Path, default=Path("runs/drawings"))
    heads_help = "written by moue-heads write: no photo has a part in it then"
    parser.add_argument("--heads", type=Path, nargs="+", help=heads_help)
    count_help = "how many directions are removed"
    parser.add_argument("--directions", type=int, default=1, help=count_help)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    network = LiteRtNetwork(args.models[0].read_bytes())
    if args.heads:
        styles = free_styles(load_free_faces(args.heads, args.drawings))
    else:
        styles = photos(), drawings(args.drawings)
    samples = [by_class(network, style) for style in styles]
    directions = style_directions(samples[0], samples[1], MAX_DIRECTIONS)
    if not args.heads:
        print_validation(network, directions)
    matrix = projection(directions[: args.directions])
    for path in args.models:
        path.write_bytes(with_projection(path.read_bytes(), matrix))
        print(f"{path}: {args.directions} directions removed")


def by_class(network: LiteRtNetwork, style: Style) -> dict[str, np.ndarray]:
    """Returns the embeddings of each class."""
    embeddings = embed_crops(network, style.crops)
    return {name: embeddings[style.classes == name] for name in CLASSES}


def print_validation(network: LiteRtNetwork, directions: np.ndarray) -> None:
    """Prints the validation triplets without the first 0, 1, … directions."""
    table, rows, types = embed_triplets(network, "valid")
    for count in range(len(directions) + 1):
        score = triplet_accuracy(remove(table, directions[:count]), rows, types)["mean"]
        print(f"validation triplets with {count} directions removed: {score:.4f}")
