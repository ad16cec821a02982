"""How far a student's embeddings follow who somebody is, where the votes do not say so.

    python -m moue_training.leak runs/student.pt --pretrained face_recognition_model

Of pairs of FER+ validation faces it takes what their votes explain out of their distance (least squares) and prints how
far the rest correlates with the distance of dlib's descriptors, which tell persons apart.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from .course import load
from .crop_faces import FERPLUS
from .data import load_ferplus
from .nets import ExpressionStudent
from .pretrained import load_residual_teacher, tensors
from .score import outputs
from .targets import POWER

# Faces whose pairs are looked at.
FACES = 1200


def unexplained(distances, wanted):
    """What is left of the distances after a straight line through the wanted ones."""
    columns = np.stack([wanted, np.ones_like(wanted)], 1)
    return distances - columns @ np.linalg.lstsq(columns, distances, rcond=None)[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("student", type=Path)
    parser.add_argument("--pretrained", type=Path, required=True, help="path of dlib's net without its endings")
    parser.add_argument("--crops", type=Path, default=Path("runs/crops.npz"))
    args = parser.parse_args()
    data, bank = load_ferplus(), np.load(args.crops)
    seen = np.flatnonzero((bank["source"] == FERPLUS) & np.isin(bank["index"], data.rows("PublicTest")))
    chosen = np.random.default_rng(1).choice(seen, FACES, replace=False)
    crops, votes = torch.from_numpy(bank["crops"][chosen]), torch.from_numpy(data.votes[bank["index"][chosen]])
    student = load(ExpressionStudent(), args.student).eval()
    persons, last = load_residual_teacher(args.pretrained).eval(), torch.from_numpy(tensors(args.pretrained)["fc"])
    who = torch.pdist(outputs(lambda x: persons.features(x) @ last, crops, persons.INPUT)).numpy()
    apart = torch.pdist(outputs(student.both_sides, crops, student.INPUT)).numpy()
    rest = unexplained(apart, torch.pdist(votes**POWER).numpy())
    print(f"correlation with the distance of persons: {np.corrcoef(apart, who)[0, 1]:.3f}, of what votes leave: {np.corrcoef(rest, who)[0, 1]:.3f}")


if __name__ == "__main__":
    main()
