"""Writes a trained net as a `.tflite` file, and compares the two."""

import argparse
from pathlib import Path

from ..export.networks import KINDS
from ..export.parity import check_parity
from ..train.checkpoint import load_weights


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("weights", type=Path, help="checkpoint of the training")
    parser.add_argument("out", type=Path)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    kind = KINDS[args.kind]
    net = load_weights(kind.make(), args.weights).eval()
    data = kind.export(net)
    print(f"largest difference {check_parity(kind, net, data):.1e} of the range")
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_bytes(data)
    print(f"{args.out}: {len(data)} bytes")
