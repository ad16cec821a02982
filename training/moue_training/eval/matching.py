"""Measures the answers of `moue find` for FER+ faces: their classes, distances and variety.

The gallery is the program's own drawings. A face's class is the emotion that at least eight of
FER+'s ten annotators chose; a drawing's is that of its pose.
"""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..data.ferplus import load_ferplus
from ..data.style_samples import CLASSES, OTHER_STATES, clear_rows
from .moue_cli import encode_gray_png, run_moue

# Faces of one call of the program.
BATCH = 500
# Poses of people who are merely tired are no answer to a sad face, nor to a calm one.
REQUIRED = ("neutral", "sadness")
SETTINGS = {"nearest": ("--pure",), "varied": ()}


@dataclass
class Answers:
    """Answers to faces (N×3 each): paths, poses, distances, scores; and the faces' classes (N)."""

    classes: np.ndarray
    paths: np.ndarray
    poses: np.ndarray
    distances: np.ndarray


def evaluate_matching(moue: str, usage: str) -> Iterator[str]:
    """Yields the lines of a table for one split of FER+."""
    emotions = pose_emotions(moue)
    rows, classes = clear_faces(usage)
    yield f"{usage}: {len(rows)} faces, drawings of {len(emotions)} poses"
    yield (
        "| setting | class of 1st, 2nd, 3rd | distance of 1st, 2nd, 3rd | different poses of 3 | "
        "all 3 differ | drawings ever in a top 3 | calm | sad |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for name, flags in SETTINGS.items():
        yield table_row(name, answers(moue, flags, rows, classes), emotions)


def table_row(name: str, found: Answers, emotions: dict[str, str]) -> str:
    """Returns the figures of one setting."""
    of_pose = np.vectorize(emotions.get)(found.poses)
    right = of_pose == found.classes[:, None]
    shares = np.mean([right[found.classes == c].mean(0) for c in CLASSES], 0)
    poses = np.array([len(set(row)) for row in found.poses])
    ever = len(set(found.paths.ravel())) / drawing_count(emotions)
    required = " | ".join(
        f"{(right[rows, 0] & ~np.isin(found.poses[rows, 0], OTHER_STATES)).mean():.3f}"
        for rows in (found.classes == c for c in REQUIRED)
    )
    return (
        f"| {name} | {listed(shares)} | {listed(found.distances.mean(0))} | {poses.mean():.2f} | "
        f"{(poses == 3).mean():.3f} | {ever:.3f} | {required} |"
    )


def listed(values: np.ndarray) -> str:
    """Returns numbers with three digits, separated by commas."""
    return ", ".join(f"{value:.3f}" for value in values)


def drawing_count(emotions: dict[str, str]) -> int:
    """Returns how many drawings there are: twenty characters make each pose."""
    return 20 * len(emotions)


def pose_emotions(moue: str) -> dict[str, str]:
    """Returns the emotion of each pose of the built-in drawings."""
    with tempfile.TemporaryDirectory() as folder:
        command = [moue, "gallery", "export", "builtin", folder]
        subprocess.run(command, check=True, capture_output=True)
        lines = (Path(folder) / "pictures.jsonl").read_text(encoding="utf-8").splitlines()
    tags = [json.loads(line)["tags"] for line in lines]
    return {tag[1]: tag[2] for tag in tags}


def clear_faces(usage: str) -> tuple[np.ndarray, np.ndarray]:
    """Returns pictures (N×48×48 u8) and classes (N) of the clear faces of a split."""
    data = load_ferplus()
    rows, classes = clear_rows(data, usage)
    return data.images[rows], np.array(CLASSES)[classes]


def answers(moue: str, flags: tuple[str, ...], rows: np.ndarray, classes: np.ndarray) -> Answers:
    """Searches for all faces."""
    matches = []
    for start in range(0, len(rows), BATCH):
        with tempfile.TemporaryDirectory() as folder:
            names = []
            for i, pixels in enumerate(rows[start : start + BATCH]):
                path = Path(folder) / f"{i:04}.png"
                path.write_bytes(encode_gray_png(pixels))
                names.append(str(path))
            lines = run_moue(moue, "find", "--cropped", "--json", *flags, *names)
            matches += [line["faces"][0]["matches"] for line in lines]
    paths = np.array([[m["path"] for m in found] for found in matches])
    return Answers(
        classes=classes,
        paths=paths,
        poses=np.vectorize(lambda path: path.split("-", 1)[1])(paths),
        distances=np.array([[m["distance"] for m in found] for found in matches]),
    )
