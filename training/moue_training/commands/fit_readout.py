"""Fits what reads emotions from embeddings, and the mean embedding, for the shipped network.

Embeds FER+'s training faces by `expression_int8.tflite` and writes `readout.f32` beside it: 64
numbers, the mean embedding of these faces, then for each of the eight emotions 64 weights and a
bias. `readout.fingerprint` names the weights that it belongs to. Prints how well the held-out faces
are read.
"""

import argparse
import hashlib
from pathlib import Path

import numpy as np

from ..data.ferplus import load_ferplus, test_rows
from ..eval.emotion_figures import LEAST_VOTES, accuracy, calibration_gap
from ..export.embedding import embed_crops
from ..export.litert import LiteRtNetwork
from ..train.readout import fit, predict

NETWORK = "expression_int8.tflite"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Defines the arguments."""
    models = Path("../crates/moue/models")
    parser.add_argument("--models", type=Path, default=models, help="the folder of the networks")


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    data = load_ferplus()
    network_bytes = (args.models / NETWORK).read_bytes()
    network = LiteRtNetwork(network_bytes)
    rows = np.flatnonzero(data.trainable)
    embeddings = embed_crops(network, data.images[rows])
    readout = fit(embeddings, data.votes[rows], data.counts[rows])
    values = np.concatenate([embeddings.mean(0), readout.ravel()]).astype("<f4")
    (args.models / "readout.f32").write_bytes(values.tobytes())
    # As `moue::weights::expression_fingerprint` does it.
    fingerprint = hashlib.sha256(network_bytes).hexdigest()[:16]
    (args.models / "readout.fingerprint").write_text(fingerprint)
    update_sums(args.models)
    print(f"fitted on {len(rows)} faces for the weights {fingerprint}")
    for usage in ("PublicTest", "PrivateTest"):
        held_out = test_rows(usage, LEAST_VOTES)
        shares = predict(readout, embed_crops(network, data.images[held_out]))
        votes = data.votes[held_out]
        print(
            f"{usage}: {accuracy(shares, votes):.4f} of {len(held_out)} right, "
            f"gap of calibration {calibration_gap(shares, votes):.4f}"
        )


def update_sums(folder: Path) -> None:
    """Writes `SHA256SUMS` of the folder again, as `sha256sum` does."""
    names = sorted(path.name for path in folder.glob("*") if path.suffix in (".tflite", ".f32"))
    sums = (hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names)
    lines = (f"{digest}  {name}\n" for digest, name in zip(sums, names, strict=True))
    (folder / "SHA256SUMS").write_text("".join(lines))
