"""Pictures for the tests: moue's own drawings."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import moue


def pose(match: moue.Match) -> str:
    """Return the pose of a built-in drawing: its characters make the same face."""
    return match.path.removeprefix("builtin:").split("-")[1]


def draw(name: str, size: int = 256) -> Image.Image:
    return Image.fromarray(moue.drawing(f"builtin:{name}", size))


@pytest.fixture
def pictures(tmp_path: Path) -> Callable[..., list[Path]]:
    """Write drawings as files: ``pictures("gus-calm", "lola-grin")``."""

    def write(*names: str) -> list[Path]:
        folder = tmp_path / "pictures"
        folder.mkdir(exist_ok=True)
        paths = [folder / f"{name}.png" for name in names]
        for name, path in zip(names, paths):
            draw(name).save(path)
        return paths

    return write


@pytest.fixture
def face(tmp_path: Path) -> Path:
    path = tmp_path / "me.png"
    draw("lola-grin").save(path)
    return path


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    path = tmp_path / "blank.png"
    Image.new("RGB", (200, 200), "white").save(path)
    return path


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder with research pictures; without it a test is skipped, or fails if CI requires it."""
    root = Path(__file__).resolve().parents[3]
    folder = Path(os.environ.get("MOUE_DATA") or root.parent / "shared/data")
    if folder.is_dir():
        return folder
    if os.environ.get("MOUE_REQUIRE"):
        pytest.fail(f"there is no {folder}; set MOUE_DATA")
    pytest.skip(f"SKIPPED: there is no {folder}; set MOUE_DATA")
