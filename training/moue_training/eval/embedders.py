"""Embeds faces by the program moue, or by a network's file that is not built into it yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from ..data.drawings import drawing_table, load_drawings
from ..data.face_crops import crop_largest
from ..data.ferplus import load_ferplus
from ..export.embedding import embed_crops
from ..export.litert import LiteRtNetwork
from .moue_cli import EMBEDDING_SIZE, embed_pictures, encode_gray_png
from .style import Labeled, builtin_drawings, clear_face_rows

# What the network takes.
CROP_SIZE = 64


class Embedder(Protocol):
    """What the measures on heads ask for."""

    def pictures(self, pictures: Sequence[bytes]) -> np.ndarray:
        """Returns the embedding of the largest face of each picture (N×64), NaN without one."""

    def ferplus(self, rows: np.ndarray) -> np.ndarray:
        """Returns the embeddings (N×64) of these rows of FER+, in its own framing."""

    def drawings(self) -> Labeled:
        """Returns the built-in drawings; `kinds` are the poses."""


@dataclass
class ProgramEmbedder:
    """Embeds by the program."""

    moue: str

    def pictures(self, pictures: Sequence[bytes]) -> np.ndarray:
        """Runs `moue embed`."""
        return embed_pictures(self.moue, pictures)

    def ferplus(self, rows: np.ndarray) -> np.ndarray:
        """Runs `moue embed --cropped`."""
        images = load_ferplus().images
        pictures = [encode_gray_png(images[row]) for row in rows]
        return embed_pictures(self.moue, pictures, cropped=True)

    def drawings(self) -> Labeled:
        """Exports the built-in gallery."""
        return builtin_drawings(self.moue)


class NetworkEmbedder:
    """Embeds by a `.tflite` file what the program finds and crops."""

    def __init__(self, moue: str, network: Path, drawings: Path):
        self.moue, self.folder = moue, drawings
        self.network = LiteRtNetwork(network.read_bytes())

    def pictures(self, pictures: Sequence[bytes]) -> np.ndarray:
        """Has the program crop the faces."""
        table = np.full((len(pictures), EMBEDDING_SIZE), np.nan, np.float32)
        encoded = [(i, data, ".png") for i, data in enumerate(pictures)]
        found = list(crop_largest(self.moue, encoded, CROP_SIZE))
        crops = np.stack([crop for _, crop, _ in found])
        table[[i for i, _, _ in found]] = embed_crops(self.network, crops)
        return table

    def ferplus(self, rows: np.ndarray) -> np.ndarray:
        """Resizes the pictures as the program does."""
        return embed_crops(self.network, load_ferplus().images[rows])

    def drawings(self) -> Labeled:
        """Crops the drawings by their own key points."""
        table = drawing_table(self.folder)["drawings"]
        classes, kinds = (np.array([row[key] for row in table]) for key in ("emotion", "pose"))
        return Labeled(embed_crops(self.network, load_drawings(self.folder).images), classes, kinds)


def clear_photos(embedder: Embedder) -> Labeled:
    """Returns FER+'s clear test faces with the class of each."""
    rows, classes = clear_face_rows()
    return Labeled(embedder.ferplus(rows), classes, classes)
