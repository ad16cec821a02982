"""FER+ (Barsoum et al. 2016): gray faces with the votes of ten annotators, and vote triplets."""

import csv
from dataclasses import dataclass

import numpy as np

from .paths import data_root

EMOTIONS = [
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
]
TRIPLET_TYPES = ("one_class", "two_class", "three_class")


@dataclass
class FerPlus:
    """FER+ pictures (N×48×48 u8) with the annotators' vote shares (N×8, rows sum to 1).

    `usage` (N) names the official split; `trainable` (N, bool) marks the rows to learn from.
    `counts` (N) has the number of votes for one of the eight emotions, of ten.
    """

    images: np.ndarray
    votes: np.ndarray
    usage: np.ndarray
    trainable: np.ndarray
    counts: np.ndarray

    def rows(self, usage: str) -> np.ndarray:
        """Returns the rows of one split: `Training`, `PublicTest` or `PrivateTest`."""
        return np.flatnonzero(self.usage == usage)


def label_table() -> list[dict[str, str]]:
    """Returns the rows of FER+'s labels as the CSV file has them."""
    with (data_root() / "ferplus" / "ferplus_labels.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def load_ferplus() -> FerPlus:
    """Loads pictures and labels; held-out rows and pixel copies of them are not trainable."""
    images = np.load(data_root() / "ferplus" / "ferplus_48x48_gray.npz")["images"]
    table = label_table()
    votes = np.array([[float(row[name]) for name in EMOTIONS] for row in table], np.float32)
    usage = np.array([row["usage"] for row in table])
    known = votes.sum(1)
    shares = votes / np.maximum(known, 1)[:, None]
    trainable = (usage == "Training") & _is_clean(table, known)
    return FerPlus(images, shares.astype(np.float32), usage, trainable, known)


def _is_clean(table: list[dict[str, str]], known: np.ndarray) -> np.ndarray:
    """Returns which rows are faces with enough votes and no pixel copy of a held-out row."""
    no_face = np.array([float(row["NF"]) for row in table])
    held_out = {row["dup_group"] for row in table if row["usage"] != "Training"}
    copies = np.array([row["dup_group"] in held_out for row in table])
    first = np.array([row["is_first_in_dup_group"] == "1" for row in table])
    # At least four of ten votes must name one of the eight emotions, and fewer than three "not a
    # face"; chosen by hand, the distribution of fewer votes is too coarse.
    return ~copies & first & (known >= 4) & (no_face < 3)


def test_rows(usage: str, least_votes: int) -> np.ndarray:
    """Returns the rows of one split that emotions are measured on.

    They are no pixel copies of other rows, `least_votes` of their ten votes name one of the eight
    emotions, and none is "not a face". With 8 votes PrivateTest has 3,114 of them.
    """
    rows = []
    for i, row in enumerate(label_table()):
        known = sum(float(row[name]) for name in EMOTIONS)
        is_first = row["is_first_in_dup_group"] == "1" and row["same_image_in_train"] == "0"
        if row["usage"] == usage and is_first and known >= least_votes and float(row["NF"]) == 0:
            rows.append(i)
    return np.array(rows)


def load_triplets(split: str) -> tuple[np.ndarray, np.ndarray]:
    """Loads the odd-one-out triplets of `valid` or `test`, which are derived from the votes.

    Returns the rows (a, b, odd) of FER+ (M×3) and the type of each triplet (M).
    """
    path = data_root() / "ferplus" / f"ferplus_vote_triplets_{split}.csv"
    with path.open(newline="") as file:
        table = list(csv.DictReader(file))
    rows = np.array([[int(r["npz_a"]), int(r["npz_b"]), int(r["npz_odd"])] for r in table])
    return rows, np.array([r["type"] for r in table])


def correct_triplets(embeddings: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Returns for each triplet whether a and b are nearer to each other than either is to odd.

    `embeddings` is indexed by FER+ row; a row of NaN (no embedding) makes its triplets wrong.
    """
    a, b, odd = (embeddings[rows[:, i]] for i in range(3))
    ab = np.linalg.norm(a - b, axis=1)
    return (ab < np.linalg.norm(a - odd, axis=1)) & (ab < np.linalg.norm(b - odd, axis=1))


def triplet_accuracy(
    embeddings: np.ndarray, rows: np.ndarray, types: np.ndarray
) -> dict[str, float]:
    """Returns the share of correct triplets of each type, and the mean of the three shares."""
    right = correct_triplets(embeddings, rows)
    scores = {name: float(right[types == name].mean()) for name in TRIPLET_TYPES}
    scores["mean"] = float(np.mean(list(scores.values())))
    return scores
