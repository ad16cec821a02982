"""Writes a 140×140×3 → 64 network with random weights, and LiteRT's output for raw RGB pictures.

    python embedding.py OUT.tflite [--size PIXELS] PICTURE.raw …
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "moue-nn" / "tests"))
from litert import Writer, mobilenet_v2  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("out", type=Path)
parser.add_argument("--size", type=int, default=140)
parser.add_argument("pictures", nargs="*", type=Path)
arguments = parser.parse_args()
size = arguments.size
writer = Writer("random embedding")
data = writer.finish([mobilenet_v2(writer, writer.input("x", [1, size, size, 3]))])
arguments.out.write_bytes(data)
net = Interpreter(model_content=data, num_threads=1)
net.allocate_tensors()
for path in arguments.pictures:
    pixels = np.fromfile(path, np.uint8).reshape(1, size, size, 3)
    net.set_tensor(net.get_input_details()[0]["index"], pixels.astype(np.float32) / 127.5 - 1)
    net.invoke()
    net.get_tensor(net.get_output_details()[0]["index"]).tofile(path.with_suffix(".embedding"))
