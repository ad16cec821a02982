"""What each part of the recipe gives: the student alone, then with one part more each time, all with the same short schedule.

    python -m moue_training.ablation --teachers runs/teacher*.pt --out runs/ablation

Every variant starts from nothing. Prints a table; a variant whose weights are there already is only measured. Beside the triplets it has
what the later parts are for: how often an expression wins over the person, how distances of FER+ test faces of one
emotion follow those of their blendshapes, how those of drawings follow their parameters, and how often a clear face meets a
drawing of its own emotion first. All of it in floats, the drawings cut out by their own key points.
"""

import argparse
import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from . import evaluate
from .course import load
from .crop_faces import MUXSPACE, names_in
from .data import FerPlus, data_root, load_ferplus, load_triplets, triplet_accuracy
from .drawn import load_drawn
from .nets import ExpressionStudent
from .score import embed_all, spread, table_of
from .targets import roots_of

# What is left out, and whether teachers take part.
VARIANTS = [
    ("student alone", ["unlabeled", "blendshapes", "drawings"], False),
    ("+ distillation", ["unlabeled", "blendshapes", "drawings"], True),
    ("+ unlabeled faces", ["blendshapes", "drawings"], True),
    ("+ blendshapes", ["drawings"], True),
    ("+ drawings", [], True),
]
COLUMNS = "| variant | triplets, valid | test | identity | blendshapes | drawings | own emotion first | ever in a top 3 | dimensions |"


@dataclass
class Material:
    """What every variant is measured on: FER+ and its blendshapes, and of moue's crops those of muxspace, by position."""

    data: FerPlus
    shapes: dict
    positions: np.ndarray
    crops: np.ndarray
    drawings: Path


def material():
    with np.load("runs/crops.npz") as bank, np.load("runs/shapes2.npz") as shapes:
        seen = bank["source"] == MUXSPACE
        return Material(load_ferplus(), dict(shapes), bank["index"][seen], bank["crops"][seen], Path("runs/drawings"))


def identity(net, on):
    """How often the expression wins over the person, where moue found all three faces."""
    with zipfile.ZipFile(data_root() / "muxspace" / "muxspace_jpg.zip") as archive:
        files = names_in(archive)
    table = np.full((len(files), 64), np.nan, np.float32)
    table[on.positions] = embed_all(net, torch.from_numpy(on.crops))
    return evaluate.expression_wins(evaluate.meetings()[0], table, {f: i for i, f in enumerate(files)})


def nuance(table, on):
    """Rank correlation of embeddings' and blendshapes' distances, of pairs of sure test faces with one leading emotion."""
    rows = on.data.rows("PrivateTest")
    rows = rows[on.shapes["presence"][rows] > 0.5]
    i, j = np.random.default_rng(1).integers(0, len(rows), (2, 100_000))
    leading = on.data.votes[rows].argmax(1)
    kept = (i != j) & (leading[i] == leading[j])
    return evaluate.rank_correlation(roots_of(on.shapes["shapes"][rows]), table[rows], i[kept], j[kept])


def drawings(net, table, on):
    """(rank correlation of drawings' distances and parameters, share of clear faces that meet their own emotion first)."""
    rows = json.loads((on.drawings / "drawings.json").read_text())["drawings"]
    clear = on.data.rows("PrivateTest")
    clear = clear[on.data.votes[clear].max(1) >= 0.9]
    drawn = embed_all(net, torch.from_numpy(load_drawn(on.drawings).images))
    return evaluate.drawings(drawn, rows, table[clear], on.data.votes[clear])[:2]


def row(name, net, on):
    held_out = [on.data.rows(usage) for usage in ("PublicTest", "PrivateTest")]
    table = table_of(net, on.data, np.concatenate(held_out))
    triplets = [triplet_accuracy(table, *load_triplets(split))["mean"] for split in ("valid", "test")]
    some = table[held_out[1][:2000]]
    dims, ever = spread(some, some)
    cells = [*triplets, identity(net, on), nuance(table, on), *drawings(net, table, on), ever]
    return f"| {name} | " + " | ".join(f"{c:.3f}" for c in cells) + f" | {dims} |"


def train(path, without, taught, args):
    command = [sys.executable, "-m", "moue_training.distill", "--out", path, "--epochs", args.epochs, "--rate", 8e-3]
    command += ["--teachers", *args.teachers] if taught else []
    command += ["--without", *without] if without else []
    with open(path.with_suffix(".log"), "a") as log:
        subprocess.run(list(map(str, command)), stdout=log, stderr=log, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teachers", nargs="+", required=True)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--out", type=Path, default=Path("runs/ablation"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    on = material()
    print(COLUMNS + "\n" + "|---" * (COLUMNS.count("|") - 1) + "|")
    for i, (name, without, taught) in enumerate(VARIANTS):
        path = args.out / f"{i}.pt"
        train(path, without, taught, args)
        print(row(name, load(ExpressionStudent(), path), on), flush=True)


if __name__ == "__main__":
    main()
