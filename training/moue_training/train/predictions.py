"""Vote shares predicted by teachers, and the weights by which faces are sampled."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ..data.augment import resize
from ..models.expression import ExpressionStudent
from ..models.inference import embed_all
from ..models.teachers import FaceTeacher, teacher_of
from .checkpoint import load_checkpoint


def load_teachers(paths: Iterable[Path]) -> list[FaceTeacher | ExpressionStudent]:
    """Returns the trained teachers of these checkpoints; a student may teach its successor."""
    return [_net_of(load_checkpoint(path)["net"]) for path in paths]


def _net_of(state: dict[str, torch.Tensor]) -> FaceTeacher | ExpressionStudent:
    if "blocks.0.conv.weight" not in state:
        return teacher_of(state)
    return _student_of(state)


def load_student(path: Path) -> ExpressionStudent:
    """Returns the student of a checkpoint."""
    return _student_of(load_checkpoint(path)["net"])


def _student_of(state: dict[str, torch.Tensor]) -> ExpressionStudent:
    student = ExpressionStudent()
    student.load_state_dict(state)
    return student.to(memory_format=torch.channels_last)


def class_weights(votes: torch.Tensor) -> torch.Tensor:
    """Returns sampling weights (N) of faces by their votes (N×8): rare emotions come up more often.

    By the inverse square root of an emotion's frequency, as is usual for long-tailed classes
    (Mahajan et al. 2018): half way between natural and balanced sampling.
    """
    return (votes / votes.mean(0).clamp(1e-3).sqrt()).sum(1)


def predict_votes(net: nn.Module, images: np.ndarray, batch: int = 256) -> np.ndarray:
    """Returns the vote shares (N×8), means over each picture (u8) and its mirror image."""
    net.eval()
    votes = []
    with torch.no_grad():
        for i in range(0, len(images), batch):
            x = resize(torch.from_numpy(images[i : i + batch]), net.input_size)
            x = x.to(memory_format=torch.channels_last)
            both = [net.emotion_logits(net(side)).softmax(1) for side in (x, x.flip(3))]
            votes.append((both[0] + both[1]) / 2)
    return torch.cat(votes).numpy()


def cached_predictions(net: nn.Module, images: np.ndarray) -> np.ndarray:
    """Returns `predict_votes`, kept in a file."""
    return _cached("predictions", net, images, predict_votes)


def cached_embeddings(net: nn.Module, images: np.ndarray) -> np.ndarray:
    """Returns embeddings (N×64) of gray pictures (N×H×W u8), kept in a file."""
    return _cached("embeddings", net, images, lambda n, i: embed_all(n, torch.from_numpy(i)))


def _cached(
    name: str,
    net: nn.Module,
    images: np.ndarray,
    compute: Callable[[nn.Module, np.ndarray], np.ndarray],
    cache: Path = Path("runs"),
) -> np.ndarray:
    """Returns what is computed, kept in `cache` by a digest of pictures and weights.

    A teacher takes minutes for all pictures, and every training of a student needs the same.
    """
    key = hashlib.sha256(images.tobytes())
    for value in net.state_dict().values():
        key.update(value.numpy().tobytes())
    path = cache / f"{name}-{key.hexdigest()[:16]}.npy"
    if not path.exists():
        np.save(path, compute(net, images))
    found: np.ndarray = np.load(path)
    return found


def mean_predictions(nets: Sequence[nn.Module], images: np.ndarray) -> np.ndarray:
    """Returns the mean vote shares (N×8) of several teachers."""
    mean: np.ndarray = np.mean([cached_predictions(net, images) for net in nets], axis=0)
    return mean
