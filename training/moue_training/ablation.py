"""What each part of the recipe gives: the student alone, then with one part more each time, all with the same short schedule.

    python -m moue_training.ablation --teachers runs/teacher1.pt --start earlier.pt --out runs/ablation

From nothing, short schedules end before the parts can tell (all below 0.6 after 800 steps); `--start` lets every variant go on from the
same earlier student. Prints a table; a variant whose weights are there already is only measured.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

from .data import load_ferplus
from .even_out import dimensions
from .nets import ExpressionStudent
from .train_expression import embed_all, score

# What is left out, and whether teachers take part.
VARIANTS = [
    ("student alone", ["unlabelled", "blendshapes", "drawings"], False),
    ("+ distillation", ["unlabelled", "blendshapes", "drawings"], True),
    ("+ unlabelled faces", ["blendshapes", "drawings"], True),
    ("+ blendshapes", ["drawings"], True),
    ("+ drawings", [], True),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teachers", nargs="+", required=True)
    parser.add_argument("--start", help="weights of a student that all variants start from")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--out", type=Path, default=Path("runs/ablation"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    data = load_ferplus()
    print("| variant | valid | test, one-class | two-class | three-class | mean | dimensions |\n|---|---|---|---|---|---|---|")
    for i, (name, without, taught) in enumerate(VARIANTS):
        path = args.out / f"{i}.pt"
        command = [sys.executable, "-m", "moue_training.distill", "--out", path, "--epochs", args.epochs, "--steps", args.steps]
        command += ["--teachers", *args.teachers] if taught else []
        command += ["--start", args.start] if args.start else []
        command += ["--without", *without] if without else []
        with open(args.out / f"{i}.log", "a") as log:
            subprocess.run(list(map(str, command)), stdout=log, stderr=log, check=True)
        net = ExpressionStudent()
        net.load_state_dict(torch.load(path, map_location="cpu")["net"])
        net.eval()
        valid, test = (score(net, data, split) for split in ("valid", "test"))
        chosen = np.random.default_rng(0).choice(np.flatnonzero(data.usage == "PrivateTest"), 2000, replace=False)
        dims = dimensions(np.asarray(embed_all(net, torch.from_numpy(data.images[chosen]))))
        cells = [valid["mean"], *(test[t] for t in ("one_class", "two_class", "three_class", "mean"))]
        print(f"| {name} | " + " | ".join(f"{c:.3f}" for c in cells) + f" | {dims} |", flush=True)


if __name__ == "__main__":
    main()
