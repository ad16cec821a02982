"""Teaches the expression network winks, kisses, fear and disgust; see `train/fine_tune.py`.

Resumes from `--out` if it exists. Then writes the weights to `--student`, and the linear step that
`set-matrix` puts into the exported files to `--matrix`.
"""

import argparse
from functools import partial
from pathlib import Path

import numpy as np

from ..export.embedding import embed_crops
from ..export.litert import LiteRtNetwork
from ..export.style_removal import matrix_of
from ..train.checkpoint import save_checkpoint
from ..train.fine_tune import FineTuneOptions, fine_tune
from ..train.targets import TargetFiles


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    parser.add_argument("network", type=Path, help="exported file of the weights to start from")
    parser.add_argument("--start", type=Path, default=Path("stages/expression.pt"))
    made_help = "written by make-faces"
    parser.add_argument("--made", type=Path, default=Path("runs/made.npz"), help=made_help)
    parser.add_argument("--crops", type=Path, default=Path("runs/crops.npz"))
    parser.add_argument("--shapes", type=Path, default=Path("runs/shapes.npz"))
    parser.add_argument("--drawings", type=Path, default=Path("runs/drawings"))
    parser.add_argument("--cartoons", type=Path, default=Path("runs/cartoons.npz"))
    emoji_help = "written by `cargo xtask drawings --emoji`"
    parser.add_argument("--emoji", type=Path, default=Path("runs/emoji"), help=emoji_help)
    heads_help = "written by moue-heads write"
    parser.add_argument("--heads", type=Path, nargs="+", required=True, help=heads_help)
    parser.add_argument("--renderer", default="moue-heads", help="path of the renderer of heads")
    steps_help = "of the first stage; without any, the last stage alone teaches fear and disgust"
    parser.add_argument("--steps", type=int, default=3000, help=steps_help)
    parser.add_argument("--rate", type=float, default=2.5e-4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/tuning.pt"), help="checkpoint")
    parser.add_argument("--student", type=Path, default=Path("runs/tuned.pt"))
    parser.add_argument("--matrix", type=Path, default=Path("runs/tuned.npy"))


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    options = FineTuneOptions(
        start=args.start,
        made=args.made,
        emoji=args.emoji,
        files=TargetFiles(args.crops, args.shapes, args.drawings, args.heads, args.cartoons),
        renderer=args.renderer,
        out=args.out,
        steps=args.steps,
        rate=args.rate,
        seed=args.seed,
    )
    file = args.network.read_bytes()
    net = fine_tune(options, partial(embed_crops, LiteRtNetwork(file)), matrix_of(file))
    save_checkpoint(args.student, {"net": net.student.state_dict()})
    np.save(args.matrix, net.matrix.detach().numpy())
    print(f"{args.student}, {args.matrix}: written")
