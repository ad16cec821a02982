"""Checks that a projection in a `.tflite` file does what NumPy does."""

import numpy as np

from ..export.litert import run_litert
from ..export.style_removal import (
    matrix_of,
    projection,
    remove,
    style_directions,
    with_matrix,
    with_projection,
)
from ..export.tflite_writer import Writer

INPUTS, SIZE, CLASSES = 5, 8, 3


def check_style_removal() -> str:
    """Raises an `AssertionError` where the edited network differs, or a direction is left."""
    random = np.random.default_rng(2)
    weight = random.standard_normal((SIZE, INPUTS)).astype(np.float32)
    x = random.standard_normal((1, INPUTS)).astype(np.float32)
    writer = Writer("a small embedder")
    y = writer.dense("dense", writer.input("x", x.shape), weight, np.zeros(SIZE, np.float32))
    data = writer.finish([writer.normalize("unit", y)])

    photos = {str(i): random.standard_normal((4, SIZE)) for i in range(CLASSES)}
    drawn = {name: faces + 1 for name, faces in photos.items()}
    directions = style_directions(photos, drawn, 1)
    projected = with_projection(data, projection(directions))
    found = run_litert(projected, x)[0]
    expected = remove(run_litert(data, x)[0], directions)
    difference = float(np.abs(found - expected).max())
    assert difference < 1e-4, f"LiteRT and NumPy differ by {difference:.1e}"
    assert np.abs(found @ directions.T).max() < 1e-4, "the direction is still there"
    assert np.abs(matrix_of(projected) - projection(directions)).max() < 1e-6, "the matrix is read"
    restored = run_litert(with_matrix(projected, np.eye(SIZE)), x)[0]
    assert np.abs(restored - run_litert(data, x)[0]).max() < 1e-5, "the matrix is replaced"
    return f"the style is projected out of a file (largest difference {difference:.0e})"
