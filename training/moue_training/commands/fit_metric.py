"""Learns the linear step before the last normalization of exported expression networks.

Embeds photos, drawings and rendered heads by the first of the files, without its step, learns the
step from them (`train/metric.py`), and writes it into all files in place of the one they have.
Prints the validation triplets before and after. `fit-readout` has to be run again then.
"""

import argparse
from functools import partial
from pathlib import Path

import numpy as np

from ..data.ferplus import triplet_accuracy
from ..export.embedding import embed_crops, embed_triplets
from ..export.litert import LiteRtNetwork
from ..export.style_removal import matrix_of, unit, with_matrix
from ..train.metric import MetricOptions, fit_metric
from ..train.metric_data import load_metric_data
from ..train.targets import TargetFiles


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    models_help = "exported files that have had their style removed; all are rewritten"
    parser.add_argument("models", type=Path, nargs="+", help=models_help)
    parser.add_argument("--crops", type=Path, default=Path("runs/crops.npz"))
    parser.add_argument("--shapes", type=Path, default=Path("runs/shapes.npz"))
    parser.add_argument("--drawings", type=Path, default=Path("runs/drawings"))
    heads_help = "written by moue-heads write"
    parser.add_argument("--heads", type=Path, nargs="+", required=True, help=heads_help)
    parser.add_argument("--renderer", default="moue-heads", help="path of the renderer of heads")
    parser.add_argument("--steps", type=int, default=700)
    parser.add_argument("--seed", type=int, default=1)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    file = args.models[0].read_bytes()
    start = matrix_of(file)
    for path in args.models:
        if not np.array_equal(matrix_of(path.read_bytes()), start):
            raise SystemExit(f"{path}: its linear step is not that of {args.models[0]}")
    network = LiteRtNetwork(with_matrix(file, np.eye(len(start))))
    files = TargetFiles(args.crops, args.shapes, args.drawings, args.heads)
    data = load_metric_data(partial(embed_crops, network), files, args.renderer)
    matrix = fit_metric(data, start, MetricOptions(steps=args.steps, seed=args.seed))
    table, rows, types = embed_triplets(network, "valid")
    for name, step in (("before", start), ("after", matrix)):
        score = triplet_accuracy(unit(table @ step.T), rows, types)["mean"]
        print(f"validation triplets {name}: {score:.4f}")
    for path in args.models:
        path.write_bytes(with_matrix(path.read_bytes(), matrix))
        print(f"{path}: rewritten")
