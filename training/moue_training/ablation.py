"""What each part of the recipe gives: the student alone, then with one part more each time, all with the same short schedule.

    python -m moue_training.ablation --teachers runs/teacher*.pt --out runs/ablation

Every variant starts from nothing. Prints a table; a variant whose weights are there already is only measured.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import torch

from .data import load_ferplus
from .nets import ExpressionStudent
from .score import score, spread_of

# What is left out, and whether teachers take part.
VARIANTS = [
    ("student alone", ["unlabelled", "blendshapes", "drawings"], False),
    ("+ distillation", ["unlabelled", "blendshapes", "drawings"], True),
    ("+ unlabelled faces", ["blendshapes", "drawings"], True),
    ("+ blendshapes", ["drawings"], True),
    ("+ drawings", [], True),
]


def row(name, path, data):
    net = ExpressionStudent()
    net.load_state_dict(torch.load(path, map_location="cpu")["net"])
    valid, test = (score(net, data, split) for split in ("valid", "test"))
    reach = spread_of(net, data, "PrivateTest")
    cells = [valid["mean"], *(test[t] for t in ("one_class", "two_class", "three_class", "mean")), reach["ever"]]
    return f"| {name} | " + " | ".join(f"{c:.3f}" for c in cells) + f" | {reach['dims']} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teachers", nargs="+", required=True)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("runs/ablation"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    data = load_ferplus()
    print("| variant | valid | test, one-class | two-class | three-class | mean | ever in a top 3 | dimensions |\n|---|---|---|---|---|---|---|---|")
    for i, (name, without, taught) in enumerate(VARIANTS):
        path = args.out / f"{i}.pt"
        command = [sys.executable, "-m", "moue_training.distill", "--out", path, "--epochs", args.epochs, "--rate", 8e-3]
        command += ["--teachers", *args.teachers] if taught else []
        command += ["--without", *without] if without else []
        with open(args.out / f"{i}.log", "a") as log:
            subprocess.run(list(map(str, command)), stdout=log, stderr=log, check=True)
        print(row(name, path, data), flush=True)


if __name__ == "__main__":
    main()
