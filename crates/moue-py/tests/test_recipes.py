"""Every recipe of docs/python.md runs, on drawings."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from PIL import Image

import moue

from conftest import draw

PAGE = Path(__file__).resolve().parents[3] / "docs/python.md"


def recipes() -> dict[str, str]:
    """Return the code of each recipe by its heading."""
    sections = PAGE.read_text(encoding="utf-8").split("\n### ")[1:]
    found = {}
    for section in sections:
        heading, _, rest = section.partition("\n")
        (code,) = re.findall(r"```python\n(.*?)```", rest, re.DOTALL)
        found[heading] = code
    return found


#: What each recipe must print.
PRINTS = {
    "Sort a folder by expression": r"gus-laugh.jpg -> happiness",
    "The best shot of a burst": r"the best shot is 1\.jpg",
    "The same face in an export of Immich": r"3 pictures with faces\n0\.\d+ .*album\.zip!/.*lola-grin\.jpg",
    "The emoji of every face": r"(\S+ [a-z’ ]+ \(\d+, \d+, \d+, \d+\)\n){2}",
    "A reaction picture for each moment of a clip": r"1\.\d s, person 0: happiness, ",
    "Frames of OpenCV, PIL and PyTorch": r"all the same: True",
    "A million pictures into one array": r"\(5, 64\) of which 1 have no face",
    "A gallery as Parquet, for pandas, DuckDB and Spark": r"4 faces, fixed_size_list",
    "Who makes the same face?": r"faces 0 and 1: [01]\.\d\d of 2",
    "Nothing but surprise, and no smiles": r"^(?!.*happiness)(\d\.\d\d .+\n){4}$",
}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all that the recipes name."""
    monkeypatch.chdir(tmp_path)
    draw("lola-grin").save("me.jpg", quality=95)
    photos = Path("photos")
    photos.mkdir()
    for name in ["gus-laugh", "lola-grin", "mina-angry", "gus-calm"]:
        draw(name).save(photos / f"{name}.jpg", quality=95)
    Image.new("RGB", (200, 200), "white").save(photos / "wall.jpg")
    party = Image.new("RGB", (1024, 768), "white")
    for left, name in [(0, "gus-laugh"), (512, "mina-calm")]:
        party.paste(draw(name, 512), (left, 128))
    party.save("party.jpg", quality=95)
    Path("burst").mkdir()
    for number, names in enumerate([("gus-laugh", "mina-angry"), ("gus-laugh", "mina-laugh")]):
        shot = Image.new("RGB", (512, 256), "white")
        for left, name in zip([0, 256], names):
            shot.paste(draw(name), (left, 0))
        shot.save(f"burst/{number}.jpg", quality=95)
    with zipfile.ZipFile("immich-album.zip", "w") as album:
        for photo in sorted(photos.glob("*-[lg]*.jpg")) + [photos / "gus-calm.jpg"]:
            album.write(photo, photo.name)
    names = ["mina-calm"] * 20 + ["mina-laugh"] * 15 + ["mina-calm"] * 20
    frames = [draw(name) for name in names]
    for number, frame in enumerate(frames):
        frame.putpixel((0, 0), (number, 0, 0))
    frames[0].save("clip.gif", save_all=True, append_images=frames[1:], duration=60)
    return tmp_path


def test_every_recipe_is_known() -> None:
    assert list(recipes()) == list(PRINTS)
    assert len(PRINTS) == 10


@pytest.mark.parametrize("heading", list(PRINTS))
def test_recipe(heading: str, world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(recipes()[heading], heading, "exec"), {"__name__": "__main__"})
    printed = capsys.readouterr().out
    assert re.search(PRINTS[heading], printed), printed


def test_the_commands_of_the_page_work(world: Path) -> None:
    (command,) = re.findall(r"\$ python -c '(.*)'", PAGE.read_text(encoding="utf-8"))
    exec(command, {"print": lambda matches: isinstance(matches[0], moue.Match) or pytest.fail()})
