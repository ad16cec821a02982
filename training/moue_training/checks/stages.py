"""Checks that the checkpoints that are kept are those of the weights that ship."""

from pathlib import Path

import numpy as np

from ..export.networks import KINDS
from ..export.restore import constants
from ..train.checkpoint import load_weights

ROOT = Path(__file__).resolve().parents[3]
STAGES, MODELS = ROOT / "training/stages", ROOT / "crates/moue/models"
# Files hold half precision, whose numbers have 11 bits, and checkpoints may be rounded as well.
ROUNDING = 2.0**-9
# The weights and the bias of the layer that removes the style.
STYLE_CONSTANTS = 2


def check_stages() -> str:
    """Raises an `AssertionError` where a checkpoint has other weights than those that ship."""
    for name in ("face", "refine", "expression"):
        kind = KINDS[name]
        net = load_weights(kind.make(), STAGES / f"{name}.pt").eval()
        kept = constants(kind.export(net))
        shipped = constants((MODELS / f"{name}.tflite").read_bytes())
        more = len(shipped.keys() - kept.keys())
        # The expression network that ships has the layer that removes the style besides.
        expected = STYLE_CONSTANTS if name == "expression" else 0
        assert kept.keys() <= shipped.keys() and more == expected, f"{name}: other layers"
        for layer, values in kept.items():
            difference = np.abs(values - shipped[layer]).max()
            limit = ROUNDING * np.abs(values).max()
            assert difference <= limit, f"{name}, {layer}: differs by {difference:.4f}"
    return "the kept checkpoints are those of the networks that ship"
