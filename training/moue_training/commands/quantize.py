"""Writes a trained net as a `.tflite` file whose convolutions compute with 8-bit integers."""

import argparse
from pathlib import Path

from ..export.networks import KINDS
from ..export.quantize import calibration_pictures, chosen_pictures, quantize
from ..train.checkpoint import load_weights


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("weights", type=Path, help="checkpoint of the training")
    parser.add_argument("out", type=Path)
    clip_help = "share of a layer's activations that may lie beyond its range"
    parser.add_argument("--clip-share", type=float, default=0.0, help=clip_help)
    parser.add_argument("--crops", type=Path, default=Path("runs/crops.npz"))
    pictures_help = "what to calibrate on, by free-calibration, in place of the research data"
    parser.add_argument("--pictures", type=Path, help=pictures_help)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    kind = KINDS[args.kind]
    net = load_weights(kind.make(), args.weights).eval()
    if args.pictures:
        pictures = chosen_pictures(args.pictures)
    else:
        pictures = calibration_pictures(kind.name, net.input_size, args.crops)
    data, ranges = quantize(kind, net, args.clip_share, pictures)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_bytes(data)
    low, high = min(ranges.values()), max(ranges.values())
    print(f"{args.out}: {len(data)} bytes; largest activations {low:.1f} to {high:.1f}")
