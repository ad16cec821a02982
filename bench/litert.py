"""CPU time of the same `.tflite` files in LiteRT and in moue-nn, taken in turns.

    cargo build --release -p moue-nn --example run && target/peers/venv/bin/python bench/litert.py [MODEL.tflite …]
"""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

ROOT = Path(__file__).resolve().parents[1]
MODELS = ["target/peers/face_detection_short_range.tflite", "target/peers/face_detection_full_range.tflite", "crates/moue/models/face.tflite", "crates/moue/models/refine.tflite", "crates/moue/models/expression.tflite", "target/tmp/litert/mobilenet_v2.tflite"]
ROUNDS, REPEATS = 7, 40


def litert(net):
    start = time.process_time()
    for _ in range(REPEATS):
        net.invoke()
    return (time.process_time() - start) / REPEATS * 1e3


def moue(model, data, isa):
    command = [ROOT / "target/release/examples/run", model, data, "/dev/null", isa, str(REPEATS)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return float(re.search(r"([\d.]+) ms", said)[1])


def main():
    print("| network | LiteRT ms | moue ms | ratio | portable ms |\n|---|---|---|---|---|")
    for model in map(Path, sys.argv[1:] or [ROOT / m for m in MODELS]):
        if not model.exists():
            print(f"| {model.stem} | absent | | | |")
            continue
        net = Interpreter(model_path=str(model), num_threads=1)
        net.allocate_tensors()
        detail = net.get_input_details()[0]
        values = np.random.default_rng(0).uniform(-1, 1, detail["shape"]).astype(np.float32)
        net.set_tensor(detail["index"], values)
        with tempfile.NamedTemporaryFile() as file:
            values.tofile(file.name)
            times = [(litert(net), moue(model, file.name, "best"), moue(model, file.name, "portable")) for _ in range(ROUNDS)]
        theirs, ours, portable = (min(column) for column in zip(*times))
        print(f"| {model.stem} | {theirs:.2f} | {ours:.2f} | {ours / theirs:.2f} | {portable:.2f} |")


if __name__ == "__main__":
    main()
