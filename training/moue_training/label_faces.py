"""Lets MediaPipe's nets mark the face in every face picture, once; the detector's training pastes them into scenes.

    python -m moue_training.label_faces --blazeface face_detection_short_range.tflite \
        --task face_landmarker.task --out runs/faces.npz

BlazeFace says where the face is, the landmarker where exactly eyes, nose and mouth are. The result holds the JPEG or
PNG bytes of the pictures and, relative to each, box and six key points.
"""

import argparse
import multiprocessing
from pathlib import Path

import cv2
import numpy as np

from .blazeface import BlazeFace
from .crop_faces import zipped
from .data import data_root, load_ferplus
from .landmarker import Landmarker, around

CANVAS = 128
# Landmarks that stand for the right eye, the left eye (iris centers), the tip of the nose and the mouth (both lips).
POINTS = ((468,), (473,), (1,), (13, 14))
# The picture's longer side on the canvas: BlazeFace likes faces that fill a third to a half of it.
SIDES = (88, 64)


def sources():
    root = data_root()
    for archive in ("utkface/utkface_112_rgb_jpg.zip", "muxspace/muxspace_jpg.zip"):
        for _, data, _ in zipped(root / archive):
            yield np.frombuffer(data, np.uint8)
    data = load_ferplus()
    for row in np.flatnonzero(data.trainable):
        yield cv2.imencode(".png", data.images[row])[1].ravel()
    for path in sorted((root / "video").glob("lp_*.mp4")):
        yield from video(path)


def video(path, step=6, side=288):
    """Every `step`th frame, made smaller; a square around the middle of tall ones."""
    reader = cv2.VideoCapture(str(path))
    index = 0
    while True:
        ok, frame = reader.read()
        if not ok:
            return
        if index % step == 0:
            scale = side / max(frame.shape[:2])
            frame = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            yield cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].ravel()
        index += 1


def mark(teacher, picture):
    """The best detection over several sizes, relative to the picture."""
    height, width = picture.shape[:2]
    found = None
    for side in SIDES + ((128,) if max(height, width) > 200 else ()):
        scale = side / max(height, width)
        shift = (CANVAS - scale * width) / 2, (CANVAS - scale * height) / 2
        warp = np.float32([[scale, 0, shift[0]], [0, scale, shift[1]]])
        canvas = cv2.warpAffine(picture, warp, (CANVAS, CANVAS), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
        row = teacher.best(canvas)
        if found is None or row[0] > found[0]:
            row = row.copy()
            row[1:] *= CANVAS
            row[[1, 5, 7, 9, 11, 13, 15]] -= shift[0]
            row[[2, 6, 8, 10, 12, 14, 16]] -= shift[1]
            row[[1, 3, 5, 7, 9, 11, 13, 15]] /= scale * width
            row[[2, 4, 6, 8, 10, 12, 14, 16]] /= scale * height
            found = row
    return found


def refine(reader, picture, row):
    """Eyes, nose and mouth where the landmarks see them, if they see a face and roughly agree with the detector."""
    size = np.array(picture.shape[1::-1])
    points = row[5:].reshape(-1, 2) * size
    marks, presence = reader.landmarks(picture, points)
    back = cv2.invertAffineTransform(around(points))
    found = np.stack([marks[list(which), :2].mean(0) for which in POINTS]) @ back[:, :2].T + back[:, 2]
    apart = np.hypot(*(found - points[:4]).T).max()
    if presence < 0.5 or apart > 0.2 * row[3] * size[0]:
        return row
    return np.concatenate([row[:5], (found / size).ravel(), row[13:]])


def start(blazeface, task):
    """Each process has nets of its own."""
    global NETS
    cv2.setNumThreads(1)
    NETS = BlazeFace(blazeface), Landmarker(task)


def label(data):
    teacher, reader = NETS
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
    row = mark(teacher, picture)
    return refine(reader, picture, row) if row[0] >= 0.6 else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blazeface", type=Path, required=True)
    parser.add_argument("--task", required=True)
    parser.add_argument("--out", type=Path, default=Path("runs/faces.npz"))
    args = parser.parse_args()
    data = list(sources())
    pictures, marks = [], []
    with multiprocessing.Pool(2, start, (args.blazeface, args.task)) as pool:
        for picture, row in zip(data, pool.imap(label, data, 64)):
            if row is not None:
                pictures.append(picture)
                marks.append(row)
    starts = np.cumsum([0] + [len(p) for p in pictures])
    np.savez(args.out, data=np.concatenate(pictures), starts=starts, marks=np.array(marks, np.float32))
    print(f"{len(pictures)} faces marked")


if __name__ == "__main__":
    main()
