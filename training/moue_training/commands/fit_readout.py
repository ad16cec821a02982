"""Fits what reads emotions and closed eyes from embeddings, and the mean embedding.

Embeds FER+'s training faces by `expression_int8.tflite` and writes `readout.f32` beside it: 64
numbers, the mean embedding of these faces, then for each of the eight emotions 64 weights and a
bias, and as many for closed eyes. `readout.fingerprint` names the weights that it belongs to.
Prints how well the held-out faces are read.

With `--heads` it is fitted on rendered heads and drawings, whose votes follow from blendshapes, and
no photo has a part in it. With `--also-heads` they are added to the photos, so that smiles of heads
and drawings are read as well, which lie a little apart from those of photos.
"""

import argparse
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from ..data.expression_labels import labels_path
from ..data.eyes import CLOSED, OPEN, eye_states
from ..data.ferplus import FerPlus, load_ferplus, test_rows
from ..data.free_faces import FreeFaces, load_free_faces
from ..data.sources import FERPLUS
from ..eval.emotion_figures import LEAST_VOTES, accuracy, calibration_gap
from ..export.embedding import embed_crops
from ..export.litert import LiteRtNetwork
from ..train.readout import binary, fit, predict

NETWORK = "expression_int8.tflite"
# Votes of each head or drawing beside photos, which have about ten. PublicTest is read as well with
# 0.3 to 3 as without.
HEAD_VOTES = 3.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    models = Path("../crates/moue/models")
    parser.add_argument("--models", type=Path, default=models, help="the folder of the networks")
    shapes_help = "blendshapes of FER+, by `label-expressions`"
    heads_help = "written by moue-heads write, to fit on in place of FER+"
    parser.add_argument("--heads", type=Path, nargs="+", help=heads_help)
    also_help = "the same, to fit on beside FER+"
    parser.add_argument("--also-heads", type=Path, nargs="+", help=also_help)
    parser.add_argument("--drawings", type=Path, default=Path("runs/drawings"))
    parser.add_argument("--shapes", type=Path, default=Path("runs/shapes.npz"), help=shapes_help)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    network_bytes = (args.models / NETWORK).read_bytes()
    network = LiteRtNetwork(network_bytes)
    if args.heads:
        readout = fit_free(network, load_free_faces(args.heads, args.drawings))
        write(args.models, readout, network_bytes)
        return
    data = load_ferplus()
    rows = np.flatnonzero(data.trainable)
    embeddings = embed_crops(network, data.images[rows])
    samples = [(embeddings, data.votes[rows], data.counts[rows])]
    if args.also_heads:
        samples.append(head_samples(network, load_free_faces(args.also_heads, args.drawings)))
    emotions = fit(*map(np.concatenate, zip(*samples, strict=True)))
    with np.load(labels_path(args.shapes, FERPLUS)) as labels:
        states = eye_states(labels["shapes"], labels["presence"])
    eyes = fit_eyes(embeddings, states[rows])
    write(args.models, Readout(embeddings.mean(0), emotions, eyes), network_bytes)
    print(f"fitted on {sum(len(sample) for sample, *_ in samples)} faces")
    for usage in ("PublicTest", "PrivateTest"):
        print_emotions(network, data, usage, emotions)
    print_eyes(network, data, states, eyes)


@dataclass
class Readout:
    """Mean embedding (64), emotions (8×65) and closed eyes (65)."""

    mean: np.ndarray
    emotions: np.ndarray
    eyes: np.ndarray


def head_samples(
    network: LiteRtNetwork, faces: FreeFaces
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the embeddings (N×64), shares of votes (N×8) and votes (N) of heads and drawings."""
    embeddings = embed_crops(network, faces.crops)
    return embeddings, faces.votes, np.full(len(embeddings), HEAD_VOTES)


def fit_free(network: LiteRtNetwork, faces: FreeFaces) -> Readout:
    """Returns the readout of heads and drawings; its mean is of the heads that are like photos."""
    embeddings = embed_crops(network, faces.crops)
    emotions = fit(embeddings, faces.votes, np.ones(len(embeddings)))
    print(f"fitted on {len(embeddings)} heads and drawings")
    return Readout(embeddings[~faces.is_drawn].mean(0), emotions, fit_eyes(embeddings, faces.eyes))


def write(models: Path, readout: Readout, network_bytes: bytes) -> None:
    """Writes `readout.f32`, `readout.fingerprint` and `SHA256SUMS` into the folder of networks."""
    parts = [readout.mean, readout.emotions.ravel(), readout.eyes]
    values = np.concatenate(parts).astype("<f4")
    (models / "readout.f32").write_bytes(values.tobytes())
    # As `moue::weights::expression_fingerprint` does it.
    fingerprint = hashlib.sha256(network_bytes).hexdigest()[:16]
    (models / "readout.fingerprint").write_text(fingerprint)
    update_sums(models)
    print(f"for the weights {fingerprint}")


def print_emotions(network: LiteRtNetwork, data: FerPlus, usage: str, emotions: np.ndarray) -> None:
    """Prints how well the emotions of held-out faces are read."""
    held_out = test_rows(usage, LEAST_VOTES)
    shares = predict(emotions, embed_crops(network, data.images[held_out]))
    votes = data.votes[held_out]
    print(
        f"{usage}: {accuracy(shares, votes):.4f} of {len(held_out)} right, "
        f"gap of calibration {calibration_gap(shares, votes):.4f}"
    )


def fit_eyes(embeddings: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Returns weights and bias (65) whose sigmoid tells how surely both eyes are closed.

    Closed and open eyes count the same together, so that 0.5 lies between them.
    """
    known = np.isin(states, (CLOSED, OPEN))
    is_closed = states[known] == CLOSED
    shares = np.stack([~is_closed, is_closed], 1).astype(np.float64)
    counts = np.where(is_closed, 1 / is_closed.sum(), 1 / (~is_closed).sum())
    return binary(fit(embeddings[known], shares, counts))


def print_eyes(network: LiteRtNetwork, data: FerPlus, states: np.ndarray, eyes: np.ndarray) -> None:
    """Prints how well closed eyes of held-out faces are told from open ones."""
    held_out = np.concatenate([test_rows(usage, 0) for usage in ("PublicTest", "PrivateTest")])
    held_out = held_out[np.isin(states[held_out], (CLOSED, OPEN))]
    scores = embed_crops(network, data.images[held_out]) @ eyes[:-1] + eyes[-1]
    is_closed = states[held_out] == CLOSED
    print(
        f"closed eyes of {is_closed.sum()} of {len(held_out)} held-out faces: AUC "
        f"{roc_auc_score(is_closed, scores):.3f}, {(scores[is_closed] > 0).mean():.3f} of them "
        f"above 0.5, and {(scores[~is_closed] > 0).mean():.3f} of the open ones"
    )


def update_sums(folder: Path) -> None:
    """Writes `SHA256SUMS` of the folder again, as `sha256sum` does."""
    names = sorted(path.name for path in folder.glob("*") if path.suffix in (".tflite", ".f32"))
    sums = (hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names)
    lines = (f"{digest}  {name}\n" for digest, name in zip(sums, names, strict=True))
    (folder / "SHA256SUMS").write_text("".join(lines))
