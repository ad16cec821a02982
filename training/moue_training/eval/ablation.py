"""What each part of the recipe contributes: the student with one part more each time.

Every variant starts from random weights and has the same short schedule. Besides the triplets it is
measured by what the later parts are for: how often an expression wins over the person, how the
distances of FER+ test faces of one emotion follow those of their blendshapes, how those of drawings
follow their parameters, and how often the nearest drawing of a clear face has its emotion. All in
PyTorch, with drawings cropped by their own key points.
"""

import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ..data.blendshapes import invariant_roots
from ..data.drawings import drawing_table, load_drawings
from ..data.ferplus import FerPlus, load_ferplus, load_triplets, triplet_accuracy
from ..data.sources import MUXSPACE, archive_path, picture_names
from ..models.expression import ExpressionStudent
from ..models.inference import embed_all, embed_rows
from ..train.checkpoint import load_weights
from ..train.targets import load_crops
from ..train.validation import SPREAD_FACES, spread
from .drawing_agreement import clear_rows, drawing_agreement
from .identity import expression_wins, people_triples
from .metrics import rank_correlation

PAIRS = 100_000
RATE = 8e-3


@dataclass(frozen=True)
class Variant:
    """A recipe: what is left out, and whether teachers vote."""

    name: str
    without: Sequence[str]
    has_teachers: bool


VARIANTS = [
    Variant("student alone", ("unlabeled", "blendshapes", "drawings"), False),
    Variant("+ distillation", ("unlabeled", "blendshapes", "drawings"), True),
    Variant("+ unlabeled faces", ("blendshapes", "drawings"), True),
    Variant("+ blendshapes", ("drawings",), True),
    Variant("+ drawings", (), True),
]
HEADER = (
    "| variant | triplets, valid | test | identity | blendshapes | drawings "
    "| own emotion first | ever in a top 3 | dimensions |\n" + "|---" * 9 + "|"
)


@dataclass
class HeldOut:
    """The data to measure every variant on: FER+ with blendshapes, crops of muxspace, drawings.

    `positions` are those of the crops among muxspace's pictures.
    """

    data: FerPlus
    blendshapes: dict[str, np.ndarray]
    positions: np.ndarray
    crops: np.ndarray
    drawings: Path


def load_held_out(crops: Path, shapes: Path, drawings: Path) -> HeldOut:
    """Loads the data on which the variants are measured."""
    bank = load_crops(crops)
    seen = bank["source"] == MUXSPACE
    with np.load(shapes) as labels:
        blendshapes = dict(labels)
    return HeldOut(load_ferplus(), blendshapes, bank["index"][seen], bank["crops"][seen], drawings)


def identity_score(net: nn.Module, held_out: HeldOut) -> float:
    """Returns how often the expression wins over the person, where moue found all three faces."""
    with zipfile.ZipFile(archive_path(MUXSPACE)) as archive:
        files = picture_names(archive)
    table = np.full((len(files), 64), np.nan, np.float32)
    table[held_out.positions] = embed_all(net, torch.from_numpy(held_out.crops))
    position = {file: i for i, file in enumerate(files)}
    return expression_wins(people_triples()[0], table, position)


def nuance_score(table: np.ndarray, held_out: HeldOut) -> float:
    """Returns the rank correlation of distances with those of blendshapes.

    Pairs are test faces with one leading emotion in which the landmarker saw a face.
    """
    labels = held_out.blendshapes
    rows = held_out.data.rows("PrivateTest")
    rows = rows[labels["presence"][rows] > 0.5]
    i, j = np.random.default_rng(1).integers(0, len(rows), (2, PAIRS))
    leading = held_out.data.votes[rows].argmax(1)
    kept = (i != j) & (leading[i] == leading[j])
    roots = invariant_roots(labels["shapes"][rows])
    return rank_correlation(roots, table[rows], i[kept], j[kept])


def drawing_scores(net: nn.Module, table: np.ndarray, held_out: HeldOut) -> tuple[float, float]:
    """Returns rank correlation with parameters, and the share of clear faces that match."""
    rows = drawing_table(held_out.drawings)["drawings"]
    clear = clear_rows(held_out.data)
    gallery = embed_all(net, torch.from_numpy(load_drawings(held_out.drawings).images))
    votes = held_out.data.votes[clear]
    agreement = drawing_agreement(gallery, rows, table[clear], votes)
    return agreement.correlation, agreement.own_emotion_first


def measure(name: str, net: nn.Module, held_out: HeldOut) -> str:
    """Returns the row of a variant."""
    data = held_out.data
    validation, test = data.rows("PublicTest"), data.rows("PrivateTest")
    table = embed_rows(net, data.images, np.concatenate([validation, test]))
    splits = ("valid", "test")
    triplets = [triplet_accuracy(table, *load_triplets(split))["mean"] for split in splits]
    some = table[test[:SPREAD_FACES]]
    dimensions, ever = spread(some, some)
    cells = [*triplets, identity_score(net, held_out), nuance_score(table, held_out)]
    cells += [*drawing_scores(net, table, held_out), ever]
    return f"| {name} | " + " | ".join(f"{c:.3f}" for c in cells) + f" | {dimensions} |"


def train_variant(variant: Variant, path: Path, teachers: Sequence[Path], epochs: int) -> None:
    """Trains a variant in a process of its own, which frees its memory; resumes if need be."""
    command = [sys.executable, "-m", "moue_training", "distill", "--out", str(path)]
    command += ["--epochs", str(epochs), "--rate", str(RATE)]
    if variant.has_teachers:
        command += ["--teachers", *map(str, teachers)]
    if variant.without:
        command += ["--without", *variant.without]
    with path.with_suffix(".log").open("a") as log:
        subprocess.run(command, stdout=log, stderr=log, check=True)


def ablation(held_out: HeldOut, teachers: Sequence[Path], epochs: int, out: Path) -> Iterator[str]:
    """Yields the lines of the table; weights are kept in the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    yield HEADER
    for i, variant in enumerate(VARIANTS):
        path = out / f"{i}.pt"
        train_variant(variant, path, teachers, epochs)
        yield measure(variant.name, load_weights(ExpressionStudent(), path), held_out)
