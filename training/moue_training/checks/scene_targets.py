"""Checks what scenes say of faces that nobody marked in full, and of what counts neither way."""

import tempfile
from pathlib import Path

import numpy as np
import torch

from ..data.framed_scenes import framed_scene, placed_faces
from ..data.frames import Frames
from ..data.round_faces import round_face
from ..train.face import regression_loss
from ..train.face_targets import CELL_CENTERS, face_targets
from ..train.proposals import scene_examples
from .tiny_data import write_frames


def check_framed_scenes() -> str:
    """Raises an `AssertionError` where a part of a frame has its faces in other places."""
    boxes = np.array([[40, 60, 20, 20, 1], [0, 0, 20, 20, 1], [150, 90, 20, 20, 0]], np.float32)
    # Twofold, mirrored, from (10, 10) on.
    matrix = np.array([[-2.0, 0, 148], [0, 2, -20]])
    whole, *others = placed_faces(boxes, matrix, 128)
    assert np.allclose(whole.points[0], (48, 120)) and whole.size == 40 and whole.counts
    assert not any(face.counts for face in others), "cut off, or ignored"
    with tempfile.TemporaryDirectory() as name:
        frames = Frames(write_frames(Path(name) / "frames.npz", np.random.default_rng(1)))
    rng = np.random.default_rng(2)
    scenes = [framed_scene(frames, 128, rng) for _ in range(40)]
    assert all(scene.shape == (128, 128, 3) for scene, _ in scenes)
    counting = [face for _, faces in scenes for face in faces if face.counts]
    assert counting and all(np.isnan(face.points[1:]).all() for face in counting)
    return f"{len(counting)} of 40 parts of frames show a whole face"


def check_round_faces() -> str:
    """Raises an `AssertionError` where marks are beside the head or a seed is not repeatable."""
    for seed in range(100):
        picture, points, size = round_face(np.random.default_rng(seed))
        height, width = picture.shape[:2]
        assert (points > 0).all() and (points < (width, height)).all(), f"{seed}: outside"
        right, left, nose, mouth = points[1:5]
        assert right[0] < nose[0] < left[0] and right[1] < nose[1] < mouth[1], f"{seed}: order"
        opaque = [picture[int(y), int(x), 3] for x, y in points[:5]]
        assert min(opaque) == 255 and 0.3 * width < size < width, f"{seed}: beside the head"
        again, *_ = round_face(np.random.default_rng(seed))
        assert (picture == again).all(), f"{seed}: not repeatable"
    return "100 round faces have their marks on their heads"


def check_uncounted() -> str:
    """Raises an `AssertionError` where unmarked points or ignored boxes have a loss."""
    face = np.concatenate([[0.3, 0.3, 0.2], np.full(12, np.nan), [1]])
    ignored = np.concatenate([[0.75, 0.75, 0.2], np.full(12, np.nan), [0]])
    rows = np.stack([face, ignored]).astype(np.float32)
    heat, values = face_targets(rows)
    inside = np.abs(CELL_CENTERS - 0.75).max(1) < 0.09
    assert (heat[inside] == -1).all() and (heat >= 0.999).any()
    found = torch.zeros(1, len(heat), 16, requires_grad=True)
    loss = regression_loss(found, torch.from_numpy(values)[None], torch.from_numpy(heat)[None])
    loss.backward()
    assert found.grad is not None and bool(torch.isfinite(loss))
    assert float(found.grad[..., 4:].abs().sum()) == 0 < float(found.grad[..., :4].abs().sum())
    picture = np.zeros((192, 192, 3), np.uint8)
    places = np.array([[0.75, 0.75, 0.2, 0], [0.3, 0.3, 0.2, 0]], np.float32)
    kinds = [k for _, k, _ in scene_examples(picture, rows, places, np.random.default_rng(3))]
    assert kinds[0] == 1, "the ignored place gives no example"
    return "what nobody marked has no loss"
