"""Checks the training on faces with free terms: their votes, their scenes, and the student."""

import tempfile
from pathlib import Path

import numpy as np
import torch

from ..data.facs_votes import COMBINATIONS, UNITS, facs_votes
from ..data.ferplus import EMOTIONS
from ..data.heads import NAMES, Heads
from ..data.scene_sources import bundled_backgrounds
from ..models.expression import ExpressionStudent
from ..train.distill import DistillationBatches, DistillationLoss
from ..train.face import FaceOptions, train_face
from ..train.free_student import SET_SHARES, free_sets
from ..train.scene_stream import SceneFiles
from ..train.targets import BlendshapeSphere, TargetFaces
from ..train.validation import nearest_shows_same
from .tiny_data import PARAMETERS, gray_faces, random_votes, write_heads, write_marked


def face_of(units: tuple[int, ...], value: float = 0.8) -> np.ndarray:
    """Returns the blendshapes (1×52) of a face that shows these action units on both sides."""
    row = np.zeros((1, len(NAMES)), np.float32)
    for unit in units:
        for side in ("", "Left", "Right"):
            if UNITS[unit] + side in NAMES:
                row[0, NAMES.index(UNITS[unit] + side)] = value
    return row


def check_votes() -> str:
    """Raises an `AssertionError` where a combination of units is voted to be another emotion."""
    for emotion, combinations in COMBINATIONS.items():
        for combination in combinations:
            votes = facs_votes(NAMES, face_of(combination))[0]
            assert abs(votes.sum() - 1) < 1e-5
            found = EMOTIONS[votes.argmax()]
            assert found == emotion, f"{combination} is {found}, not {emotion}"
    sneer = np.zeros((2, len(NAMES)), np.float32)
    for row, side in enumerate(("Left", "Right")):
        for name in ("mouthSmile", "mouthDimple"):
            sneer[row, NAMES.index(name + side)] = 0.7
    votes = facs_votes(NAMES, sneer)
    assert np.allclose(votes[0], votes[1]), "a mirrored face has other votes"
    assert EMOTIONS[votes[0].argmax()] == "contempt"
    kiss = np.zeros((1, len(NAMES)), np.float32)
    kiss[0, NAMES.index("mouthPucker")] = 1
    assert EMOTIONS[facs_votes(NAMES, kiss)[0].argmax()] == "neutral"
    weak, strong = (facs_votes(NAMES, face_of((6, 12), value))[0, 1] for value in (0.3, 0.8))
    assert weak < strong, "a weak smile has fewer votes"
    return "action units give the votes of their emotions"


def check_scenes() -> str:
    """Trains the detector on heads and drawings alone for a step; their backgrounds are free."""
    assert len(bundled_backgrounds(only_free=True)) < len(bundled_backgrounds())
    with tempfile.TemporaryDirectory() as name:
        folder, rng = Path(name), np.random.default_rng(1)
        heads = write_heads(folder / "heads.npz", rng, 60)
        files = SceneFiles(drawings=write_marked(folder / "drawings.npz", rng, 10), heads=(heads,))
        scenes = files.open(False, 128)
        assert scenes.sources.are_free()
        found = sum(len(scenes(rng)[1]) for _ in range(20))
        assert found > 0, "no faces"
        options = FaceOptions(folder / "face.pt", 1, 4, epoch_steps=1, validation_batches=1)
        train_face(files, options)
        with_faces = SceneFiles(write_marked(folder / "faces.npz", rng, 101), heads=(heads,))
        assert not with_faces.open(False, 128).sources.are_free()
    return f"20 scenes of heads and drawings alone have {found} faces"


def tiny_heads(expressions: int = 60) -> Heads:
    """Returns pairs of heads with pictures; the first expressions are neutral."""
    with tempfile.TemporaryDirectory() as name:
        path = write_heads(Path(name) / "heads.npz", np.random.default_rng(2), 2 * expressions)
        with np.load(path) as table:
            pictures = np.split(table["data"], table["starts"][1:-1])
            marks = table["marks"]
    values = np.random.default_rng(3).random((expressions, len(NAMES))).astype(np.float32)
    values[:10] *= 0.05
    prototype = np.where(np.arange(expressions) < 10, 0, 1).repeat(2)
    zeros = np.zeros(2 * expressions, int)
    return Heads(
        pictures,
        marks,
        values.repeat(2, 0),
        np.zeros((2 * expressions, 3)),
        zeros,
        prototype,
        np.arange(expressions).repeat(2),
        zeros,
    )


def tiny_drawings(_neutral: np.ndarray, _sphere: BlendshapeSphere) -> TargetFaces:
    """Returns drawings in the form of `drawn_faces`."""
    rng = np.random.default_rng(4)
    votes = random_votes(rng, 24)
    points = np.concatenate([votes**0.35, np.zeros((24, 16), np.float32)], 1)
    parameters = rng.random((24, PARAMETERS)).astype(np.float32)
    return TargetFaces(gray_faces(rng, 24, 80), votes, points, parameters)


def check_student() -> str:
    """Raises an `AssertionError` where a student of heads and drawings has no gradient."""
    torch.manual_seed(1)
    data = free_sets(tiny_heads(), tiny_drawings)
    kept = set(data.held_out.groups.tolist())
    assert kept and not kept & set(range(1, 25)), "one expression in 25 is held out"
    net = ExpressionStudent()
    batches = DistillationBatches(
        data.sets, net.input_size, 40, heads=data.heads, set_shares=SET_SHARES
    )
    batch = batches.draw()
    assert batch.heads is not None and len(batch.faces) + len(batch.heads.faces) == 40
    losses = DistillationLoss()(net, batch)
    assert {"votes", "nuance", "drawings", "head_neighbors", "head_directions"} <= losses.keys()
    sum(losses.values(), start=torch.zeros(())).backward()
    gradient = float(net.blocks[0].conv.weight.grad.abs().sum())
    assert np.isfinite(gradient) and gradient > 0
    shown = np.array([0, 0, 1, 1, 0, 0, 1, 1])
    assert nearest_shows_same(np.eye(2)[shown], np.arange(8) // 2, shown) == 1
    return "a student learns from heads and drawings alone"
