"""Checks all four trainings on synthetic data: steps, resuming, export and quantization."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ..data.ferplus import load_ferplus
from ..data.paths import data_root
from ..export.networks import KINDS
from ..export.parity import check_parity
from ..export.quantize import CALIBRATION_PICTURES, calibration_pictures, quantize
from ..models.expression import ExpressionStudent
from ..models.refine import RefineNet
from ..models.teachers import FaceTeacher
from ..train.average_refiners import estimate_batch_norm, mean_weights
from ..train.checkpoint import load_checkpoint, load_weights
from ..train.distill import Batch, DistillationBatches, DistillationLoss, fit_student
from ..train.face import FaceOptions, train_face
from ..train.refine import RefineOptions, train_refine
from ..train.targets import DIRECTIONS, EMOTIONS, TargetFaces
from ..train.teacher import FerPlusBatches, TeacherOptions, fit_teacher
from ..train.trainer import CosineSchedule, TrainerOptions, Validation
from .tiny_data import tiny_ferplus, tiny_target_sets, write_crops, write_scene_files

# Trains with this checkpoint and this validation; returns the averaged weights.
Training = Callable[[Path, Validation], nn.Module]


class InterruptedTrainingError(Exception):
    """Raised in a validation, as a training may be stopped at any time."""


def no_figures(_net: nn.Module) -> dict[str, float]:
    """Validates nothing."""
    return {}


@contextmanager
def single_thread() -> Iterator[None]:
    """Runs PyTorch in one thread: several add up in an order that differs from run to run."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def check_resuming(train: Training, folder: Path) -> None:
    """Raises an `AssertionError` if a training of two epochs that is interrupted ends otherwise."""
    expected = train(folder / "whole.pt", no_figures)
    path = folder / "interrupted.pt"
    calls = []

    def stop_in_second(_net: nn.Module) -> dict[str, float]:
        calls.append(1)
        if len(calls) == 2:
            raise InterruptedTrainingError
        return {}

    try:
        train(path, stop_in_second)
        raise AssertionError("the training was not interrupted")
    except InterruptedTrainingError:
        pass
    first_half = load_checkpoint(path)["step"]
    found = train(path, no_figures)
    assert load_checkpoint(path)["step"] == 2 * first_half, "steps of a resumed training"
    pairs = zip(expected.state_dict().values(), found.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs), "a resumed training has other weights"


def check_detector_and_refiner() -> str:
    """Trains both for two steps, one at a time, and exports them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write_scene_files(folder)
        face, refine = folder / "face.pt", folder / "refine.pt"
        for steps in (1, 2):
            detector = train_face(
                files, FaceOptions(face, steps, batch=4, epoch_steps=1, validation_batches=1)
            )
        for steps in (1, 2):
            refiner = train_refine(
                files,
                RefineOptions(face, refine, steps, batch=4, epoch_steps=1, validation_batches=1),
            )
        assert load_checkpoint(face)["step"] == load_checkpoint(refine)["step"] == 2
        mean = mean_weights([refine, refine], [0.3, 0.7])
        estimate_batch_norm(mean, face, files, batches=1)
        trained = load_weights(RefineNet(), refine)
        pairs = zip(mean.parameters(), trained.parameters(), strict=True)
        assert all(torch.allclose(a, b) for a, b in pairs), "the mean of equal weights differs"
    for kind, net in (("face", detector), ("refine", refiner)):
        check_parity(KINDS[kind], net.eval(), KINDS[kind].export(net))
    return "detector and refiner are trained, resumed and exported"


def check_teacher() -> str:
    """Trains a teacher for two epochs, interrupted and not."""
    data = tiny_ferplus()

    def train(path: Path, validate: Validation) -> nn.Module:
        torch.manual_seed(1)
        net = FaceTeacher()
        faces = FerPlusBatches(data, net.input_size, batch=8, crops=Path("absent"))
        options = TeacherOptions(pretrained=Path("none"), out=path, epochs=2, batch=8)
        return fit_teacher(net, faces, options, validate)

    with single_thread(), tempfile.TemporaryDirectory() as folder:
        check_resuming(train, Path(folder))
    return "a resumed teacher equals an uninterrupted one"


def check_student() -> str:
    """Trains a student for two epochs, interrupted and not."""
    sets = tiny_target_sets()

    def train(path: Path, validate: Validation) -> nn.Module:
        torch.manual_seed(1)
        net = ExpressionStudent()
        batches = DistillationBatches(sets, net.input_size, batch=24)
        options = TrainerOptions(path, CosineSchedule(8e-3, 4, warmup_steps=2), 2, seed=1)
        return fit_student(net, batches, DistillationLoss(), options, validate)

    with single_thread(), tempfile.TemporaryDirectory() as folder:
        check_resuming(train, Path(folder))
    return "a resumed student equals an uninterrupted one"


def check_student_export() -> str:
    """Trains a student with all terms of the loss, exports it and quantizes it."""
    torch.manual_seed(1)
    net = ExpressionStudent()
    batches = DistillationBatches(tiny_target_sets(), net.input_size, batch=24)
    loss = DistillationLoss(hubness_weight=0.03, queue_size=24)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        options = TrainerOptions(
            folder / "student.pt", CosineSchedule(8e-3, 3, warmup_steps=2), 3, seed=1
        )
        trained = fit_student(net, batches, loss, options, no_figures).eval()
        kind = KINDS["expression"]
        difference = check_parity(kind, trained, kind.export(trained))
        crops = write_crops(folder, CALIBRATION_PICTURES)
        pictures = calibration_pictures(kind.name, trained.input_size, crops)
        data, ranges = quantize(kind, trained, clip_share=0.0, pictures=pictures)
    assert len(ranges) == len(net.blocks), "every block is quantized"
    assert len(data) < 0.7 * len(kind.export(trained)), "8-bit weights take half the bytes"
    return f"a student is exported (difference {difference:.1e}) and quantized"


def check_student_learns(steps: int = 20, pictures: int = 64) -> str:
    """Trains a student on a few faces of FER+; raises an `AssertionError` if the loss stays."""
    data = load_ferplus()
    rows = np.flatnonzero(data.trainable)[:pictures]
    votes = data.votes[rows]
    points = np.concatenate([votes**0.5, np.zeros((pictures, DIRECTIONS), np.float32)], 1)
    faces = TargetFaces(data.images[rows], votes, points)
    torch.manual_seed(1)
    net = ExpressionStudent(nuance=0.0)
    batches = DistillationBatches({"own": faces}, net.input_size, pictures, _others("own"))
    losses = []
    loss = DistillationLoss()

    def record(net: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        terms = loss(net, batch)
        losses.append(float(sum(terms.values(), start=torch.zeros(())).detach()))
        return terms

    with tempfile.TemporaryDirectory() as folder:
        schedule = CosineSchedule(4e-3, steps, warmup_steps=2, final_share=0.5)
        options = TrainerOptions(Path(folder) / "student.pt", schedule, steps, seed=1)
        fit_student(net, batches, record, options, no_figures)
    first, last = np.mean(losses[:3]), np.mean(losses[-3:])
    assert points.shape[1] == EMOTIONS + DIRECTIONS
    assert last < 0.9 * first, f"the loss did not fall: {first:.3f}, then {last:.3f}"
    return f"loss {first:.3f}, after {steps} steps {last:.3f}"


def _others(kept: str) -> list[str]:
    return [name for name in ("own", "aligned", "unlabeled", "drawings") if name != kept]


def has_ferplus() -> bool:
    """Returns whether FER+ is there."""
    return (data_root() / "ferplus").exists()
