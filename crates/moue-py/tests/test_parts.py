"""Parts: what killed workers leave is what a plain run leaves."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

import moue
from moue import parts

from conftest import draw

COUNT = 3

WORKER = """
import sys
from pathlib import Path
from moue import parts
paths = sorted(Path(sys.argv[1]).iterdir())
print("ready", flush=True)
for part in range(int(sys.argv[3])):
    parts.write_part(paths, sys.argv[2], part, int(sys.argv[3]))
"""

#: The same, but a picture called deadly.png kills its worker.
MORTAL = """
import os, signal
from moue import Gallery, parts
class Mortal:
    def __init__(self): self.gallery = Gallery.in_memory()
    in_memory = classmethod(lambda cls: cls())
    def add(self, path, **keywords):
        if path.endswith("deadly.png"): os.kill(os.getpid(), signal.SIGKILL)
        return self.gallery.add(path, **keywords)
    def __getattr__(self, name): return getattr(self.gallery, name)
parts.Gallery = Mortal
"""

needs_kill = pytest.mark.skipif(os.name != "posix", reason="signals are sent as on POSIX")


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Drawings, a copy of one, a picture without a face, and a damaged one."""
    folder = tmp_path / "album"
    folder.mkdir()
    names = [f"{who}-{pose}" for who in ["gus", "lola", "mina"] for pose in ["calm", "laugh", "angry"]]
    for name in names:
        draw(name).save(folder / f"{name}.png")
    shutil.copy(folder / "gus-calm.png", folder / "copy.png")
    Image.new("RGB", (100, 100)).save(folder / "black.png")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    return folder


def plain(album: Path, folder: Path) -> list[parts.Part]:
    paths = sorted(album.iterdir())
    return [parts.write_part(paths, folder, part, COUNT) for part in range(COUNT)]


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def worker(code: str, album: Path, folder: Path) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", code, str(album), str(folder), str(COUNT)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def test_parts_hold_every_picture_once_and_name_the_others(album: Path, tmp_path: Path) -> None:
    written = plain(album, tmp_path / "rows")
    assert [part.file.name for part in written] == [
        f"part-0000{i}-of-00003.parquet" for i in range(COUNT)
    ]
    tables = [pq.read_table(part.file) for part in written]
    paths = [os.fsdecode(path) for table in tables for path in table.column("path").to_pylist()]
    assert len(paths) == len(set(paths)) == sum(part.faces for part in written)
    left_out = {Path(r.path).name: r.status for part in written for r in part.rejected}
    assert left_out == {"black.png": "no_face", "broken.jpg": "unreadable"}
    for table in tables:
        assert table.schema.metadata[b"moue.weights"] == moue.FINGERPRINT.encode()
        rows = np.array(table.column("expression").to_pylist())
        assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_a_part_is_that_of_the_same_shard(album: Path) -> None:
    paths = sorted(album.iterdir())
    for part in range(COUNT):
        gallery = moue.Gallery.in_memory()
        events: list[moue.Event] = []
        gallery.add(paths, shard=(part, COUNT), on_event=events.append)
        ours = {str(path) for path in paths if parts.part_of(path, COUNT) == part}
        assert {event.path for event in events} == ours


def test_loaded_parts_answer_as_a_gallery_that_read_the_pictures(album: Path, tmp_path: Path) -> None:
    plain(album, tmp_path / "rows")
    loaded = moue.Gallery.in_memory()
    assert parts.load(tmp_path / "rows", loaded) == 9, "a copy is one picture"
    assert parts.load(tmp_path / "rows", loaded) == 0, "a load may be repeated"
    direct = moue.Gallery.in_memory()
    direct.add(album, threads=1)
    for path in album.glob("*-*.png"):
        query = moue.represent(path)
        answers = [
            {(Path(m.path).name, round(m.distance, 5), m.box) for m in gallery.search(query, varied=False)}
            for gallery in (loaded, direct)
        ]
        assert [len(answer) for answer in answers] == [3, 3]
        names = [{name.replace("copy", "gus-calm") for name, *_ in answer} for answer in answers]
        assert names[0] == names[1]
    assert loaded.thumbnail(loaded.entries()[0].id) is not None


def test_whole_parts_are_not_written_again(album: Path, tmp_path: Path) -> None:
    before = plain(album, tmp_path / "rows")
    times = [part.file.stat().st_mtime_ns for part in before]
    shutil.rmtree(album)
    again = [parts.write_part([], tmp_path / "rows", part, COUNT) for part in range(COUNT)]
    assert again == before and [part.file.stat().st_mtime_ns for part in again] == times


@needs_kill
def test_a_killed_worker_leaves_what_a_plain_run_leaves(album: Path, tmp_path: Path) -> None:
    plain(album, tmp_path / "plain")
    rows = tmp_path / "rows"
    first = worker(WORKER, album, rows)
    assert first.stdout is not None and first.stdout.readline() == "ready\n"
    # In the middle of a part: its journal names the picture that is in work.
    while not list(rows.glob(".part-*.journal")):
        assert first.poll() is None
        time.sleep(0.001)
    first.kill()
    assert first.wait() == -signal.SIGKILL
    assert len(list(rows.glob("part-*.parquet"))) < COUNT
    assert worker(WORKER, album, rows).wait(timeout=300) == 0
    whole = {name: data for name, data in files(rows).items() if not name.endswith(".part")}
    assert whole == files(tmp_path / "plain")


@needs_kill
def test_a_picture_that_kills_its_worker_is_named_and_left_out(album: Path, tmp_path: Path) -> None:
    plain(album, tmp_path / "plain")
    draw("gus-laugh").rotate(2).save(album / "deadly.png")
    rows = tmp_path / "rows"
    ends = [worker(MORTAL + WORKER, album, rows).wait(timeout=300) for _ in range(3)]
    assert ends == [-signal.SIGKILL, -signal.SIGKILL, 0]
    left_out = [r for file in sorted(rows.glob("*.parquet")) for r in parts.rejected(file)]
    (killed,) = [r for r in left_out if r.status == "killed"]
    assert Path(killed.path).name == "deadly.png"
    for name in files(tmp_path / "plain"):
        columns = [pq.read_table(folder / name).to_pylist() for folder in (rows, tmp_path / "plain")]
        assert columns[0] == columns[1], "all other pictures are there"


def test_what_is_no_part_is_refused(album: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="counted from 0"):
        parts.write_part([], tmp_path, 3, 3)
    plain(album, tmp_path / "rows")
    file = next((tmp_path / "rows").glob("*.parquet"))
    table = pq.read_table(file)
    pq.write_table(table.replace_schema_metadata({"moue.weights": "others"}), file)
    with pytest.raises(ValueError, match="other weights"):
        parts.load(tmp_path / "rows", moue.Gallery.in_memory())


def test_rows_that_no_detector_made_are_refused() -> None:
    gallery = moue.Gallery.in_memory()
    row = parts._Row(bytes(32), "a.png", "a", None, None, [], "", None, [])
    unit = np.eye(64, dtype=np.float32)
    nan = float("nan")
    for box, points in [([nan, 0, 1, 1], []), ([0, 0, -1, 1], []), ([0, 0, 1, 1], [(0, 0)])]:
        bad = row._replace(faces=[(box, 1.0, points, None, None)])
        with pytest.raises(ValueError, match="no face"):
            gallery._add_rows([bad], unit[:1])
    good = row._replace(faces=[([0, 0, 1, 1], 1.0, [], 1.5, b"jpeg")])
    with pytest.raises(ValueError, match="2 expressions"):
        gallery._add_rows([good], unit[:2])
    with pytest.raises(ValueError, match="31 bytes"):
        gallery._add_rows([good._replace(hash=bytes(31))], unit[:1])
    assert gallery._add_rows([good], unit[:1]) == [True]
    assert gallery.entries()[0].time == 1.5 and len(gallery) == 1
