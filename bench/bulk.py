"""Pictures a second of a folder, on all cores: `moue gallery add` beside MediaPipe in Python.

    python bench/bulk.py FOLDER …          with PyPI mediapipe==0.10.21 and its OpenCV

moue decodes, finds faces, embeds them, makes thumbnails and stores all of it; MediaPipe decodes
(OpenCV) and finds faces only, so it is ahead by what it does not do.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from target import target_directory


def prepare():
    """Loads the detector once for each process."""
    global detector
    from mediapipe import solutions

    detector = solutions.face_detection.FaceDetection(
        model_selection=0, min_detection_confidence=0.5
    )


def faces(path):
    """How many faces MediaPipe finds in a picture."""
    import cv2

    picture = cv2.imread(str(path))
    if picture is None:
        return 0
    return len(detector.process(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)).detections or [])


def measure_mediapipe(files, cores):
    with multiprocessing.Pool(cores, prepare) as pool:
        # Every process loads its network before the clock starts.
        pool.map(faces, files[: 4 * cores])
        start = time.time()
        pool.map(faces, files, chunksize=8)
        return time.time() - start


def measure_moue(files, effort):
    program = target_directory() / "release/moue"
    with tempfile.TemporaryDirectory() as folder:
        start = time.time()
        options = ["gallery", "add", f"{folder}/g.moue", "--effort", effort]
        # Pictures that cannot be read make it exit with an error, and count for both sides.
        subprocess.run([program, *options, *files], capture_output=True, check=False)
        return time.time() - start


def is_jpeg(path):
    return path.suffix.lower() in (".jpg", ".jpeg")


def main():
    files = sorted(p for folder in sys.argv[1:] for p in Path(folder).rglob("*") if is_jpeg(p))
    cores = os.cpu_count()
    rows = [("MediaPipe, detection alone", measure_mediapipe(files, cores))]
    for effort in ("live", "thorough"):
        rows.append((f"moue gallery add --effort {effort}", measure_moue(files, effort)))
    print(f"| {len(files)} JPEGs on {cores} cores | wall s | pictures a second | of MediaPipe's |")
    print("|---|---|---|---|")
    for name, took in rows:
        print(f"| {name} | {took:.2f} | {len(files) / took:.0f} | {rows[0][1] / took:.2f} |")


if __name__ == "__main__":
    main()
