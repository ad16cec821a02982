"""Checkpoints: a training writes them and resumes from them; export and evaluation read them."""

from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn

Net = TypeVar("Net", bound=nn.Module)


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Writes a checkpoint; one that is interrupted leaves the earlier file as it was."""
    partial = path.with_suffix(".part")
    torch.save(state, partial)
    partial.replace(path)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Reads a checkpoint; the key `net` has the averaged weights."""
    state: dict[str, Any] = torch.load(path, map_location="cpu")
    return state


def load_weights(net: Net, path: Path) -> Net:
    """Loads the averaged weights of a checkpoint into the net; returns the net."""
    net.load_state_dict(load_checkpoint(path)["net"])
    return net
