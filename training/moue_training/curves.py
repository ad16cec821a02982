"""Draws the curves of training logs into one picture.

    python -m moue_training.curves runs/teacher1.log runs/student.log --out curves.png

A log has a line for each epoch, as `train_teacher` and `distill` print them.
"""

import argparse
import re
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

EPOCH = re.compile(r"epoch (\d+) loss ([\d.]+) .*'mean': ([\d.]+)")


def epochs(path):
    """(epoch, loss, share of the validation triplets) of every epoch; of one that was run again, the last run."""
    found = {int(e): (float(loss), float(mean)) for e, loss, mean in EPOCH.findall(path.read_text())}
    return [(e, *found[e]) for e in sorted(found)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=Path("curves.png"))
    args = parser.parse_args()
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
    for path in args.logs:
        number, loss, mean = zip(*epochs(path))
        left.plot(number, loss, marker=".", label=path.stem)
        right.plot(number, mean, marker=".", label=path.stem)
    left.set(title="loss", xlabel="epoch")
    right.set(title="share of the validation triplets", xlabel="epoch")
    right.legend()
    figure.tight_layout()
    figure.savefig(args.out, dpi=90)


if __name__ == "__main__":
    main()
