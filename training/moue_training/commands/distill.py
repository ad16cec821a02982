"""Trains the student that ships on votes, teachers, blendshapes and drawings.

Resumes from `--out` if it exists. `--without` leaves out parts, for the ablation.
"""

import argparse
from pathlib import Path

from ..train.distill import PARTS, DistillOptions, train_student
from ..train.targets import TargetFiles


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    parser.add_argument("--teachers", type=Path, nargs="*", default=[])
    parser.add_argument("--crops", type=Path, default=Path("runs/crops.npz"))
    parser.add_argument("--shapes", type=Path, default=Path("runs/shapes.npz"))
    parser.add_argument("--drawings", type=Path, default=Path("runs/drawings"))
    heads_help = "written by `cargo run -p moue-heads -- write`"
    parser.add_argument("--heads", type=Path, nargs="*", default=[], help=heads_help)
    cartoons_help = "crops of cartoon frames, as `crop-faces --cartoons` writes them"
    parser.add_argument("--cartoons", type=Path, help=cartoons_help)
    parser.add_argument("--start", type=Path, help="checkpoint whose weights to start from")
    keep_help = "checkpoint of a student whose emotions of photos are kept"
    parser.add_argument("--keep", type=Path, help=keep_help)
    parser.add_argument("--without", nargs="*", default=[], choices=PARTS)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--steps", type=int, default=320, help="steps of an epoch")
    parser.add_argument("--batch", type=int, default=192)
    parser.add_argument("--rate", type=float, default=8e-3)
    hubness_help = "weight of the loss against hubness"
    parser.add_argument("--hubness", type=float, default=0.03, help=hubness_help)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/student.pt"))


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    options = DistillOptions(
        out=args.out,
        teachers=args.teachers,
        files=TargetFiles(args.crops, args.shapes, args.drawings, args.heads, args.cartoons),
        start=args.start,
        keep=args.keep,
        without=args.without,
        epochs=args.epochs,
        steps=args.steps,
        batch=args.batch,
        rate=args.rate,
        hubness=args.hubness,
        seed=args.seed,
    )
    train_student(options)
