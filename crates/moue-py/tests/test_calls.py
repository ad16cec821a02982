"""The functions, batches, options, results, and ends of calls."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import moue

from conftest import draw, pose


def test_the_first_call_works(face: Path) -> None:
    matches = moue.find(face)
    assert len(matches) == 3
    best = matches[0]
    assert pose(best) == "grin" and "grin" in best.tags and best.emoji is None
    assert best.distance < 0.1 and best.similarity == pytest.approx(1 - best.distance**2 / 2)
    assert [m.score for m in matches] == sorted(m.score for m in matches)
    assert moue.find(face, "emoji")[0].emoji


def test_expressions_are_unit_vectors(face: Path) -> None:
    rows = moue.represent([face, face])
    assert (rows.shape, rows.dtype) == ((2, 64), np.float32)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)
    assert rows.flags.writeable
    assert moue.represent([]).shape == (0, 64)


def test_generators_and_stacks_are_several_pictures(face: Path) -> None:
    one = moue.represent(face)
    assert np.array_equal(moue.represent(p for p in [face, face]), np.vstack([one, one]))
    stack = np.stack([np.asarray(draw("lola-grin"))] * 3)
    assert np.array_equal(moue.represent(stack), np.vstack([one] * 3))


def test_faces_have_boxes_and_key_points() -> None:
    image = Image.new("RGB", (512, 256), "white")
    image.paste(draw("gus-laugh"), (0, 0))
    image.paste(draw("mina-angry"), (256, 0))
    faces = moue.detect(image)
    assert len(faces) == 2
    left = min(faces, key=lambda face: face.box.xmin)
    assert left.box.xmin + left.box.width < 0.5
    assert len(left.key_points) == 6 and 0 < left.score <= 1
    right_eye, left_eye = left.key_points[:2]
    assert right_eye[0] < left_eye[0], "right is the person's own"
    x0, y0, x1, y1 = left.box.pixels(*image.size)
    assert 0 <= x0 < x1 <= 256 and 0 <= y0 < y1 <= 256
    assert len(moue.detect(image, max_faces=1)) == 1
    found = moue.find_faces(image, limit=2)
    assert {pose(f.matches[0]) for f in found} == {"laugh", "angry"}
    assert found[0].emotions and sum(found[0].emotions.values()) == pytest.approx(1, abs=1e-4)


def test_emotions_are_shares(pictures: Callable[..., list[Path]]) -> None:
    for path, top in zip(pictures("gus-laugh", "gus-angry"), ["happiness", "anger"]):
        shares = moue.emotions(moue.represent(path)[0])
        assert max(shares, key=shares.__getitem__) == top
    with pytest.raises(ValueError, match="one expression"):
        moue.emotions(moue.represent([path, path]))


def test_batches_keep_the_order_and_name_what_fails(
    pictures: Callable[..., list[Path]], blank: Path, tmp_path: Path
) -> None:
    good = pictures("gus-calm", "gus-laugh", "lola-grin")
    mixed = [good[0], blank, good[1], tmp_path / "missing.png", good[2]]
    rows = moue.represent(mixed, on_error="keep", threads=3)
    assert list(np.isnan(rows).any(axis=1)) == [False, True, False, True, False]
    assert np.array_equal(rows[[0, 2, 4]], moue.represent(good, threads=1))
    found = moue.find_many(mixed, on_error="keep")
    assert isinstance(found[1], moue.NoFaceError) and isinstance(found[3], FileNotFoundError)
    assert isinstance(found[0], list) and pose(found[0][0]) == "calm"
    assert moue.detect_many(mixed, on_error="keep")[1] == []
    with pytest.raises(moue.NoFaceError, match="blank.png"):
        moue.represent(mixed)
    with pytest.raises(moue.PictureError, match="picture 1, a file"):
        moue.represent([good[0].read_bytes(), b"GIF8"])


def test_options_are_those_of_a_search(face: Path) -> None:
    assert len(moue.find(face, limit=7)) == 7
    plain = moue.find(face, limit=5, varied=False)
    assert [m.distance for m in plain] == sorted(m.distance for m in plain)
    assert all(m.score == m.distance for m in plain)
    assert all("gus" in m.tags for m in moue.find(face, tags="gus"))
    assert moue.find(face, tags=["gus", "lola"]) == []
    assert all(m.distance <= 0.3 for m in moue.find(face, limit=50, max_distance=0.3))
    angry = moue.find(face, emotions=["anger>0.5"], limit=4)
    assert len(angry) == 4 and all("anger" in m.tags for m in angry)
    laugh = moue.represent(moue.drawing("builtin:gus-laugh"))
    ids, expressions = moue.Gallery.builtin().to_numpy()
    to_laugh = dict(zip(ids.tolist(), np.linalg.norm(expressions - laugh, axis=1).tolist()))
    far = moue.find(face, limit=300, varied=False)
    assert any(to_laugh[m.id] < m.distance for m in far)
    kept = moue.find(face, limit=300, varied=False, negatives=laugh)
    assert kept and all(to_laugh[m.id] >= m.distance - 1e-5 for m in kept)
    assert moue.find(face, text="no such words") == []


@pytest.mark.parametrize(
    ("keywords", "error", "words"),
    [
        ({"limitt": 3}, TypeError, "unknown keyword \"limitt\"; a search has limit"),
        ({"limit": "three"}, TypeError, "limit"),
        ({"limit": -1}, (OverflowError, ValueError), "limit"),
        ({"max_distance": 3.0}, ValueError, "from 0 to 2"),
        ({"emotions": "joy"}, ValueError, "joy.*no emotion"),
        ({"since": "yesterday"}, TypeError, "number"),
        ({"effort": "some"}, ValueError, "live"),
        ({"timeout": -1.0}, ValueError, "timeout"),
        ({"gallery": 3}, TypeError, "not int"),
        ({"gallery": "no/such.moue"}, FileNotFoundError, "no gallery at"),
    ],
)
def test_wrong_options_are_named(
    face: Path, keywords: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        moue.find(face, **keywords)  # type: ignore[arg-type]


def test_results_print_compare_and_pickle(face: Path) -> None:
    match = moue.find(face)[0]
    assert pickle.loads(pickle.dumps(match)) == match == moue.find(face)[0]
    assert match.path in repr(match)
    assert dataclasses.asdict(match)["label"] == match.label
    found = moue.find_faces(face)[0]
    again = pickle.loads(pickle.dumps(found))
    assert again == found and np.array_equal(again.expression, found.expression)
    with pytest.raises(dataclasses.FrozenInstanceError):
        match.label = "other"  # type: ignore[misc]


def test_finders_are_shared_by_threads_and_pickled(pictures: Callable[..., list[Path]]) -> None:
    names = ["gus-calm", "gus-laugh", "lola-grin", "mina-angry"]
    paths = pictures(*names)
    finder = moue.Finder(limit=1)
    again = pickle.loads(pickle.dumps(finder))
    results: dict[int, str] = {}

    def work(number: int) -> None:
        matches = (finder if number % 2 else again).find(paths[number % 4])
        results[number] = pose(matches[0])

    threads = [threading.Thread(target=work, args=(i,)) for i in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {i: names[i % 4].split("-")[1] for i in range(16)}


def test_other_threads_run_while_a_call_works() -> None:
    picture = np.asarray(draw("lola-grin", 2048))
    moue.detect(picture)
    ticks = 0
    ended = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not ended.is_set():
            ticks += 1
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    moue.represent([picture] * 4)
    ended.set()
    thread.join()
    assert ticks > 10, "the GIL was held"


def test_timeouts_end_calls() -> None:
    picture = np.asarray(draw("lola-grin", 2048))
    with pytest.raises(moue.DeadlineError, match="timeout") as caught:
        moue.represent([picture] * 500, timeout=0.05)
    assert isinstance(caught.value, TimeoutError)
    with pytest.raises(moue.DeadlineError):
        moue.represent([picture] * 500, timeout=0.05, on_error="keep")


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on POSIX")
def test_ctrl_c_ends_a_call() -> None:
    code = """
import moue, signal
# Shells start programs in the background with SIGINT ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
picture = moue.drawing("builtin:lola-grin", 2048)
print("ready", flush=True)
try:
    moue.represent([picture] * 100_000)
except KeyboardInterrupt:
    print("interrupted", moue.find(moue.drawing("builtin:lola-grin"))[0].path[-4:], flush=True)
"""
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline() == "ready\n"
    time.sleep(1)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=60)
    assert out == "interrupted grin\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_children_of_a_fork_work(face: Path) -> None:
    expected = moue.represent([face] * 8)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for rows in pool.map(moue.represent, [[face] * 4, [face] * 4]):
            assert np.array_equal(rows, expected[:4])


def test_spawned_workers_open_galleries_themselves(face: Path) -> None:
    finder = moue.Finder("emoji", limit=1)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(finder.find, [str(face)]) == [finder.find(face)]


def test_importing_imports_little_and_opens_no_connection(tmp_path: Path) -> None:
    code = """
import sys, socket
def refuse(*args, **kwargs): raise AssertionError("a connection")
socket.socket.connect = socket.getaddrinfo = refuse
import moue
print(sorted({"numpy", "PIL", "pyarrow", "urllib.request", "ssl"} & set(sys.modules)))
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_clips_have_moments(tmp_path: Path) -> None:
    frames = [draw("mina-calm")] * 20 + [draw("mina-laugh")] * 15 + [draw("mina-calm")] * 20
    # Two equal frames in a row would become one in the file.
    for number, frame in enumerate(frames):
        frames[number] = frame.copy()
        frames[number].putpixel((0, 0), (number, 0, 0))
    path = tmp_path / "clip.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=60)
    timeline = moue.timeline(path)
    (person,) = timeline.people
    assert (timeline.frames, person.expressions.shape) == (55, (55, 64))
    assert person.times.shape == person.curve.shape == (55,)
    (moment,) = timeline.moments
    assert moment.person == 0
    at = int(np.argmin(np.abs(person.times - moment.time)))
    assert np.allclose(person.boxes[at], (moment.box.xmin, moment.box.ymin, moment.box.width, moment.box.height))
    assert 1.2 <= moment.time <= 2.1 and moment.strength > 0.5
    assert max(moment.emotions, key=moment.emotions.__getitem__) == "happiness"
    assert "happiness" in moment.matches[0].tags
    assert moue.timeline(path, max_frames=5).frames == 5


def test_each_moment_of_a_clip_has_its_person(tmp_path: Path) -> None:
    def pair(left: str, right: str, number: int) -> Image.Image:
        frame = Image.new("RGB", (512, 256))
        frame.paste(draw(left), (0, 0))
        frame.paste(draw(right), (256, 0))
        frame.putpixel((0, 0), (number, 0, 0))
        return frame

    # First the left one laughs, then the right one is shocked.
    calm, laugh, shock = ("mina-calm", "gus-calm"), ("mina-laugh", "gus-calm"), ("mina-calm", "gus-shocked")
    poses = [calm] * 15 + [laugh] * 15 + [calm] * 20 + [shock] * 15 + [calm] * 15
    frames = [pair(*both, number) for number, both in enumerate(poses)]
    path = tmp_path / "two.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=60)
    timeline = moue.timeline(path)
    assert [person.times.shape for person in timeline.people] == [(80,), (80,)]
    first, second = timeline.moments
    assert first.person != second.person
    assert 0.9 <= first.time <= 1.8 and 3.0 <= second.time <= 3.9
    assert first.box.xmin < 0.5 < second.box.xmin


def test_drawings_are_pixels() -> None:
    picture = moue.drawing("emoji:😮", 128)
    assert (picture.shape, picture.dtype) == ((128, 128, 3), np.uint8)
    for path in ["builtin:nobody", "gus-calm", "emoji:x"]:
        with pytest.raises(ValueError, match="no drawing"):
            moue.drawing(path)
    with pytest.raises(ValueError, match="size"):
        moue.drawing("builtin:gus-calm", 0)


def test_photos_have_the_expressions_that_the_program_prints(data: Path, tmp_path: Path) -> None:
    photos = sorted((data / "photos").glob("*.jpg"))[:8]
    together = moue.represent(photos, on_error="keep")
    for photo, row in zip(photos, together):
        alone = moue.represent(Image.open(photo), on_error="keep")[0]
        if not np.isnan(row).any():
            # PIL decodes JPEG a little differently.
            assert np.linalg.norm(alone - row) < 0.2, photo
    assert not np.isnan(together).all(axis=1).all()
