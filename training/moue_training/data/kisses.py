"""Photos of kisses, which rendered heads alone do not teach (nor, so far, these few)."""

import zipfile
from pathlib import Path

import numpy as np

from .sources import MUXSPACE, UTKFACE, archive_path, picture_names

KISSES = Path(__file__).with_name("kisses.txt")
FOLDERS = {UTKFACE: "utkface", MUXSPACE: "muxspace"}


def is_kiss(sources: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Returns whether the pictures (N) of these sources and with these indices show a kiss."""
    listed = {line for line in KISSES.read_text().splitlines() if not line.startswith("#")}
    found = np.zeros(len(sources), bool)
    for source, folder in FOLDERS.items():
        with zipfile.ZipFile(archive_path(source)) as archive:
            names = [f"{folder}/{name}" for name in picture_names(archive)]
        kisses = [i for i, name in enumerate(names) if name in listed]
        listed -= set(names)
        found |= (sources == source) & np.isin(indices, kisses)
    if listed:
        raise ValueError(f"no such pictures: {sorted(listed)}")
    return found
