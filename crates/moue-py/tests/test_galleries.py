"""Galleries: filling, changing, searching, exporting."""

from __future__ import annotations

import datetime
import gc
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import moue

from conftest import draw

NAMES = ["gus-calm", "gus-laugh", "lola-grin", "mina-angry"]


@pytest.fixture
def mine(tmp_path: Path, pictures: Callable[..., list[Path]]) -> moue.Gallery:
    gallery = moue.Gallery.create(tmp_path / "mine.moue")
    added = gallery.add(pictures(*NAMES), tags=["own"])
    assert added == moue.Added(added=4, known=0, moved=0, no_face=0, unreadable=0, failed=0)
    return gallery


def test_what_is_added_is_found(mine: moue.Gallery, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    assert len(mine) == 4
    for name in NAMES:
        (match, *_) = moue.find(draw(name), mine, limit=1)
        assert match.path == str(folder / f"{name}.png")
        assert match.tags == ("own",) and match.distance < 0.1
    assert mine.add(folder).known == 4, "nothing is added twice"
    jpeg = mine.thumbnail(mine.entries()[0].id)
    assert jpeg is not None and jpeg.startswith(b"\xff\xd8")


def test_adding_reports_every_file(tmp_path: Path, face: Path, blank: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 broken")
    events: list[moue.Event] = []
    gallery = moue.Gallery.in_memory()
    added = gallery.add(
        [face, blank, str(tmp_path / "broken.jpg")], on_event=events.append, source="test"
    )
    assert (added.added, added.no_face, added.unreadable) == (1, 1, 1)
    statuses = {Path(event.path).name: event.status for event in events}
    assert statuses == {"me.png": "added", "blank.png": "no_face", "broken.jpg": "unreadable"}
    assert [entry.source for entry in gallery.entries()] == ["test"]


def test_an_exception_of_the_callback_ends_the_work(pictures: Callable[..., list[Path]]) -> None:
    gallery = moue.Gallery.in_memory()

    def refuse(event: moue.Event) -> None:
        raise RuntimeError(f"enough after {event.path}")

    with pytest.raises(RuntimeError, match="enough after"):
        gallery.add(pictures(*NAMES), on_event=refuse, threads=1)


def test_parts_of_a_job_array_make_the_whole(pictures: Callable[..., list[Path]]) -> None:
    paths = pictures(*NAMES)
    parts = [moue.Gallery.in_memory() for _ in range(3)]
    for number, part in enumerate(parts):
        part.add(paths, shard=(number, 3))
    assert sum(len(part) for part in parts) == 4
    whole = moue.Gallery.in_memory()
    assert [whole.merge(part) for part in parts] == [len(part) for part in parts]
    assert len(whole) == 4 and whole.merge(parts[0]) == 0
    with pytest.raises(ValueError, match="counted from 0"):
        whole.add(paths, shard=(3, 3))


def test_pictures_are_tagged_renamed_hidden_and_removed(mine: moue.Gallery) -> None:
    first, second, *_ = mine.entries()
    assert mine.tag(first.id, add=["cat"]) == 1
    assert mine.tag([first.path, second.id], add=["cat"]) == 1, "one had the tag already"
    query = moue.represent(draw("gus-calm"))
    assert {m.id for m in mine.search(query, tags="cat")} == {first.id, second.id}
    assert mine.tag(first.id, drop=["cat", "own"]) == 1
    assert mine.get_entry(first.id).tags == ()  # type: ignore[union-attr]
    assert mine.rename(first.id, "Gus", caption="says nothing") == 1
    entry = mine.get_entry(first.id)
    assert entry is not None and (entry.label, entry.caption) == ("Gus", "says nothing")
    assert mine.rename(first.id, "Gus") == 1
    assert mine.get_entry(first.id).caption == "says nothing"  # type: ignore[union-attr]
    assert mine.rename(first.id, "Gus", caption="") == 1
    assert mine.get_entry(first.id).caption is None  # type: ignore[union-attr]
    assert mine.hide(first.id) == 1
    assert first.id not in {m.id for m in mine.search(query, limit=9)}
    assert mine.hide(first.id, hidden=False) == 1
    assert mine.remove([first.id, second.path]) == 2
    assert len(mine) == 2 and mine.get_entry(first.id) is None
    assert mine.remove([]) == 0
    for wrong in [None, [None], 1.5, [1.5]]:
        with pytest.raises(TypeError, match="selected by the id"):
            mine.remove(wrong)  # type: ignore[arg-type]


def test_times_are_numbers_or_datetimes(mine: moue.Gallery) -> None:
    query = moue.represent(draw("gus-calm"))
    hour = datetime.timedelta(hours=1)
    now = datetime.datetime.now(datetime.timezone.utc)
    assert mine.search(query, since=now - hour) and not mine.search(query, since=now + hour)
    assert not mine.search(query, until=(now - hour).timestamp())


def test_searches_agree_with_numpy(mine: moue.Gallery) -> None:
    gallery = moue.Gallery.builtin()
    ids, expressions = gallery.to_numpy()
    assert (ids.dtype, expressions.shape) == (np.uint64, (940, 64))
    queries = expressions[::100]
    found = gallery.search_many(queries, limit=5, varied=False)
    for query, matches in zip(queries, found):
        assert matches == gallery.search(query, limit=5, varied=False)
        distances = np.linalg.norm(expressions - query, axis=1)
        by_id = dict(zip(ids.tolist(), distances.tolist()))
        assert matches[0].distance == 0
        for match in matches:
            assert match.distance == pytest.approx(by_id[match.id], abs=1e-5)
    both = gallery.search(queries[:2], limit=3, varied=False)
    squared = ((expressions[:, None] - queries[None, :2]) ** 2).sum(-1).mean(-1)
    assert both[0].distance == pytest.approx(float(np.sqrt(squared.min())), abs=1e-5)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (np.zeros(64), "length 0"),
        (np.ones(64), "linalg.norm"),
        (np.full(64, np.nan), "length NaN"),
        (np.ones(63) / 63**0.5, "shape"),
        (np.ones((2, 2, 64)), "shape"),
        (1.0, "shape"),
    ],
)
def test_what_is_no_expression_is_refused(query: np.ndarray, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        moue.Gallery.builtin().search(query)


def test_lists_are_expressions_too() -> None:
    gallery = moue.Gallery.builtin()
    _, expressions = gallery.to_numpy()
    assert gallery.search(expressions[3].tolist()) == gallery.search(expressions[3].astype(float))


def test_tables_hold_all(mine: moue.Gallery) -> None:
    table = mine.to_arrow()
    ids, expressions = mine.to_numpy()
    assert table.column("id").to_pylist() == ids.tolist()
    assert table.schema.field("expression").type == pa.list_(pa.float32(), 64)
    rows = np.array(table.column("expression").to_pylist(), np.float32)
    assert np.array_equal(rows, expressions)
    assert table.column("tags").to_pylist() == [["own"]] * 4
    assert table.schema.metadata == {b"moue.weights": moue.FINGERPRINT.encode()}
    assert mine.fingerprint == moue.FINGERPRINT


def test_files_are_locked_by_writers_and_free_once_closed(tmp_path: Path) -> None:
    path = tmp_path / "locked.moue"
    with moue.Gallery.create(path) as gallery:
        assert gallery.writable and gallery.path == str(path)
        with pytest.raises(moue.GalleryBusyError, match="another program"):
            moue.Gallery.open(path, write=True)
        reader = moue.Gallery.open(path)
        assert not reader.writable and len(reader) == 0 and bool(reader)
    with pytest.raises(ValueError, match="closed"):
        len(gallery)
    with moue.Gallery.open(path, write=True):
        pass
    with pytest.raises(moue.GalleryReadOnlyError):
        reader.add(tmp_path / "x.png") if False else reader.tag([], add=["x"]) or reader.merge("builtin")


def test_galleries_that_cannot_be_opened_say_why(tmp_path: Path) -> None:
    with pytest.raises(moue.GalleryMissingError) as caught:
        moue.Gallery.open(tmp_path / "none.moue")
    assert isinstance(caught.value, FileNotFoundError) and isinstance(caught.value, moue.MoueError)
    (tmp_path / "bad.moue").write_bytes(b"no gallery" * 1000)
    with pytest.raises(moue.GalleryDamagedError, match="bad.moue"):
        moue.Gallery.open(tmp_path / "bad.moue")


def test_readers_are_pickled_and_writers_are_not(mine: moue.Gallery, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(mine)
    mine.close()
    for gallery in [moue.Gallery.open(tmp_path / "mine.moue"), moue.Gallery.emoji()]:
        again = pickle.loads(pickle.dumps(gallery))
        assert again.entries() == gallery.entries() and again.path == gallery.path


def test_memory_is_given_back() -> None:
    gallery = moue.Gallery.in_memory()
    assert repr(gallery) == '<moue.Gallery "memory">'
    del gallery
    gc.collect()
