"""Post-training quantization (Jacob et al. 2018): convolutions of 8-bit integers.

Weights have a scale for each output channel, activations one for each layer, calibrated on training
pictures. What is cheap stays in floats: the mean, the last layers, the heads and the sums between
grids.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from torch import nn

from ..data.close_ups import close_up_pictures
from ..data.sources import UTKFACE, archive_pictures, decode
from .networks import NetworkKind
from .tflite_writer import (
    NONE,
    RELU,
    SAME,
    VALID,
    Op,
    Options,
    Writer,
    conv_options,
)

# Chosen by hand: each picture takes a run of the net in floats.
CALIBRATION_PICTURES = 300
# Inputs are in [-1, 1], so that one step of 8 bits is this wide.
INPUT_SCALE = 2 / 255
# After ReLU no value is below 0, so 0 is the lowest integer.
RELU_ZERO = -128


class Int8Writer(Writer):
    """Writes `conv` with 8-bit integers where its input has them.

    `ranges` has the largest activation of each layer that is quantized, by its name. The suffixes
    of tensor names are part of the files that ship, and stay.
    """

    def __init__(self, description: str, ranges: dict[str, float]):
        super().__init__(description)
        self.ranges = ranges

    def first_input(self, x: int) -> int:
        """Quantizes the input of the graph."""
        return self.quantize(self.name(x) + "_bytes", x, INPUT_SCALE, 0)

    def to_float(self, x: int) -> int:
        """Returns the tensor, dequantized if it is of integers."""
        return self.dequantize(self.name(x) + "_real", x) if self.is_int8(x) else x

    def conv(
        self,
        name: str,
        x: int,
        weight: np.ndarray,
        bias: np.ndarray,
        stride: int = 1,
        activation: int = NONE,
    ) -> int:
        """Adds a convolution of integers for layers in `ranges`, of floats for all others."""
        if not self.is_int8(x) or name not in self.ranges:
            return super().conv(name, self.to_float(x), weight, bias, stride, activation)
        out, _, *kernel = weight.shape
        n, h, w, _ = self.shape(x)
        if stride != 1:
            padded = self.int8(name + "_padded", self.padded_shape(x, kernel), *self.scale(x))
            x = self.pad(x, self.pads(name, kernel), padded)
        weights = self.int8_weights(name + "_weight", weight.transpose(0, 2, 3, 1))
        shape = [n, (h - 1) // stride + 1, (w - 1) // stride + 1, out]
        y = self.int8(name, shape, self.ranges[name] / 255, RELU_ZERO)
        inputs = [x, weights, self.int32_bias(name + "_bias", bias, x, weights)]
        values = conv_options(SAME if stride == 1 else VALID, stride, activation)
        return self.operator(Op.CONV_2D, inputs, y, Options.Conv2DOptions, "Conv2DOptions", values)

    def add(self, name: str, a: int, b: int, activation: int = NONE) -> int:
        """Adds a sum of floats."""
        return super().add(name, self.to_float(a), self.to_float(b), activation)

    def mean(self, name: str, x: int, axes: Sequence[int] = (1, 2), keep: bool = False) -> int:
        """Adds a mean of floats."""
        return super().mean(name, self.to_float(x), axes, keep)

    def upsample(self, name: str, x: int) -> int:
        """Adds an upsampling of floats."""
        return super().upsample(name, self.to_float(x))

    def reshape(self, name: str, x: int, shape: Sequence[int]) -> int:
        """Adds a reshape of floats."""
        return super().reshape(name, self.to_float(x), shape)


class LayerRecorder(Writer):
    """Writes floats, and records which tensors are convolutions with an activation (`layers`)."""

    def __init__(self, description: str):
        super().__init__(description)
        self.layers: dict[str, int] = {}

    def conv(
        self,
        name: str,
        x: int,
        weight: np.ndarray,
        bias: np.ndarray,
        stride: int = 1,
        activation: int = NONE,
    ) -> int:
        """Adds a convolution of floats."""
        y = super().conv(name, x, weight, bias, stride, activation)
        if activation == RELU:
            self.layers[name] = y
        return y


def expression_pictures(size: int, crops: Path) -> Iterator[np.ndarray]:
    """Yields random crops as the expression network gets them (1×size×size×1 in [-1, 1])."""
    random = np.random.default_rng(1)
    with np.load(crops) as bank:
        faces = bank["crops"]
    for i in random.choice(len(faces), CALIBRATION_PICTURES, replace=False):
        face = cv2.resize(faces[i], (size, size), interpolation=cv2.INTER_LINEAR)
        yield face.astype(np.float32)[None, ..., None] / 127.5 - 1


def scene_pictures(size: int) -> Iterator[np.ndarray]:
    """Yields random UTKFace pictures on gray or black (1×size×size×3 in [-1, 1])."""
    random = np.random.default_rng(1)
    faces = list(archive_pictures(UTKFACE))
    for i in random.choice(len(faces), CALIBRATION_PICTURES, replace=False):
        picture = decode(faces[i][1])
        if picture is None:
            raise ValueError(f"picture {i} of UTKFace cannot be decoded")
        # From a face that fills the scene to one of a third of its side.
        side = max(8, int(size * random.uniform(0.3, 1.0)))
        gray = random.integers(0, 256) * random.integers(0, 2)
        scene = np.full((size, size, 3), gray, np.uint8)
        y, x = random.integers(0, size - side + 1, 2)
        face = cv2.resize(picture[..., ::-1], (side, side), interpolation=cv2.INTER_AREA)
        scene[y : y + side, x : x + side] = face
        yield scene.astype(np.float32)[None] / 127.5 - 1


def refiner_pictures(size: int) -> Iterator[np.ndarray]:
    """Yields close-ups of drawn faces and of none, and photos of faces (1×size×size×3 in [-1, 1]).

    With photos alone the activations of drawings were cut off, and drawn faces were lost.
    """
    scenes = scene_pictures(size)
    for i, close_up in enumerate(close_up_pictures(size, CALIBRATION_PICTURES)):
        yield next(scenes) if i % 4 == 3 else close_up.astype(np.float32)[None] / 127.5 - 1


def chosen_pictures(path: Path) -> Iterator[np.ndarray]:
    """Yields the pictures of a file of `free-calibration` (1×H×W×C in [-1, 1])."""
    with np.load(path) as table:
        pictures = table["pictures"]
    for picture in pictures:
        yield picture.astype(np.float32)[None] / 127.5 - 1


def calibration_pictures(kind: str, size: int, crops: Path) -> Iterator[np.ndarray]:
    """Yields the training pictures that a net of this kind is calibrated on."""
    if kind == "expression":
        return expression_pictures(size, crops)
    return refiner_pictures(size) if kind == "refine" else scene_pictures(size)


def calibrate(
    kind: NetworkKind, net: nn.Module, clip_share: float, pictures: Iterable[np.ndarray]
) -> dict[str, float]:
    """Returns the largest activation of each layer, all but the largest `clip_share` of them."""
    recorders: list[LayerRecorder] = []

    def make_writer(description: str) -> Writer:
        recorders.append(LayerRecorder(description))
        return recorders[-1]

    data = kind.export(net, make_writer)
    recorder = recorders[0]
    interpreter = Interpreter(model_content=data, experimental_preserve_all_tensors=True)
    interpreter.allocate_tensors()
    largest: dict[str, list[np.ndarray]] = {name: [] for name in recorder.layers}
    for picture in pictures:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture)
        interpreter.invoke()
        for name, tensor in recorder.layers.items():
            largest[name].append(_largest(interpreter.get_tensor(tensor)))
    ranges = {}
    for name, tensor in recorder.layers.items():
        values = np.sort(np.concatenate(largest[name]))
        clipped = int(clip_share * CALIBRATION_PICTURES * np.prod(recorder.shape(tensor)))
        # A layer that is always 0 needs a scale too.
        ranges[name] = float(max(values[-1 - clipped], 1e-3))
    return ranges


def _largest(values: np.ndarray) -> np.ndarray:
    """Returns the largest hundredth of the values, enough for a `clip_share` below 0.01."""
    count = max(8, int(values.size * 0.01))
    return np.sort(values.ravel())[-count:]


def quantize(
    kind: NetworkKind, net: nn.Module, clip_share: float, pictures: Iterable[np.ndarray]
) -> tuple[bytes, dict[str, float]]:
    """Returns the quantized file of a net calibrated on these pictures, and each layer's range."""
    ranges = calibrate(kind, net, clip_share, pictures)
    data = kind.export(net, lambda description: Int8Writer(description + ", 8-bit", ranges))
    return data, ranges
