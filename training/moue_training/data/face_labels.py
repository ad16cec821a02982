"""Has MediaPipe's networks mark the face in every face picture, for the detector's scenes.

BlazeFace gives the box, the landmarker the exact places of eyes, nose and mouth. The file holds the
JPEG or PNG bytes of the pictures (`data`, `starts`; see `packed`) and, relative to each, score, box
and six key points (`marks`, N×17).
"""

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from .blazeface import INPUT_SIZE, X_COLUMNS, Y_COLUMNS, BlazeFace
from .ferplus import load_ferplus
from .landmarker import Landmarker, crop_matrix
from .packed import pack
from .paths import data_root
from .sources import MUXSPACE, UTKFACE, archive_pictures, decode

# Landmarks of the right eye, the left eye (iris centers), the tip of the nose and the mouth (both
# lips).
LANDMARKS = ((468,), (473,), (1,), (13, 14))
# Longer sides in pixels at which BlazeFace is given the picture: it detects best what fills a third
# to a half of its input. Large pictures are tried at full size too.
SIDES = (88, 64)
LARGE_PICTURE = 200
# Above MediaPipe's default threshold of 0.5, to keep false marks out; chosen by hand.
MIN_SCORE = 0.6
# The landmarker's own default: below it the crop has no face.
MIN_PRESENCE = 0.5
# Landmarks farther from BlazeFace's points than this share of the box are of another face.
MAX_DISAGREEMENT = 0.2


def encoded_pictures() -> Iterator[np.ndarray]:
    """Yields all pictures to be marked, encoded: UTKFace, muxspace, trainable FER+ rows, clips."""
    for source in (UTKFACE, MUXSPACE):
        for _, data, _ in archive_pictures(source):
            yield np.frombuffer(data, np.uint8)
    faces = load_ferplus()
    for row in np.flatnonzero(faces.trainable):
        yield cv2.imencode(".png", faces.images[row])[1].ravel()
    for path in sorted((data_root() / "video").glob("lp_*.mp4")):
        yield from video_frames(path)


def video_frames(path: Path, step: int = 6, side: int = 288) -> Iterator[np.ndarray]:
    """Yields every `step`th frame as JPEG, its longer side reduced to `side` pixels."""
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


def detect(detector: BlazeFace, picture: np.ndarray) -> np.ndarray:
    """Returns the best detection (17) over several sizes, relative to the picture."""
    height, width = picture.shape[:2]
    longer = max(height, width)
    found: list[np.ndarray] = []
    for side in SIDES + ((INPUT_SIZE,) if longer > LARGE_PICTURE else ()):
        scale = side / longer
        dx = (INPUT_SIZE - scale * width) / 2
        dy = (INPUT_SIZE - scale * height) / 2
        canvas = cv2.warpAffine(
            picture,
            np.array([[scale, 0, dx], [0, scale, dy]], np.float32),
            (INPUT_SIZE, INPUT_SIZE),
            flags=cv2.INTER_AREA,
            borderMode=cv2.BORDER_REPLICATE,
        )
        row = detector.best(canvas)
        row[1:] *= INPUT_SIZE
        row[X_COLUMNS] -= dx
        row[Y_COLUMNS] -= dy
        row[[*X_COLUMNS, 3]] /= scale * width
        row[[*Y_COLUMNS, 4]] /= scale * height
        found.append(row)
    return max(found, key=lambda row: row[0])


def refine_points(landmarker: Landmarker, picture: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Replaces eyes, nose and mouth of a detection by landmarks, where these agree with it."""
    size = np.array(picture.shape[1::-1])
    points = row[5:].reshape(-1, 2) * size
    landmarks, presence = landmarker.landmarks(picture, points)
    back = cv2.invertAffineTransform(crop_matrix(points))
    means = np.stack([landmarks[list(which), :2].mean(0) for which in LANDMARKS])
    exact = means @ back[:, :2].T + back[:, 2]
    distance = np.hypot(*(exact - points[:4]).T).max()
    if presence < MIN_PRESENCE or distance > MAX_DISAGREEMENT * row[3] * size[0]:
        return row
    return np.concatenate([row[:5], (exact / size).ravel(), row[13:]])


class Labeler:
    """Marks encoded pictures; each worker process has one, as interpreters cannot be shared."""

    worker: "Labeler"

    def __init__(self, blazeface: Path, task: Path):
        self.detector, self.landmarker = BlazeFace(blazeface), Landmarker(task)

    def label(self, data: np.ndarray) -> np.ndarray | None:
        """Returns the mark (17) of an encoded picture, None where no face is certain."""
        picture = decode(data)
        if picture is None:
            return None
        row = detect(self.detector, picture)
        return refine_points(self.landmarker, picture, row) if row[0] >= MIN_SCORE else None


def _start_worker(blazeface: Path, task: Path) -> None:
    cv2.setNumThreads(1)
    Labeler.worker = Labeler(blazeface, task)


def _label(data: np.ndarray) -> np.ndarray | None:
    return Labeler.worker.label(data)


def write_labels(blazeface: Path, task: Path, out: Path, processes: int = 2) -> int:
    """Writes all pictures in which a face was found to `out`; returns their number."""
    encoded = list(encoded_pictures())
    pictures, marks = [], []
    with multiprocessing.Pool(processes, _start_worker, (blazeface, task)) as pool:
        for picture, row in zip(encoded, pool.imap(_label, encoded, 64), strict=True):
            if row is not None:
                pictures.append(picture)
                marks.append(row)
    data, starts = pack(pictures)
    np.savez(out, data=data, starts=starts, marks=np.array(marks, np.float32))
    return len(pictures)
