"""Draws the curves of training logs."""

import re
from collections.abc import Iterable
from pathlib import Path

from matplotlib.figure import Figure

# The line that `Trainer` prints after each epoch.
EPOCH = re.compile(r"epoch (\d+) loss ([\d.]+) .*'mean': ([\d.]+)")


def read_epochs(log: Path) -> list[tuple[int, float, float]]:
    """Returns (epoch, loss, share of the validation triplets); of an epoch run twice, the last."""
    found = {int(e): (float(loss), float(mean)) for e, loss, mean in EPOCH.findall(log.read_text())}
    return [(epoch, *found[epoch]) for epoch in sorted(found)]


def draw_curves(logs: Iterable[Path], out: Path) -> None:
    """Writes one picture with the curves of several trainings to `out`."""
    figure = Figure(figsize=(10, 4))
    left, right = figure.subplots(1, 2)
    for log in logs:
        epochs, losses, means = zip(*read_epochs(log), strict=True)
        left.plot(epochs, losses, marker=".", label=log.stem)
        right.plot(epochs, means, marker=".", label=log.stem)
    left.set(title="loss", xlabel="epoch")
    right.set(title="share of the validation triplets", xlabel="epoch")
    right.legend()
    figure.tight_layout()
    figure.savefig(out, dpi=90)
