"""Pictures that no training may see: detection figures of the model card are measured on them."""

import json
from pathlib import Path

LISTS = Path(__file__).resolve().parents[3] / "bench/truth/held_out.json"


def held_out(folder: str) -> set[str]:
    """Returns the names of the held-out pictures of `cartoon` or `negatives`."""
    names: dict[str, list[str]] = json.loads(LISTS.read_text())
    return set(names[folder])
