"""Builds `.tflite` files layer by layer; weights are stored in half precision."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tflite

from .flatbuffer import Graph, Operator, Quantization, Tensor, serialize

FLOAT32, FLOAT16 = tflite.TensorType.FLOAT32, tflite.TensorType.FLOAT16
INT32, INT8 = tflite.TensorType.INT32, tflite.TensorType.INT8
NONE, RELU = tflite.ActivationFunctionType.NONE, tflite.ActivationFunctionType.RELU
SAME, VALID = tflite.Padding.SAME, tflite.Padding.VALID
Op, Options = tflite.BuiltinOperator, tflite.BuiltinOptions


def conv_options(padding: int, stride: int, activation: int, **more: int) -> dict[str, Any]:
    """Returns the fields of the options of a convolution without dilation, and `more` of them."""
    return {
        "Padding": padding,
        "StrideW": stride,
        "StrideH": stride,
        **more,
        "FusedActivationFunction": activation,
        "DilationWFactor": 1,
        "DilationHFactor": 1,
    }


class Writer:
    """Collects tensors and operators of a graph; a layer returns the index of its output tensor."""

    def __init__(self, description: str):
        self.graph = Graph(description)

    # Tensors

    def tensor(
        self, name: str, shape: Sequence[int], kind: int = FLOAT32, data: np.ndarray | None = None
    ) -> int:
        """Adds a tensor, a constant if it has data."""
        buffer = 0
        if data is not None:
            buffer = len(self.graph.buffers)
            self.graph.buffers.append(data.tobytes())
        self.graph.tensors.append(Tensor(name, list(map(int, shape)), kind, buffer))
        return len(self.graph.tensors) - 1

    def input(self, name: str, shape: Sequence[int]) -> int:
        """Adds an input of floats."""
        self.graph.inputs.append(self.tensor(name, shape))
        return self.graph.inputs[-1]

    def name(self, tensor: int) -> str:
        """Returns the name of a tensor."""
        return self.graph.tensors[tensor].name

    def shape(self, tensor: int) -> list[int]:
        """Returns the shape of a tensor."""
        return self.graph.tensors[tensor].shape

    def ints(self, name: str, values: Sequence[int] | Sequence[Sequence[int]]) -> int:
        """Adds a constant of 32-bit integers."""
        array = np.asarray(values, np.int32)
        return self.tensor(name, array.shape, INT32, array)

    def weights(self, name: str, values: np.ndarray, half: bool = True) -> int:
        """Adds a constant of floats; in half precision with the operator that widens it."""
        values = np.ascontiguousarray(values, np.float32)
        if not half:
            return self.tensor(name, values.shape, FLOAT32, values)
        stored = self.tensor(name + "_half", values.shape, FLOAT16, values.astype(np.float16))
        wide = self.tensor(name, values.shape)
        return self.operator(
            Op.DEQUANTIZE, [stored], wide, Options.DequantizeOptions, "DequantizeOptions", {}
        )

    def operator(
        self,
        code: int,
        inputs: Sequence[int],
        output: int,
        kind: int,
        options: str,
        values: dict[str, Any],
    ) -> int:
        """Adds an operator (see `flatbuffer.Operator`); returns its output."""
        self.multi_output_operator(code, inputs, [output], kind, options, values)
        return output

    def multi_output_operator(
        self,
        code: int,
        inputs: Sequence[int],
        outputs: list[int],
        kind: int,
        options: str,
        values: dict[str, Any],
    ) -> list[int]:
        """Adds an operator of several outputs; returns them."""
        if code not in self.graph.codes:
            self.graph.codes.append(code)
        self.graph.operators.append(Operator(code, inputs, outputs, kind, options, values))
        return outputs

    # 8-bit integers: real = scale × (stored - zero)

    def is_int8(self, tensor: int) -> bool:
        """Returns whether a tensor is of 8-bit integers."""
        return tensor in self.graph.quantizations

    def int8(
        self,
        name: str,
        shape: Sequence[int],
        scale: float | np.ndarray,
        zero: int = 0,
        data: np.ndarray | None = None,
        axis: int = 0,
    ) -> int:
        """Adds a tensor of 8-bit integers; `scale` is one, or one for each slice along `axis`."""
        tensor = self.tensor(name, shape, INT8, data)
        scales = np.atleast_1d(np.asarray(scale, np.float32))
        zeros = np.full(len(scales), zero, np.int64)
        self.graph.quantizations[tensor] = Quantization(scales, zeros, axis)
        return tensor

    def int8_input(self, name: str, shape: Sequence[int], scale: float, zero: int) -> int:
        """Adds an input of 8-bit integers."""
        self.graph.inputs.append(self.int8(name, shape, scale, zero))
        return self.graph.inputs[-1]

    def scale(self, tensor: int) -> tuple[float, int]:
        """Returns scale and zero point of an 8-bit activation."""
        scales, zeros, _ = self.graph.quantizations[tensor]
        return float(scales[0]), int(zeros[0])

    def int8_weights(self, name: str, values: np.ndarray, axis: int = 0) -> int:
        """Adds symmetric 8-bit weights with a scale for each slice along `axis`, none of them 0."""
        values = np.asarray(values, np.float32)
        others = tuple(i for i in range(values.ndim) if i != axis)
        scales = np.maximum(np.abs(values).max(others), 1e-9) / 127
        shape = [-1 if i == axis else 1 for i in range(values.ndim)]
        # Not -128, as LiteRT's specification asks for.
        stored = np.clip(np.round(values / scales.reshape(shape)), -127, 127).astype(np.int8)
        return self.int8(name, values.shape, scales, 0, np.ascontiguousarray(stored), axis)

    def int32_bias(self, name: str, values: np.ndarray, x: int, weights: int) -> int:
        """Adds a bias in units of the sums of `x` times `weights`, as LiteRT specifies."""
        weight_scales = self.graph.quantizations[weights].scales.astype(np.float64)
        steps = self.scale(x)[0] * weight_scales
        stored = np.round(np.asarray(values) / steps).astype(np.int32)
        return self.tensor(name, [len(values)], INT32, stored)

    def quantize(self, name: str, x: int, scale: float, zero: int) -> int:
        """Adds the conversion to 8-bit integers."""
        y = self.int8(name, self.shape(x), scale, zero)
        return self.operator(Op.QUANTIZE, [x], y, Options.QuantizeOptions, "QuantizeOptions", {})

    def dequantize(self, name: str, x: int) -> int:
        """Adds the conversion to floats."""
        y = self.tensor(name, self.shape(x))
        return self.operator(
            Op.DEQUANTIZE, [x], y, Options.DequantizeOptions, "DequantizeOptions", {}
        )

    # Layers; pictures are N×H×W×C

    def first_input(self, x: int) -> int:
        """Returns the tensor that the first convolution takes for an input of the graph."""
        return x

    def conv(
        self,
        name: str,
        x: int,
        weight: np.ndarray,
        bias: np.ndarray,
        stride: int = 1,
        activation: int = NONE,
    ) -> int:
        """Adds a convolution with PyTorch's weight (O×I×H×W), padded by half the kernel all around.

        TensorFlow's SAME padding at a stride of 2 pads only below and to the right, so that an
        operator of its own pads there.
        """
        out, _, *kernel = weight.shape
        n, h, w, _ = self.shape(x)
        if stride != 1:
            pads = self.pads(name, kernel)
            x = self.pad(x, pads, self.tensor(name + "_padded", self.padded_shape(x, kernel)))
        y = self.tensor(name, [n, (h - 1) // stride + 1, (w - 1) // stride + 1, out])
        inputs = [
            x,
            self.weights(name + "_weight", weight.transpose(0, 2, 3, 1)),
            self.weights(name + "_bias", bias, False),
        ]
        values = conv_options(SAME if stride == 1 else VALID, stride, activation)
        return self.operator(Op.CONV_2D, inputs, y, Options.Conv2DOptions, "Conv2DOptions", values)

    def padded_shape(self, x: int, kernel: Sequence[int]) -> list[int]:
        """Returns the shape of `x` padded by half a kernel (height, width) on all sides."""
        n, h, w, c = self.shape(x)
        return [n, h + kernel[0] // 2 * 2, w + kernel[1] // 2 * 2, c]

    def pads(self, name: str, kernel: Sequence[int]) -> int:
        """Adds the constant with the widths by which `pad` pads for this kernel."""
        pads = [[0, 0], [kernel[0] // 2] * 2, [kernel[1] // 2] * 2, [0, 0]]
        return self.ints(name + "_pads", pads)

    def pad(self, x: int, pads: int, padded: int) -> int:
        """Adds the padding; `padded` is the output tensor."""
        return self.operator(Op.PAD, [x, pads], padded, Options.PadOptions, "PadOptions", {})

    def depthwise(
        self,
        name: str,
        x: int,
        weight: np.ndarray,
        bias: np.ndarray,
        stride: int = 1,
        activation: int = NONE,
    ) -> int:
        """Adds a depthwise convolution with PyTorch's weight (C×1×H×W) and SAME padding."""
        n, h, w, c = self.shape(x)
        y = self.tensor(name, [n, -(-h // stride), -(-w // stride), c])
        inputs = [
            x,
            self.weights(name + "_weight", weight.transpose(1, 2, 3, 0)),
            self.weights(name + "_bias", bias, False),
        ]
        values = conv_options(SAME, stride, activation, DepthMultiplier=1)
        options = "DepthwiseConv2DOptions"
        return self.operator(
            Op.DEPTHWISE_CONV_2D, inputs, y, Options.DepthwiseConv2DOptions, options, values
        )

    def add(self, name: str, a: int, b: int, activation: int = NONE) -> int:
        """Adds the sum of two tensors of one shape."""
        y = self.tensor(name, self.shape(a))
        values = {"FusedActivationFunction": activation}
        return self.operator(Op.ADD, [a, b], y, Options.AddOptions, "AddOptions", values)

    def multiply(self, name: str, x: int, factors: np.ndarray) -> int:
        """Adds the product with a constant for each number of the last axis."""
        y = self.tensor(name, self.shape(x))
        inputs = [x, self.weights(name + "_values", factors, False)]
        values = {"FusedActivationFunction": NONE}
        return self.operator(Op.MUL, inputs, y, Options.MulOptions, "MulOptions", values)

    def upsample(self, name: str, x: int) -> int:
        """Doubles height and width, bilinear, with half-pixel centers."""
        n, h, w, c = self.shape(x)
        size = self.ints(name + "_size", [2 * h, 2 * w])
        y = self.tensor(name, [n, 2 * h, 2 * w, c])
        values = {"AlignCorners": False, "HalfPixelCenters": True}
        options = "ResizeBilinearOptions"
        return self.operator(
            Op.RESIZE_BILINEAR, [x, size], y, Options.ResizeBilinearOptions, options, values
        )

    def mean(self, name: str, x: int, axes: Sequence[int] = (1, 2), keep: bool = False) -> int:
        """Adds the mean over height and width, or over other axes, which stay as 1 with `keep`."""
        sizes = enumerate(self.shape(x))
        shape = [1 if i in axes else size for i, size in sizes if keep or i not in axes]
        y = self.tensor(name, shape)
        inputs = [x, self.ints(name + "_axes", axes)]
        values = {"KeepDims": keep}
        return self.operator(Op.MEAN, inputs, y, Options.ReducerOptions, "ReducerOptions", values)

    def reverse(self, name: str, x: int, axis: int) -> int:
        """Reverses the order along an axis."""
        y = self.tensor(name, self.shape(x))
        inputs = [x, self.ints(name + "_axis", [axis])]
        return self.operator(
            Op.REVERSE_V2, inputs, y, Options.ReverseV2Options, "ReverseV2Options", {}
        )

    def dense(
        self, name: str, x: int, weight: np.ndarray, bias: np.ndarray, activation: int = NONE
    ) -> int:
        """Adds a fully connected layer with PyTorch's weight (O×I)."""
        y = self.tensor(name, [self.shape(x)[0], weight.shape[0]])
        inputs = [
            x,
            self.weights(name + "_weight", weight),
            self.weights(name + "_bias", bias, False),
        ]
        values = {"FusedActivationFunction": activation}
        options = "FullyConnectedOptions"
        return self.operator(
            Op.FULLY_CONNECTED, inputs, y, Options.FullyConnectedOptions, options, values
        )

    def normalize(self, name: str, x: int) -> int:
        """Scales the last axis to unit length."""
        y = self.tensor(name, self.shape(x))
        values = {"FusedActivationFunction": NONE}
        return self.operator(
            Op.L2_NORMALIZATION, [x], y, Options.L2NormOptions, "L2NormOptions", values
        )

    def reshape(self, name: str, x: int, shape: Sequence[int]) -> int:
        """Reshapes a tensor."""
        y = self.tensor(name, shape)
        inputs = [x, self.ints(name + "_shape", shape)]
        return self.operator(Op.RESHAPE, inputs, y, Options.ReshapeOptions, "ReshapeOptions", {})

    def concat(self, name: str, parts: Sequence[int], axis: int) -> int:
        """Joins tensors along an axis."""
        shape = list(self.shape(parts[0]))
        shape[axis] = sum(self.shape(p)[axis] for p in parts)
        y = self.tensor(name, shape)
        values = {"Axis": axis, "FusedActivationFunction": NONE}
        options = "ConcatenationOptions"
        return self.operator(
            Op.CONCATENATION, parts, y, Options.ConcatenationOptions, options, values
        )

    # The file

    def finish(self, outputs: Sequence[int]) -> bytes:
        """Returns the bytes of the file whose outputs are these tensors."""
        self.graph.outputs = list(outputs)
        return serialize(self.graph)
