"""How far a student's embeddings follow the person, where the votes do not explain it.

From the distances of pairs of FER+ validation faces it removes what those of their votes explain
(least squares), and correlates the rest with the distances of dlib's descriptors, which identify
persons.
"""

from pathlib import Path

import numpy as np
import torch

from ..data.ferplus import load_ferplus
from ..data.sources import FERPLUS
from ..models.expression import ExpressionStudent
from ..models.inference import run_batches
from ..models.pretrained import load_residual_teacher, read_tensors
from ..train.checkpoint import load_weights
from ..train.targets import VOTE_POWER, load_crops

# All 719,400 pairs of these fit in memory.
FACES = 1200


def residuals(distances: np.ndarray, explained_by: np.ndarray) -> np.ndarray:
    """Returns what is left of distances (P) after a straight line through others (P)."""
    columns = np.stack([explained_by, np.ones_like(explained_by)], 1)
    return distances - columns @ np.linalg.lstsq(columns, distances, rcond=None)[0]


def identity_leakage(student_path: Path, pretrained: Path, crops: Path) -> tuple[float, float]:
    """Returns the correlation with the distances of persons, before and after votes are removed.

    `pretrained` is the path of dlib's network without its suffixes.
    """
    data, bank = load_ferplus(), load_crops(crops)
    is_validation = np.isin(bank["index"], data.rows("PublicTest"))
    seen = np.flatnonzero((bank["source"] == FERPLUS) & is_validation)
    chosen = np.random.default_rng(1).choice(seen, FACES, replace=False)
    faces = torch.from_numpy(bank["crops"][chosen])
    votes = torch.from_numpy(data.votes[bank["index"][chosen]])
    student = load_weights(ExpressionStudent(), student_path).eval()
    persons = load_residual_teacher(pretrained).eval()
    # The last layer of dlib's network, which the teachers do not need.
    last = torch.from_numpy(read_tensors(pretrained)["fc"])

    def describe(x: torch.Tensor) -> torch.Tensor:
        return persons.features(x) @ last

    person = torch.pdist(run_batches(describe, faces, persons.input_size)).numpy()
    expression = torch.pdist(run_batches(student.embed, faces, student.input_size)).numpy()
    rest = residuals(expression, torch.pdist(votes**VOTE_POWER).numpy())
    correlations = (np.corrcoef(distances, person)[0, 1] for distances in (expression, rest))
    before, after = (float(correlation) for correlation in correlations)
    return before, after
