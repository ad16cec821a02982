"""Writes `.tflite` files directly: a small builder over the FlatBuffers schema, weights in half precision."""

import flatbuffers
import numpy as np
import tflite

FLOAT32, FLOAT16, INT32 = tflite.TensorType.FLOAT32, tflite.TensorType.FLOAT16, tflite.TensorType.INT32
INT8 = tflite.TensorType.INT8
NONE, RELU = tflite.ActivationFunctionType.NONE, tflite.ActivationFunctionType.RELU
Op, Options = tflite.BuiltinOperator, tflite.BuiltinOptions


class Writer:
    """Collects tensors and operators; activations are named by the number of their tensor."""

    def __init__(self, description):
        self.description = description
        self.buffers = [b""]
        self.tensors, self.operators, self.codes = [], [], []
        self.scales = {}
        self.inputs, self.outputs = [], []

    # Tensors

    def tensor(self, name, shape, kind=FLOAT32, data=None):
        buffer = 0
        if data is not None:
            buffer = len(self.buffers)
            self.buffers.append(data.tobytes())
        self.tensors.append((name, list(map(int, shape)), kind, buffer))
        return len(self.tensors) - 1

    def input(self, name, shape):
        self.inputs.append(self.tensor(name, shape))
        return self.inputs[-1]

    # 8-bit numbers: real = scale × (number - zero)

    def bytes(self, name, shape, scale, zero=0, data=None, axis=0):
        """A tensor of 8-bit numbers; `scale` is one number, or one for each slice along `axis`."""
        tensor = self.tensor(name, shape, INT8, data)
        scales = np.atleast_1d(np.asarray(scale, np.float32))
        self.scales[tensor] = (scales, np.full(len(scales), zero, np.int64), axis)
        return tensor

    def bytes_input(self, name, shape, scale, zero):
        self.inputs.append(self.bytes(name, shape, scale, zero))
        return self.inputs[-1]

    def scale(self, tensor):
        """Scale and zero of an 8-bit activation."""
        scales, zeros, _ = self.scales[tensor]
        return float(scales[0]), int(zeros[0])

    def byte_weights(self, name, values, axis=0):
        """Weights with a scale for each slice along `axis`, none of them 0."""
        values = np.asarray(values, np.float32)
        others = tuple(i for i in range(values.ndim) if i != axis)
        scales = np.maximum(np.abs(values).max(others), 1e-9) / 127
        shape = [-1 if i == axis else 1 for i in range(values.ndim)]
        numbers = np.clip(np.round(values / scales.reshape(shape)), -127, 127).astype(np.int8)
        return self.bytes(name, values.shape, scales, 0, np.ascontiguousarray(numbers), axis)

    def byte_bias(self, name, values, x, weights):
        """A bias in the steps of the sums of `x` times `weights`."""
        steps = self.scale(x)[0] * self.scales[weights][0].astype(np.float64)
        return self.tensor(name, [len(values)], INT32, np.round(np.asarray(values) / steps).astype(np.int32))

    def quantize(self, name, x, scale, zero):
        y = self.bytes(name, self.shape(x), scale, zero)
        return self.operator(Op.QUANTIZE, [x], y, Options.QuantizeOptions, "QuantizeOptions", {})

    def dequantize(self, name, x):
        return self.operator(Op.DEQUANTIZE, [x], self.tensor(name, self.shape(x)), Options.DequantizeOptions, "DequantizeOptions", {})

    def ints(self, name, values):
        values = np.asarray(values, np.int32)
        return self.tensor(name, values.shape, INT32, values)

    def weights(self, name, values, half=True):
        """A constant; in half precision it comes with the operator that widens it."""
        values = np.ascontiguousarray(values, np.float32)
        if not half:
            return self.tensor(name, values.shape, FLOAT32, values)
        stored = self.tensor(name + "_half", values.shape, FLOAT16, values.astype(np.float16))
        wide = self.tensor(name, values.shape)
        self.operator(Op.DEQUANTIZE, [stored], wide, Options.DequantizeOptions, "DequantizeOptions", {})
        return wide

    def shape(self, tensor):
        return self.tensors[tensor][1]

    def operator(self, code, inputs, output, kind, options, values):
        if code not in self.codes:
            self.codes.append(code)
        self.operators.append((code, inputs, output, kind, options, values))
        return output

    # Layers; pictures are N×H×W×C

    def conv(self, name, x, weight, bias, stride=1, activation=NONE):
        """`weight` as PyTorch has it (O×I×H×W), padding half the kernel on all sides."""
        out, _, height, width = weight.shape
        n, h, w, c = self.shape(x)
        same = stride == 1
        if not same:
            pads = self.ints(name + "_pads", [[0, 0], [height // 2] * 2, [width // 2] * 2, [0, 0]])
            padded = self.tensor(name + "_padded", [n, h + height // 2 * 2, w + width // 2 * 2, c])
            x = self.operator(Op.PAD, [x, pads], padded, Options.PadOptions, "PadOptions", {})
        y = self.tensor(name, [n, (h - 1) // stride + 1, (w - 1) // stride + 1, out])
        inputs = [x, self.weights(name + "_weight", weight.transpose(0, 2, 3, 1)), self.weights(name + "_bias", bias, False)]
        values = {"Padding": 0 if same else 1, "StrideW": stride, "StrideH": stride, "FusedActivationFunction": activation, "DilationWFactor": 1, "DilationHFactor": 1}
        return self.operator(Op.CONV_2D, inputs, y, Options.Conv2DOptions, "Conv2DOptions", values)

    def depthwise(self, name, x, weight, bias, stride=1, activation=NONE):
        """`weight` C×1×H×W, SAME padding."""
        n, h, w, c = self.shape(x)
        y = self.tensor(name, [n, -(-h // stride), -(-w // stride), c])
        inputs = [x, self.weights(name + "_weight", weight.transpose(1, 2, 3, 0)), self.weights(name + "_bias", bias, False)]
        values = {"Padding": 0, "StrideW": stride, "StrideH": stride, "DepthMultiplier": 1, "FusedActivationFunction": activation, "DilationWFactor": 1, "DilationHFactor": 1}
        return self.operator(Op.DEPTHWISE_CONV_2D, inputs, y, Options.DepthwiseConv2DOptions, "DepthwiseConv2DOptions", values)

    def add(self, name, a, b, activation=NONE):
        y = self.tensor(name, self.shape(a))
        return self.operator(Op.ADD, [a, b], y, Options.AddOptions, "AddOptions", {"FusedActivationFunction": activation})

    def times(self, name, x, values):
        """Each of the last axis's numbers times its own constant."""
        y = self.tensor(name, self.shape(x))
        inputs = [x, self.weights(name + "_values", values, False)]
        return self.operator(Op.MUL, inputs, y, Options.MulOptions, "MulOptions", {"FusedActivationFunction": NONE})

    def double(self, name, x):
        """Twice as high and wide, bilinear, pixel centers at halves."""
        n, h, w, c = self.shape(x)
        size = self.ints(name + "_size", [2 * h, 2 * w])
        y = self.tensor(name, [n, 2 * h, 2 * w, c])
        values = {"AlignCorners": False, "HalfPixelCenters": True}
        return self.operator(Op.RESIZE_BILINEAR, [x, size], y, Options.ResizeBilinearOptions, "ResizeBilinearOptions", values)

    def mean(self, name, x, axes=(1, 2), keep=False):
        """The mean over height and width, or other axes."""
        shape = [1 if i in axes else size for i, size in enumerate(self.shape(x)) if keep or i not in axes]
        y, axes = self.tensor(name, shape), self.ints(name + "_axes", axes)
        return self.operator(Op.MEAN, [x, axes], y, Options.ReducerOptions, "ReducerOptions", {"KeepDims": keep})

    def reverse(self, name, x, axis):
        """Back to front along an axis."""
        y = self.tensor(name, self.shape(x))
        return self.operator(Op.REVERSE_V2, [x, self.ints(name + "_axis", [axis])], y, Options.ReverseV2Options, "ReverseV2Options", {})

    def ready(self, x):
        """What comes in, as the first convolution reads it."""
        return x

    def dense(self, name, x, weight, bias, activation=NONE):
        y = self.tensor(name, [self.shape(x)[0], weight.shape[0]])
        inputs = [x, self.weights(name + "_weight", weight), self.weights(name + "_bias", bias, False)]
        return self.operator(Op.FULLY_CONNECTED, inputs, y, Options.FullyConnectedOptions, "FullyConnectedOptions", {"FusedActivationFunction": activation})

    def normalize(self, name, x):
        y = self.tensor(name, self.shape(x))
        return self.operator(Op.L2_NORMALIZATION, [x], y, Options.L2NormOptions, "L2NormOptions", {"FusedActivationFunction": NONE})

    def reshape(self, name, x, shape):
        y = self.tensor(name, shape)
        return self.operator(Op.RESHAPE, [x, self.ints(name + "_shape", shape)], y, Options.ReshapeOptions, "ReshapeOptions", {})

    def concat(self, name, parts, axis):
        shape = list(self.shape(parts[0]))
        shape[axis] = sum(self.shape(p)[axis] for p in parts)
        y = self.tensor(name, shape)
        return self.operator(Op.CONCATENATION, parts, y, Options.ConcatenationOptions, "ConcatenationOptions", {"Axis": axis, "FusedActivationFunction": NONE})

    # The file

    def finish(self, outputs):
        self.outputs = outputs
        b = flatbuffers.Builder(1 << 20)
        buffers = [self._buffer(b, data) for data in self.buffers]
        tensors = [self._tensor(b, *t, self.scales.get(i)) for i, t in enumerate(self.tensors)]
        operators = [self._operator(b, *o) for o in self.operators]
        codes = [self._code(b, c) for c in self.codes]
        tensors, operators = offsets(b, tensors), offsets(b, operators)
        inputs, outputs, name = ints(b, self.inputs), ints(b, self.outputs), b.CreateString("main")
        tflite.SubGraphStart(b)
        tflite.SubGraphAddTensors(b, tensors)
        tflite.SubGraphAddInputs(b, inputs)
        tflite.SubGraphAddOutputs(b, outputs)
        tflite.SubGraphAddOperators(b, operators)
        tflite.SubGraphAddName(b, name)
        subgraphs = offsets(b, [tflite.SubGraphEnd(b)])
        codes, buffers, description = offsets(b, codes), offsets(b, buffers), b.CreateString(self.description)
        tflite.ModelStart(b)
        tflite.ModelAddVersion(b, 3)
        tflite.ModelAddOperatorCodes(b, codes)
        tflite.ModelAddSubgraphs(b, subgraphs)
        tflite.ModelAddDescription(b, description)
        tflite.ModelAddBuffers(b, buffers)
        b.Finish(tflite.ModelEnd(b), file_identifier=b"TFL3")
        return bytes(b.Output())

    def _buffer(self, b, data):
        if data:
            b.StartVector(1, len(data), 16)
            b.head -= len(data)
            b.Bytes[b.head : b.head + len(data)] = data
            data = b.EndVector()
        tflite.BufferStart(b)
        if data:
            tflite.BufferAddData(b, data)
        return tflite.BufferEnd(b)

    def _tensor(self, b, name, shape, kind, buffer, scales=None):
        shape, name = ints(b, shape), b.CreateString(name)
        quantization = self._quantization(b, *scales) if scales else None
        tflite.TensorStart(b)
        if quantization:
            tflite.TensorAddQuantization(b, quantization)
        tflite.TensorAddShape(b, shape)
        tflite.TensorAddType(b, kind)
        tflite.TensorAddBuffer(b, buffer)
        tflite.TensorAddName(b, name)
        return tflite.TensorEnd(b)

    def _quantization(self, b, scales, zeros, axis):
        scales, zeros = b.CreateNumpyVector(scales), b.CreateNumpyVector(zeros)
        tflite.QuantizationParametersStart(b)
        tflite.QuantizationParametersAddScale(b, scales)
        tflite.QuantizationParametersAddZeroPoint(b, zeros)
        tflite.QuantizationParametersAddQuantizedDimension(b, axis)
        return tflite.QuantizationParametersEnd(b)

    def _operator(self, b, code, inputs, output, kind, options, values):
        getattr(tflite, options + "Start")(b)
        for name, value in values.items():
            getattr(tflite, options + "Add" + name)(b, value)
        built = getattr(tflite, options + "End")(b)
        inputs, outputs = ints(b, inputs), ints(b, [output])
        tflite.OperatorStart(b)
        tflite.OperatorAddOpcodeIndex(b, self.codes.index(code))
        tflite.OperatorAddInputs(b, inputs)
        tflite.OperatorAddOutputs(b, outputs)
        tflite.OperatorAddBuiltinOptionsType(b, kind)
        tflite.OperatorAddBuiltinOptions(b, built)
        return tflite.OperatorEnd(b)

    def _code(self, b, code):
        tflite.OperatorCodeStart(b)
        tflite.OperatorCodeAddDeprecatedBuiltinCode(b, min(code, 127))
        tflite.OperatorCodeAddVersion(b, {Op.RESIZE_BILINEAR: 3, Op.DEQUANTIZE: 3}.get(code, 1))
        tflite.OperatorCodeAddBuiltinCode(b, code)
        return tflite.OperatorCodeEnd(b)


def offsets(b, items):
    b.StartVector(4, len(items), 4)
    for item in reversed(items):
        b.PrependUOffsetTRelative(item)
    return b.EndVector()


def ints(b, values):
    values = np.asarray(values, np.int32).ravel()
    return b.CreateNumpyVector(values) if values.size else _empty(b)


def _empty(b):
    b.StartVector(4, 0, 4)
    return b.EndVector()
