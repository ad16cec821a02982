"""Checks the losses that the last linear step is learned by."""

import numpy as np
import torch

from ..data.eyes import CLOSED, OPEN, UNKNOWN
from ..data.mouths import drawn_mouth_states, mouth_states
from ..train.cross_style import NO_CLASS
from ..train.metric import kept_distances, smiles_loss, spread_loss, states_loss, style_loss
from ..train.metric_data import DrawnFaces, Photos


def check_states() -> str:
    """Raises an `AssertionError` if a face may pick a drawing whose eyes or mouth differ."""
    drawn = torch.eye(64)[:3]
    same_class = torch.zeros(3, dtype=torch.int64)
    eyes, mouths = torch.tensor([OPEN, CLOSED, OPEN]), torch.tensor([OPEN, OPEN, UNKNOWN])
    drawings = DrawnFaces(drawn, same_class, same_class, eyes, mouths)

    def loss_of(at: int, eye: int, mouth: int, face_class: int = 0) -> float:
        face = torch.eye(64)[at : at + 1]
        states = (torch.tensor([eye]), torch.tensor([mouth]))
        photos = Photos(face, torch.zeros(1, 8), torch.tensor([face_class]), *states)
        return float(states_loss(face, drawn, photos, drawings))

    assert loss_of(0, OPEN, OPEN) < 1e-3, "the nearest drawing shows the same"
    assert loss_of(1, OPEN, OPEN) > 10, "its eyes are closed"
    assert loss_of(1, UNKNOWN, OPEN) < 1e-3, "eyes that are not known"
    assert loss_of(0, OPEN, CLOSED) > 10, "its mouth is open"
    assert loss_of(2, OPEN, CLOSED) < 1e-3, "a mouth that hardly parts may be either"
    assert loss_of(0, OPEN, OPEN, NO_CLASS) < 1e-3, "a face without a class may get any"
    jaw = np.zeros((3, 52))
    jaw[:, 25] = 0.9, 0.2, 0.0
    assert mouth_states(jaw, np.array([1, 1, 0])).tolist() == [OPEN, UNKNOWN, UNKNOWN]
    assert drawn_mouth_states(jaw).tolist() == [OPEN, UNKNOWN, CLOSED]
    return "faces pick drawings whose eyes and mouth are as open"


def check_metric_losses() -> str:
    """Raises an `AssertionError` if a loss is not lowest where it should be."""
    torch.manual_seed(1)
    faces = torch.nn.functional.normalize(torch.randn(200, 64), dim=1)
    matrix = torch.eye(64)
    assert kept_distances(faces, 2 * matrix, matrix) < 1e-9, "a scale changes no distance"
    squeezed = matrix.clone()
    squeezed[:32] *= 0.1
    assert kept_distances(faces, squeezed, matrix) > 1e-3
    assert spread_loss(faces) < spread_loss(faces @ squeezed) - 0.3, "fewer dimensions"
    offset = torch.zeros(64)
    offset[0] = 1.0
    classes = torch.zeros(200, dtype=torch.int64)
    assert style_loss(faces, classes, faces, classes) < 1e-9
    assert abs(style_loss(faces, classes, faces + offset, classes) - 1) < 1e-4
    neutral_and_smiling = torch.stack([offset, -offset]).repeat(20, 1)
    assert smiles_loss(neutral_and_smiling) < 1e-3, "all who smile are alike"
    assert smiles_loss(torch.randn(40, 64)) > 0.1
    return "losses of the metric are lowest where they should be"
