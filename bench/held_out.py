"""Draws the held-out pictures of `truth/held_out.json`, which no training may see.

    python held_out.py ../../shared/data > truth/held_out.json

200 frames of cartoons, and 100 everyday photos without a face: those in which SCRFD 2.5 GF (PyPI
`onnxruntime` runs it) sees none with a score of 0.45. Below it, of 60 photos looked at, none showed
a person's face; above it are people, and some animals.
"""

import json
import random
import sys
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

SEED = 34
FRAMES, PHOTOS = 200, 100
INPUT = 640
MAX_SCORE = 0.45


def best_score(session: onnxruntime.InferenceSession, path: Path) -> float:
    """Returns the score of the most certain face in a picture."""
    picture = cv2.imread(str(path))
    height, width = picture.shape[:2]
    scale = INPUT / max(height, width)
    small = cv2.resize(picture, (round(width * scale), round(height * scale)))
    square = np.zeros((INPUT, INPUT, 3), np.float32)
    square[: small.shape[0], : small.shape[1]] = small[..., ::-1]
    planes = ((square - 127.5) / 128).transpose(2, 0, 1)[None]
    outputs = session.run(None, {session.get_inputs()[0].name: planes})
    return max(float(output.max()) for output in outputs if output.shape[-1] == 1)


def lines(names: list[str]) -> str:
    """Returns a list as JSON, four names a line."""
    rows = [names[i : i + 4] for i in range(0, len(names), 4)]
    return ",\n".join("    " + ", ".join(map(json.dumps, row)) for row in rows)


def main() -> None:
    """Prints the lists."""
    data = Path(sys.argv[1])
    session = onnxruntime.InferenceSession(str(data / "teachers/scrfd_2.5g_kps.onnx"))
    photos = [
        path.name
        for path in sorted((data / "negatives").glob("*.jpg"))
        if best_score(session, path) < MAX_SCORE
    ]
    frames = sorted(json.loads((data / "cartoon/boxes.json").read_text()))
    photos = sorted(random.Random(SEED).sample(photos, PHOTOS))
    frames = sorted(random.Random(SEED).sample(frames, FRAMES))
    print(f'{{\n  "negatives": [\n{lines(photos)}\n  ],\n  "cartoon": [\n{lines(frames)}\n  ]\n}}')


if __name__ == "__main__":
    main()
