"""Loaders for the data described in `training/README.md`. Nothing here downloads anything."""

import csv
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

EMOTIONS = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"]


def data_root() -> Path:
    """The folder of research data: `$MOUE_DATA`, by default `../shared/data` beside the project."""
    default = Path(__file__).resolve().parents[3] / "shared" / "data"
    return Path(os.environ.get("MOUE_DATA", default))


@dataclass
class FerPlus:
    """FER+ pictures (N×48×48 u8) with the annotators' vote shares (N×8, rows sum to 1)."""

    images: np.ndarray
    votes: np.ndarray
    usage: np.ndarray
    trainable: np.ndarray

    def rows(self, usage: str) -> np.ndarray:
        return np.flatnonzero(self.usage == usage)


def load_ferplus() -> FerPlus:
    folder = data_root() / "ferplus"
    images = np.load(folder / "ferplus_48x48_gray.npz")["images"]
    with open(folder / "ferplus_labels.csv", newline="") as file:
        table = list(csv.DictReader(file))
    votes = np.array([[float(row[name]) for name in EMOTIONS] for row in table], np.float32)
    no_face = np.array([float(row["NF"]) for row in table])
    usage = np.array([row["usage"] for row in table])
    known = votes.sum(1)
    held_out = {row["dup_group"] for row in table if row["usage"] != "Training"}
    copies = np.array([row["dup_group"] in held_out for row in table])
    first = np.array([row["is_first_in_dup_group"] == "1" for row in table])
    # A training row must be a face, agreed on by some annotators, and no pixel copy of a held-out one.
    trainable = (usage == "Training") & ~copies & first & (known >= 4) & (no_face < 3)
    shares = votes / np.maximum(known, 1)[:, None]
    return FerPlus(images, shares.astype(np.float32), usage, trainable)


def load_triplets(split: str) -> tuple[np.ndarray, np.ndarray]:
    """Odd-one-out triplets derived from votes: rows (a, b, odd) and the type of each."""
    path = data_root() / "ferplus" / f"ferplus_vote_triplets_{split}.csv"
    with open(path, newline="") as file:
        table = list(csv.DictReader(file))
    rows = np.array([[int(r["npz_a"]), int(r["npz_b"]), int(r["npz_odd"])] for r in table])
    return rows, np.array([r["type"] for r in table])


def triplet_accuracy(embeddings: np.ndarray, rows: np.ndarray, types: np.ndarray) -> dict[str, float]:
    """Share of triplets in which a and b are nearer to each other than either is to the odd one.

    `embeddings` is indexed by FER+ row; a row of NaN (no embedding) makes its triplets wrong.
    """
    a, b, odd = (embeddings[rows[:, i]] for i in range(3))
    ab = np.linalg.norm(a - b, axis=1)
    right = (ab < np.linalg.norm(a - odd, axis=1)) & (ab < np.linalg.norm(b - odd, axis=1))
    scores = {name: float(right[types == name].mean()) for name in ("one_class", "two_class", "three_class")}
    scores["mean"] = float(np.mean(list(scores.values())))
    return scores
