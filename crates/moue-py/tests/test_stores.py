"""Galleries on servers, and parts that the program reads."""

from __future__ import annotations

import json
import os
import pickle
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import moue
from moue import parts

from conftest import draw, pose

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs/stores.md"


def skip(reason: str) -> None:
    if os.environ.get("MOUE_REQUIRE"):
        pytest.fail(reason)
    pytest.skip(f"SKIPPED: {reason}")


@pytest.fixture
def address() -> Iterator[str]:
    """A gallery of a test's own in the PostgreSQL of ``.ci/postgres``."""
    server = os.environ.get("MOUE_POSTGRES")
    if not server:
        skip("it needs MOUE_POSTGRES: `.ci/postgres start` prints it")
    address = f"{server}?gallery=python{time.time_ns()}"
    yield address
    with moue.Store.create(address) as store:
        store.remove([entry.id for entry in store.entries()])


@pytest.fixture
def album(pictures: Callable[..., list[Path]]) -> Path:
    return pictures("gus-calm", "gus-laugh", "lola-angry", "mina-grin")[0].parent


def test_a_store_answers_as_a_gallery_does(address: str, album: Path) -> None:
    events: list[moue.Event] = []
    gallery = moue.Gallery.in_memory()
    with moue.Store.create(address) as store:
        added = store.add(album, tags=["own"], on_event=events.append)
        assert added.added == len(events) == len(store) == 4
        assert store.add(album).known == 4, "it may be repeated"
        gallery.add(album, tags=["own"])
        for path in album.iterdir():
            query = moue.represent(path)
            answers = [
                [(m.path, round(m.distance, 5), m.tags) for m in where.search(query, varied=False)]
                for where in (store, gallery)
            ]
            assert answers[0] == answers[1] and len(answers[0]) >= 3
        ids, expressions = store.to_numpy()
        assert ids.shape == (4,) and np.allclose(np.linalg.norm(expressions, axis=1), 1, atol=1e-5)
        table = store.to_arrow()
        assert table.num_rows == 4 and set(table.column("id").to_pylist()) == set(ids.tolist())
        assert store.exact and store.fingerprint == moue.FINGERPRINT


def test_pictures_are_tagged_and_removed(address: str, album: Path) -> None:
    store = moue.Store.create(address)
    store.add(album)
    first, second, *_ = store.entries()
    assert store.tag([first.id, album / "mina-grin.png"], add=["x"]) == 2
    query = moue.represent(album / "gus-laugh.png")
    tagged = store.search(query, varied=False, tags=["x"])
    assert {m.path for m in tagged} == {first.path, str(album / "mina-grin.png")}
    assert store.get_entry(first.id) == next(e for e in store.entries() if e.id == first.id)
    jpeg = store.thumbnail(second.id)
    assert jpeg is not None and jpeg.startswith(b"\xff\xd8")
    assert store.remove([]) == 0, "nothing is selected"
    assert store.remove(second.path) == 1
    assert store.get_entry(second.id) is None and len(store) == 3
    again: moue.Store = pickle.loads(pickle.dumps(store))
    assert len(again) == 3 and again.name == store.name
    store.close()
    with pytest.raises(ValueError, match="closed"):
        len(store)


def test_a_finder_searches_a_store(address: str, album: Path, face: Path) -> None:
    with pytest.raises(moue.GalleryMissingError):
        moue.find(face, address)
    store = moue.Store.create(address)
    store.add(album)
    for where in (store, address):
        assert Path(moue.find(face, where)[0].path).name == "mina-grin.png"
    finder = moue.Finder(store, limit=1)
    assert len(pickle.loads(pickle.dumps(finder)).find(face)) == 1


def test_what_is_wrong_with_an_address_is_told() -> None:
    with pytest.raises(moue.StoreUnreachableError, match="cannot be reached") as raised:
        moue.Store.open("postgres://me:geheim@127.0.0.1:1/faces")
    assert isinstance(raised.value, ConnectionError) and "geheim" not in str(raised.value)
    with pytest.raises(moue.GalleryError, match="postgres://HOST/DATABASE"):
        moue.Store.open("mysql://localhost/faces")
    # A drawing is found without any server.
    assert pose(moue.find(draw("lola-grin"))[0]) == "grin"


def test_the_commands_of_the_chapter_work(
    address: str, album: Path, face: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chapter = PAGE.read_text(encoding="utf-8").split("\n## Python\n")[1].split("\n## ")[0]
    commands = re.findall(r"^\$ (.*)$", chapter, re.MULTILINE)
    assert commands[0] == "pip install ./crates/moue-py" and len(commands) <= 5
    monkeypatch.chdir(album.parent)
    assert album.name == "pictures"
    draw("lola-grin").save("me.jpg", quality=95)
    for command in commands[1:]:
        (code,) = re.findall(r"^python -c '(.*)'$", command)
        code = re.sub(r"postgres://me@localhost/faces\?gallery=python", address, code)
        exec(compile(code, command, "exec"), {})
    assert "mina-grin" in capsys.readouterr().out.split("Match(")[1]


def program() -> str:
    """Return the program ``moue`` with all features, as ``.ci/wheel`` builds it."""
    path = os.environ.get("MOUE_PROGRAM")
    if not path:
        skip("it needs MOUE_PROGRAM, a moue with the feature `stores`")
    return str(path)


def test_the_program_reads_parts_of_python(album: Path, tmp_path: Path, face: Path) -> None:
    moue_program = program()

    def ran(*arguments: str) -> str:
        command = [moue_program, *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    (album / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    for part in range(2):
        parts.write_part(sorted(album.iterdir()), tmp_path / "rows", part, 2)
    for new in [4, 0]:
        loaded = json.loads(ran("gallery", "load", "all.moue", "rows", "--json"))
        assert (loaded["added"], loaded["rejected"]) == (new, 1)
    # The same faces, to the bit, and the same answers.
    with moue.Gallery.open(tmp_path / "all.moue") as read:
        direct = moue.Gallery.in_memory()
        direct.add(album, threads=1)
        of = [
            {e.path: tuple(g.to_numpy()[1][row]) for row, e in enumerate(g.entries())}
            for g in (read, direct)
        ]
        assert of[0] == of[1] and len(of[0]) == 4
        assert all(read.thumbnail(entry.id) for entry in read.entries())
        assert Path(moue.find(face, read)[0].path).name == "mina-grin.png"
