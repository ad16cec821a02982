"""Time that a folder of pictures takes, on all cores: `moue gallery add` beside MediaPipe in Python.

    python bench/bulk.py FOLDER …          with PyPI mediapipe==0.10.21 and its OpenCV

moue decodes, finds faces, embeds them, makes thumbnails and stores all of it; MediaPipe decodes
(OpenCV) and finds faces only, so it is ahead by what it does not do. Both have turns, and the least
time of each counts. On a busy machine compare the processor time.
"""

import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from target import target_directory

# Rounds of which the least times count.
ROUNDS = 3


def prepare():
    """Loads the detector once for each process."""
    global detector
    from mediapipe import solutions

    detector = solutions.face_detection.FaceDetection(
        model_selection=0, min_detection_confidence=0.5
    )


def processor_time(path):
    """Seconds of processor time that MediaPipe takes for the faces of a picture."""
    import cv2

    start = time.process_time()
    picture = cv2.imread(str(path))
    if picture is not None:
        detector.process(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
    return time.process_time() - start


def measure_mediapipe(files, cores):
    """Wall and processor seconds, without the start of the processes."""
    with multiprocessing.Pool(cores, prepare) as pool:
        # Every process loads its network before the clock starts.
        pool.map(processor_time, files[: 4 * cores])
        start = time.time()
        took = pool.map(processor_time, files, chunksize=8)
        return time.time() - start, sum(took)


def measure_moue(files, effort):
    """Wall and processor seconds, with the start of the program."""
    program = target_directory() / "release/moue"
    with tempfile.TemporaryDirectory() as folder:
        start, before = time.time(), resource.getrusage(resource.RUSAGE_CHILDREN)
        options = ["gallery", "add", f"{folder}/g.moue", "--effort", effort]
        # Pictures that cannot be read make it exit with an error, and count for both sides.
        subprocess.run([program, *options, *files], capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return time.time() - start, cpu


def is_jpeg(path):
    return path.suffix.lower() in (".jpg", ".jpeg")


def least(runs):
    return [min(figures) for figures in zip(*runs)]


def main():
    files = sorted(p for folder in sys.argv[1:] for p in Path(folder).rglob("*") if is_jpeg(p))
    cores = os.cpu_count()
    runs = {"MediaPipe, detection alone": lambda: measure_mediapipe(files, cores)}
    for effort in ("live", "thorough"):
        name = f"moue gallery add --effort {effort}"
        runs[name] = lambda effort=effort: measure_moue(files, effort)
    rounds = [{name: run() for name, run in runs.items()} for _ in range(ROUNDS)]
    rows = {name: least([figures[name] for figures in rounds]) for name in runs}
    theirs = rows["MediaPipe, detection alone"][1]
    print(f"| {len(files)} JPEGs on {cores} cores | wall s | CPU ms each | a CPU second | of MediaPipe's |")
    print("|---|---|---|---|---|")
    for name, (wall, cpu) in rows.items():
        each, rate = cpu / len(files) * 1e3, len(files) / cpu
        print(f"| {name} | {wall:.2f} | {each:.2f} | {rate:.0f} | {theirs / cpu:.2f} |")


if __name__ == "__main__":
    main()
