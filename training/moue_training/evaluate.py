"""Measures the expression model through the program itself, on the FER+ test triplets.

    python -m moue_training.evaluate --moue ../target/release/moue

The triplets are derived from annotators' votes; nobody judged them as triplets. A missing embedding counts as wrong.
"""

import argparse
import json
import struct
import subprocess
import tempfile
import zlib
from pathlib import Path

import numpy as np

from .data import load_ferplus, load_triplets, triplet_accuracy


def png(pixels):
    """A grey picture as PNG."""
    height, width = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


def embed(moue, images, rows, batch=500):
    table = np.full((len(images), 64), np.nan, np.float32)
    with tempfile.TemporaryDirectory() as folder:
        for start in range(0, len(rows), batch):
            names = []
            for row in rows[start : start + batch]:
                path = Path(folder) / f"{row}.png"
                path.write_bytes(png(images[row]))
                names.append(str(path))
            lines = subprocess.run([moue, "embed", "--cropped", "--json", *names], capture_output=True, text=True).stdout
            for line in map(json.loads, lines.splitlines()):
                faces = line["faces"]
                if faces and "embedding" in faces[0]:
                    table[int(Path(line["picture"]).stem)] = faces[0]["embedding"]
            for name in names:
                Path(name).unlink()
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moue", default="moue")
    parser.add_argument("--split", default="test", choices=["valid", "test"])
    args = parser.parse_args()
    data = load_ferplus()
    rows, types = load_triplets(args.split)
    table = embed(args.moue, data.images, np.unique(rows))
    for name, value in triplet_accuracy(table, rows, types).items():
        print(f"{name:<12} {value:.3f}")
    variances = np.linalg.eigvalsh(np.cov(table[~np.isnan(table[:, 0])].T))[::-1]
    print(f"dimensions for 90 % of the variance: {int(np.searchsorted(np.cumsum(variances) / variances.sum(), 0.9)) + 1}")


if __name__ == "__main__":
    main()
