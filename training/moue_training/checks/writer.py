"""Checks the `.tflite` writer: LiteRT runs what it writes, and agrees with NumPy."""

import numpy as np

from ..export.litert import run_litert
from ..export.tflite_writer import RELU, Writer

SIZE, CHANNELS, OUTPUTS = 6, 3, 4


def check_writer() -> str:
    """Raises an `AssertionError` where a small network of most layers differs from NumPy."""
    random = np.random.default_rng(1)
    weight = random.standard_normal((OUTPUTS, CHANNELS, 1, 1)).astype(np.float32)
    bias = random.standard_normal(OUTPUTS).astype(np.float32)
    x = random.standard_normal((1, SIZE, SIZE, CHANNELS)).astype(np.float32)
    # Half precision is what the file has.
    stored = weight.astype(np.float16).astype(np.float32)[:, :, 0, 0]
    pixels = np.maximum(x @ stored.T + bias, 0)
    pooled = np.concatenate([pixels, pixels[:, :, ::-1]], 0).mean((1, 2))
    expected = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)

    writer = Writer("a small network")
    y = writer.conv("conv", writer.input("x", x.shape), weight, bias, activation=RELU)
    y = writer.concat("both", [y, writer.reverse("mirrored", y, 2)], 0)
    data = writer.finish([writer.normalize("unit", writer.mean("pooled", y))])
    found = run_litert(data, x)[0]
    difference = float(np.abs(found - expected).max())
    assert difference < 1e-4, f"LiteRT and NumPy differ by {difference:.1e}"
    return f"LiteRT runs what the writer writes (largest difference {difference:.0e})"
