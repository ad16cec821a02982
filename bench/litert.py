"""CPU time of the same `.tflite` files in LiteRT and in moue-nn, taken in turns.

cargo build --release -p moue-nn --example run
target/peers/venv/bin/python bench/litert.py [MODEL.tflite …]
"""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from target import ROOT, target_directory

TARGET = target_directory()
MODELS = [
    TARGET / "peers/face_detection_short_range.tflite",
    TARGET / "peers/face_detection_full_range.tflite",
    ROOT / "crates/moue/models/face.tflite",
    ROOT / "crates/moue/models/refine.tflite",
    ROOT / "crates/moue/models/expression.tflite",
    # The test of moue-nn beside LiteRT writes it.
    TARGET / "tmp/litert/mobilenet_v2.tflite",
]
# Of seven rounds the least counts; forty runs are far above the clock's resolution.
ROUNDS, REPEATS = 7, 40


def litert(net):
    """CPU milliseconds of a run in LiteRT."""
    start = time.process_time()
    for _ in range(REPEATS):
        net.invoke()
    return (time.process_time() - start) / REPEATS * 1e3


def moue(model, data, isa):
    """CPU milliseconds of a run in moue-nn."""
    program = TARGET / "release/examples/run"
    command = [program, model, data, "/dev/null", isa, str(REPEATS)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return float(re.search(r"([\d.]+) ms", printed)[1])


def interpreter(model):
    """LiteRT with one thread, and the random input that it holds."""
    net = Interpreter(model_path=str(model), num_threads=1)
    net.allocate_tensors()
    detail = net.get_input_details()[0]
    values = np.random.default_rng(0).uniform(-1, 1, detail["shape"]).astype(np.float32)
    net.set_tensor(detail["index"], values)
    return net, values


def compare(model):
    """The least times of LiteRT, of moue-nn and of its portable kernels."""
    net, values = interpreter(model)
    with tempfile.NamedTemporaryFile() as file:
        values.tofile(file.name)
        rounds = [
            (litert(net), moue(model, file.name, "best"), moue(model, file.name, "portable"))
            for _ in range(ROUNDS)
        ]
    return [min(times) for times in zip(*rounds)]


def main():
    print("| network | LiteRT ms | moue ms | ratio | portable ms |\n|---|---|---|---|---|")
    for model in map(Path, sys.argv[1:] or MODELS):
        if not model.exists():
            print(f"| {model.stem} | absent | | | |")
            continue
        theirs, ours, portable = compare(model)
        ratio = ours / theirs
        print(f"| {model.stem} | {theirs:.2f} | {ours:.2f} | {ratio:.2f} | {portable:.2f} |")


if __name__ == "__main__":
    main()
