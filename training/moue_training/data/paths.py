"""Where the research data lies."""

import os
from pathlib import Path

# The folder that holds the checkout: data, moue_training, training and the checkout are below it.
BESIDE_CHECKOUT = Path(__file__).resolve().parents[4]


def data_root() -> Path:
    """Returns the folder of research data: `$MOUE_DATA`, by default `../shared/data`."""
    return Path(os.environ.get("MOUE_DATA", BESIDE_CHECKOUT / "shared" / "data"))
