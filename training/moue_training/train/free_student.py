"""Trains a student on faces with free terms alone: rendered heads and our own drawings.

No annotator, no teacher and no photo has a part in it. Heads have the votes that follow from their
blendshapes, and drawings their own; the losses are those of the distillation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ..data.free_faces import head_votes
from ..data.heads import Heads, load_heads
from ..models.expression import ExpressionStudent
from ..models.inference import embed_all
from .distill import DistillationBatches, StudentOptions, fit_by_recipe
from .head_targets import HeadFaces, head_faces, usable_rows
from .targets import BlendshapeSphere, TargetFaces, drawn_faces
from .validation import nearest_shows_same

# Shares among the faces of a batch that have votes, and the share of pairs of heads besides.
SET_SHARES, HEADS_SHARE = {"heads": 0.75, "drawings": 0.25}, 0.25
# One expression in so many is kept for validation.
HELD_OUT_EVERY = 25


@dataclass(kw_only=True)
class FreeOptions(StudentOptions):
    """What to train the student on, and how; defaults are chosen by hand."""

    heads: Sequence[Path]
    drawings: Path = Path("runs/drawings")
    epochs: int = 8
    batch: int = 160


@dataclass
class HeldOutHeads:
    """Gray crops (N×80×80 u8) of heads that show a prototype, its number and the group of each."""

    crops: np.ndarray
    prototypes: np.ndarray
    groups: np.ndarray


@dataclass
class FreeSets:
    """The sets with votes, the pairs of heads, and heads for validation."""

    sets: dict[str, TargetFaces]
    heads: HeadFaces
    held_out: HeldOutHeads


# Makes the set of drawings, given the roots of neutral heads and the sphere of blendshapes.
MakeDrawings = Callable[[np.ndarray, BlendshapeSphere], TargetFaces]


def free_sets(heads: Heads, make_drawings: MakeDrawings) -> FreeSets:
    """Returns what the student learns from."""
    rows = usable_rows(heads)
    is_held_out = heads.group[rows] % HELD_OUT_EVERY == 0
    faces = head_faces(heads, rows[~is_held_out])
    sphere = BlendshapeSphere(faces.roots)
    faces.directions = sphere.directions(faces.roots)
    votes = head_votes(heads, rows[~is_held_out])
    neutral = faces.roots[heads.prototype[rows[~is_held_out]] == 0].mean(0)
    sets = {
        "heads": TargetFaces(faces.images, votes, sphere.points(votes, faces.roots)),
        "drawings": make_drawings(neutral, sphere),
    }
    kept = rows[is_held_out & (heads.prototype[rows] >= 0)]
    held_out = HeldOutHeads(
        head_faces(heads, kept).images, heads.prototype[kept], heads.group[kept]
    )
    return FreeSets(sets, faces, held_out)


def train_free_student(options: FreeOptions) -> nn.Module:
    """Trains the student, or resumes; returns the net with averaged weights."""
    torch.manual_seed(options.seed)
    make_drawings = partial(drawn_faces, options.drawings)
    data = free_sets(load_heads(options.heads), make_drawings)
    net = ExpressionStudent().to(memory_format=torch.channels_last)
    batches = DistillationBatches(
        data.sets,
        net.input_size,
        options.batch,
        heads=data.heads,
        set_shares=SET_SHARES,
        heads_share=HEADS_SHARE,
    )
    crops = torch.from_numpy(data.held_out.crops)

    def validate(average: nn.Module) -> dict[str, float]:
        table, kept = embed_all(average, crops), data.held_out
        return {"same": nearest_shows_same(table, kept.groups, kept.prototypes)}

    return fit_by_recipe(net, batches, options, validate)
