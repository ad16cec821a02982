"""Figures of embeddings that several evaluations share."""

import numpy as np

from ..data.ferplus import TRIPLET_TYPES, correct_triplets, triplet_accuracy

BOOTSTRAP_ROUNDS = 400
# The share of the mean of all faces that moue subtracts from a query (`target.rs` in the crate).
CENTERING = 0.25


def has_embedding(table: np.ndarray) -> np.ndarray:
    """Returns which rows of a table (N×D) are not NaN."""
    return ~np.isnan(table[:, 0])


def nearest_rows(table: np.ndarray, gallery: np.ndarray) -> np.ndarray:
    """Returns, for each row (N×D), the index of the nearest row of the gallery (M×D)."""
    distances = np.linalg.norm(table[:, None] - gallery[None], axis=2)
    return np.argmin(distances, 1)


def confidence(right: np.ndarray, types: np.ndarray) -> float:
    """Returns half the width of the 95 % bootstrap interval of the mean over the triplet types."""
    random = np.random.default_rng(1)
    parts = [right[types == t] for t in TRIPLET_TYPES]
    means = [
        np.mean([p[random.integers(0, len(p), len(p))].mean() for p in parts])
        for _ in range(BOOTSTRAP_ROUNDS)
    ]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(high - low) / 2


def triplet_row(name: str, table: np.ndarray, rows: np.ndarray, types: np.ndarray) -> str:
    """Returns a row of the table of triplet accuracies; a missing embedding counts as wrong."""
    scores = triplet_accuracy(table, rows, types)
    width = confidence(correct_triplets(table, rows), types)
    cells = " | ".join(f"{scores[t]:.3f}" for t in (*TRIPLET_TYPES, "mean"))
    return f"| {name:<44} | {cells} | ±{width:.3f} |"


def rank_correlation(one: np.ndarray, other: np.ndarray, i: np.ndarray, j: np.ndarray) -> float:
    """Returns Spearman's correlation of the distances of rows `i` and `j` in two tables."""
    ranks = [
        np.argsort(np.argsort(np.linalg.norm(table[i] - table[j], axis=1)))
        for table in (one, other)
    ]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])
