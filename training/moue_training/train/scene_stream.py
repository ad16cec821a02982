"""Endless streams of scenes for the data loader."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, IterableDataset

from ..data.cut_outs import TURNED_WEIGHT, CutOutHeads
from ..data.frames import Frames
from ..data.scene_shares import DETECTOR_SHARES, SceneShares
from ..data.scene_sources import MarkedPictures, Objects, SceneSources
from ..data.scenes import Scenes
from ..models.teachers import USE_BFLOAT16

# Of the held-out scenes; training seeds are small numbers plus multiples of 1,000.
VALIDATION_SEED = 999

# Makes what a network learns from out of a scene (BGR), its faces (F×16) and the generator.
MakeExample = Callable[[np.ndarray, np.ndarray, np.random.Generator], Any]


@dataclass
class SceneFiles:
    """The packed files that scenes are made from."""

    faces: Path | None = None
    drawings: Path | None = None
    objects: Path | None = None
    heads: tuple[Path, ...] = ()
    hard: Path | None = None
    frames: Path | None = None

    def open(self, held_out: bool, size: int, shares: SceneShares = DETECTOR_SHARES) -> Scenes:
        """Returns a maker of scenes of size×size pixels."""
        # Where all faces are heads, two fifths of them are turned anyway.
        turned = TURNED_WEIGHT if self.faces else 1.0
        sources = SceneSources(
            MarkedPictures(self.faces) if self.faces else None,
            MarkedPictures(self.drawings) if self.drawings else None,
            Objects(self.objects) if self.objects else None,
            CutOutHeads(self.heads, held_out, turned) if self.heads else None,
            MarkedPictures(self.hard) if self.hard else None,
            Frames(self.frames) if self.frames else None,
        )
        return Scenes(sources, held_out, size, shares)


class SceneStream(IterableDataset):
    """Yields one example after the other; workers of a loader draw different ones."""

    def __init__(
        self,
        files: SceneFiles,
        make_example: MakeExample,
        seed: int,
        size: int = 128,
        held_out: bool = False,
        shares: SceneShares = DETECTOR_SHARES,
    ):
        self.files, self.make_example = files, make_example
        self.seed, self.size, self.held_out = seed, size, held_out
        self.shares = shares

    def __iter__(self) -> Iterator[Any]:
        """Yields examples without end."""
        # The loader's processes are the threads.
        cv2.setNumThreads(1)
        info = torch.utils.data.get_worker_info()
        rng = np.random.default_rng([self.seed, info.id if info else 0])
        scenes = self.files.open(self.held_out, self.size, self.shares)
        while True:
            picture, faces = scenes(rng)
            yield self.make_example(picture, faces, rng)


def training_batches(stream: SceneStream, batch: int) -> Iterator[Any]:
    """Returns batches made in a process of its own, so that the next is ready after each step."""
    return iter(DataLoader(stream, batch, num_workers=1, prefetch_factor=4))


def validation_batches(stream: SceneStream, batch: int, count: int) -> list[Any]:
    """Returns this many batches."""
    loader = iter(DataLoader(stream, batch))
    return [next(loader) for _ in range(count)]


def to_input(pictures: torch.Tensor) -> torch.Tensor:
    """Converts u8 N×H×W×3 to f32 N×3×H×W in [-1, 1]."""
    return pictures.permute(0, 3, 1, 2).float() / 127.5 - 1


def run_network(net: nn.Module, pictures: torch.Tensor) -> Any:
    """Returns what a network computes of pictures (u8 N×H×W×3), in bfloat16 where that is fast."""
    with torch.autocast("cpu", torch.bfloat16, enabled=USE_BFLOAT16):
        return net(to_input(pictures).to(memory_format=torch.channels_last))


def with_unmarked_as_found(values: torch.Tensor, found: torch.Tensor) -> torch.Tensor:
    """Returns the values to learn; what nobody marked (NaN) is as the network found it."""
    return torch.where(values.isnan(), found.detach(), values)
