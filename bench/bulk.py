"""Pictures a second of a folder: `moue gallery add` against MediaPipe's face detection in Python, on all cores.

    python bench/bulk.py FOLDER …          with PyPI mediapipe==0.10.21 and its OpenCV

moue decodes, finds faces, embeds them, makes thumbnails and stores all of it; MediaPipe decodes (OpenCV) and finds faces
only, so it is ahead by what it does not do.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def prepare():
    global detector
    import mediapipe

    detector = mediapipe.solutions.face_detection.FaceDetection(model_selection=0, min_detection_confidence=0.5)


def faces(path):
    import cv2

    picture = cv2.imread(str(path))
    found = detector.process(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)).detections if picture is not None else None
    return len(found or [])


def main():
    files = sorted(p for folder in sys.argv[1:] for p in Path(folder).rglob("*") if p.suffix.lower() in (".jpg", ".jpeg"))
    moue = Path(__file__).resolve().parents[1] / "target/release/moue"
    cores = os.cpu_count()
    rows = []
    with multiprocessing.Pool(cores, prepare) as pool:
        pool.map(faces, files[: 4 * cores])
        start = time.time()
        pool.map(faces, files, chunksize=8)
        rows.append(("MediaPipe, detection alone", time.time() - start))
    for effort in ("live", "thorough"):
        with tempfile.TemporaryDirectory() as folder:
            start = time.time()
            subprocess.run([moue, "gallery", "add", f"{folder}/g.moue", "--effort", effort, *files], capture_output=True)
            rows.append((f"moue gallery add --effort {effort}", time.time() - start))
    print(f"| {len(files)} JPEGs on {cores} cores | wall s | pictures a second | of MediaPipe's |\n|---|---|---|---|")
    for name, took in rows:
        print(f"| {name} | {took:.2f} | {len(files) / took:.0f} | {rows[0][1] / took:.2f} |")


if __name__ == "__main__":
    main()
