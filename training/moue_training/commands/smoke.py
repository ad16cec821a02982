"""Runs short checks of the whole package; what needs an absent package is skipped and named."""

import argparse
import importlib.util
import sys
from collections.abc import Callable, Iterator

from ..checks.imports import check_layers, check_no_circles

Check = Callable[[], str]
# What the trainings need beside the packages that exporting needs.
TRAINING_PACKAGES = ("torch", "cv2", "skimage", "sklearn")
WRITER_PACKAGES = ("ai_edge_litert", "flatbuffers", "tflite")


def absent(packages: tuple[str, ...]) -> list[str]:
    """Returns the packages that are not installed."""
    return [name for name in packages if importlib.util.find_spec(name) is None]


def available_checks() -> Iterator[Check | str]:
    """Yields the checks, and a line for each group of them that cannot run here."""
    yield check_layers
    yield check_no_circles
    missing = absent(WRITER_PACKAGES)
    if missing:
        yield f"{', '.join(missing)} not installed; exports are not checked"
        return
    # Imported here, as they need what was just found.
    from ..checks.readout import check_readout  # noqa: PLC0415
    from ..checks.style_removal import check_style_removal  # noqa: PLC0415
    from ..checks.writer import check_writer  # noqa: PLC0415

    yield check_writer
    yield check_style_removal
    yield check_readout
    missing = absent(TRAINING_PACKAGES)
    if missing:
        yield f"{', '.join(missing)} not installed; trainings are not checked"
        return
    yield from training_checks()


def training_checks() -> Iterator[Check | str]:
    """Yields the checks that need PyTorch."""
    # Imported here, as they need what `available_checks` looks for.
    from ..checks import (  # noqa: PLC0415
        cross_style,
        fine_tune,
        free,
        heads,
        made_faces,
        measures,
        metric,
        scene_targets,
        stages,
        training,
    )

    yield from (measures.check_measures, measures.check_probe)
    yield from (cross_style.check_cross_style, cross_style.check_drawing_queue)
    yield from (metric.check_states, metric.check_metric_losses)
    yield from (
        fine_tune.check_tuning_losses,
        fine_tune.check_jitter,
        fine_tune.check_fine_tuning,
    )
    yield from (made_faces.check_warp, made_faces.check_transplant)
    yield heads.check_head_features
    yield heads.check_neighbor_loss
    yield heads.check_expression_weights
    yield heads.check_heads_in_batches
    yield heads.check_kept_emotions
    yield heads.check_kept_heads
    yield heads.check_restoring
    yield stages.check_stages
    yield from (scene_targets.check_framed_scenes, scene_targets.check_uncounted)
    yield scene_targets.check_round_faces
    yield free.check_votes
    yield free.check_scenes
    yield free.check_student
    yield training.check_detector_and_refiner
    yield training.check_teacher
    yield training.check_student
    yield training.check_student_export
    if training.has_ferplus():
        yield training.check_student_learns
    else:
        yield "FER+ is absent; that a student learns is not checked"


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Defines no arguments."""


def run(_args: argparse.Namespace) -> None:
    """Runs all checks; exits with 1 if one fails."""
    passed, failed, skipped = 0, 0, 0
    for check in available_checks():
        if isinstance(check, str):
            print(f"SKIPPED: {check}", flush=True)
            skipped += 1
            continue
        try:
            print(f"ok: {check()}", flush=True)
            passed += 1
        except (AssertionError, ArithmeticError) as error:
            print(f"FAILED: {check.__name__}: {error}", flush=True)
            failed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(1 if failed else 0)
