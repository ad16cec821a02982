"""How well the program names emotions, on FER+'s held-out faces and by group of people."""

import zipfile
from collections.abc import Iterator

import numpy as np

from ..data.ferplus import EMOTIONS, load_ferplus, test_rows
from ..data.sources import UTKFACE, archive_path
from .emotion_figures import (
    CALIBRATION_GROUPS,
    LEAST_VOTES,
    accuracy,
    calibration,
    calibration_gap,
    correlations,
    recalls,
)
from .moue_cli import emotion_shares, encode_gray_png
from .robustness import MIN_GROUP, utkface_groups

# Faces of a group of people: enough for a mean within 0.03.
GROUP_FACES = 250


def emotion_lines(moue: str) -> Iterator[str]:
    """Yields the lines of the report."""
    data = load_ferplus()
    for usage in ("PublicTest", "PrivateTest"):
        rows = test_rows(usage, 1)
        shares = emotion_shares(moue, [encode_gray_png(data.images[i]) for i in rows], cropped=True)
        for least in (5, LEAST_VOTES, 10):
            chosen = data.counts[rows] >= least
            votes = data.votes[rows][chosen]
            yield (
                f"emotions, {usage}, {least} votes or more: "
                f"{accuracy(shares[chosen], votes):.4f} of {len(votes)} right, "
                f"gap of calibration {calibration_gap(shares[chosen], votes):.4f}"
            )
        majority = data.votes[rows].max(1) * data.counts[rows] > 5
        right = accuracy(shares[majority], data.votes[rows][majority])
        yield f"emotions, {usage}, most of ten agree: {right:.4f} of {majority.sum()} right"
    chosen = data.counts[rows] >= LEAST_VOTES
    yield from tables(shares[chosen], data.votes[rows][chosen])
    yield from group_lines(moue)


def tables(shares: np.ndarray, votes: np.ndarray) -> Iterator[str]:
    """Yields the tables by emotion and of calibration."""
    yield "\n| emotion | faces | found | right where named | correlation |\n|---|---|---|---|---|"
    correlation = correlations(shares, votes)
    for name, count, found, right in recalls(shares, votes):
        yield f"| {name} | {count} | {found:.2f} | {right:.2f} | {correlation[name]:.2f} |"
    pairs = calibration(shares, votes, CALIBRATION_GROUPS)
    yield "\n| leading share | " + " | ".join(f"{said:.2f}" for said, _ in pairs) + " |"
    yield "|---" * (CALIBRATION_GROUPS + 1) + "|"
    yield "| votes for it | " + " | ".join(f"{voted:.2f}" for _, voted in pairs) + " |\n"


def group_lines(moue: str) -> Iterator[str]:
    """Yields the mean shares of each group of UTKFace; its faces have no votes."""
    yield "| UTKFace group | faces | " + " | ".join(EMOTIONS) + " |\n" + "|---" * 10 + "|"
    random = np.random.default_rng(1)
    with zipfile.ZipFile(archive_path(UTKFACE)) as archive:
        for attribute, group, files in utkface_groups():
            if len(files) < MIN_GROUP:
                continue
            chosen = random.choice(files, min(GROUP_FACES, len(files)), replace=False)
            shares = emotion_shares(moue, [archive.read(file) for file in chosen])
            means = " | ".join(f"{share:.2f}" for share in np.nanmean(shares, axis=0))
            yield f"| {attribute} {group} | {len(chosen)} | {means} |"
