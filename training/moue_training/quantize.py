"""Writes a trained net as a `.tflite` file whose convolutions compute with 8-bit numbers.

    python -m moue_training.quantize expression runs/student.pt runs/expression_int8.tflite
    python -m moue_training.quantize face runs/face.pt runs/face_int8.tflite --beyond 2e-5
    python -m moue_training.quantize refine runs/refine.pt runs/refine_int8.tflite

Weights have a scale for each output, activations one for each layer, read off training pictures. What is cheap stays in
floats: the mean, the last layers, the heads and the sums between grids.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from .course import load
from .crop_faces import zipped
from .data import data_root
from .export import KINDS
from .tflite_writer import NONE, RELU, Op, Options, Writer

# How many pictures are looked at.
PICTURES = 300


class ByteWriter(Writer):
    """Writes `conv` with 8-bit numbers where its input has them; `ranges` says how far each layer's numbers reach."""

    def __init__(self, description, ranges):
        super().__init__(description)
        self.ranges = ranges

    def ready(self, x):
        return self.quantize(self.tensors[x][0] + "_bytes", x, 2 / 255, 0)

    def real(self, x):
        """The tensor, dequantized if it is of 8-bit numbers."""
        return self.dequantize(self.tensors[x][0] + "_real", x) if x in self.scales else x

    def conv(self, name, x, weight, bias, stride=1, activation=NONE):
        if x not in self.scales or name not in self.ranges:
            return super().conv(name, self.real(x), weight, bias, stride, activation)
        out, _, height, width = weight.shape
        n, h, w, c = self.shape(x)
        same = stride == 1
        if not same:
            padded = self.bytes(name + "_padded", [n, h + height // 2 * 2, w + width // 2 * 2, c], *self.scale(x))
            pads = self.ints(name + "_pads", [[0, 0], [height // 2] * 2, [width // 2] * 2, [0, 0]])
            x = self.operator(Op.PAD, [x, pads], padded, Options.PadOptions, "PadOptions", {})
        weights = self.byte_weights(name + "_weight", weight.transpose(0, 2, 3, 1))
        y = self.bytes(name, [n, (h - 1) // stride + 1, (w - 1) // stride + 1, out], self.ranges[name] / 255, -128)
        values = {"Padding": 0 if same else 1, "StrideW": stride, "StrideH": stride, "FusedActivationFunction": activation, "DilationWFactor": 1, "DilationHFactor": 1}
        inputs = [x, weights, self.byte_bias(name + "_bias", bias, x, weights)]
        return self.operator(Op.CONV_2D, inputs, y, Options.Conv2DOptions, "Conv2DOptions", values)

    def add(self, name, a, b, activation=NONE):
        return super().add(name, self.real(a), self.real(b), activation)

    def mean(self, name, x, axes=(1, 2), keep=False):
        return super().mean(name, self.real(x), axes, keep)

    def double(self, name, x):
        return super().double(name, self.real(x))

    def reshape(self, name, x, shape):
        return super().reshape(name, self.real(x), shape)


class Watcher(Writer):
    """Writes floats, and remembers which tensors are convolutions with an activation."""

    def __init__(self, description):
        super().__init__(description)
        self.layers = {}

    def conv(self, name, x, weight, bias, stride=1, activation=NONE):
        y = super().conv(name, x, weight, bias, stride, activation)
        if activation == RELU:
            self.layers[name] = y
        return y


def pictures(kind, size):
    """Training pictures as the net sees them, in [-1, 1]."""
    random = np.random.default_rng(1)
    if kind == "expression":
        bank = np.load("runs/crops.npz")["crops"]
        for i in random.choice(len(bank), PICTURES, replace=False):
            yield cv2.resize(bank[i], (size, size), interpolation=cv2.INTER_LINEAR).astype(np.float32)[None, ..., None] / 127.5 - 1
        return
    faces = list(zipped(data_root() / "utkface" / "utkface_112_rgb_jpg.zip"))
    for i in random.choice(len(faces), PICTURES, replace=False):
        picture = cv2.imdecode(np.frombuffer(faces[i][1], np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
        # From a face that fills the picture to one that is a third of it, in gray or black.
        share = random.uniform(0.3, 1.0)
        side = max(8, int(size * share))
        scene = np.full((size, size, 3), random.integers(0, 256) * random.integers(0, 2), np.uint8)
        y, x = random.integers(0, size - side + 1, 2)
        scene[y : y + side, x : x + side] = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
        yield scene.astype(np.float32)[None] / 127.5 - 1


def ranges(kind, net, export, share):
    """How far each layer's numbers reach, all but the farthest `share` of them."""
    from ai_edge_litert.interpreter import Interpreter

    writers = []

    def make(description):
        writers.append(Watcher(description))
        return writers[-1]

    data = export(net, make)
    run = Interpreter(model_content=data, experimental_preserve_all_tensors=True)
    run.allocate_tensors()
    seen = {name: [] for name in writers[0].layers}
    for picture in pictures(kind, net.INPUT):
        run.set_tensor(run.get_input_details()[0]["index"], picture)
        run.invoke()
        for name, tensor in writers[0].layers.items():
            values = run.get_tensor(tensor)
            seen[name].append(np.sort(values.ravel())[-max(8, int(values.size * 0.01)) :])
    found = {}
    for name, tensor in writers[0].layers.items():
        values = np.sort(np.concatenate(seen[name]))
        beyond = int(share * PICTURES * np.prod(writers[0].shape(tensor)))
        found[name] = float(max(values[-1 - beyond], 1e-3))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("weights", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--beyond", type=float, default=0.0, help="share of a layer's numbers that may lie beyond its scale")
    args = parser.parse_args()
    make, export, _ = KINDS[args.kind]
    net = load(make(), args.weights).eval()
    reach = ranges(args.kind, net, export, args.beyond)
    data = export(net, lambda description: ByteWriter(description + ", 8-bit", reach))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_bytes(data)
    print(f"{args.out}: {len(data)} bytes; layers reach {min(reach.values()):.1f} to {max(reach.values()):.1f}")


if __name__ == "__main__":
    main()
