"""Runs models through LiteRT on random inputs and writes both down for `litert.rs` to compare.

    python litert.py OUT_DIR [MODEL.tflite …]

Besides the models given it makes small ones, one for each operator and for chains that the planner
fuses, and a MobileNetV2 with random weights.
"""

import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "training"))
import litert_slices  # noqa: E402
import litert_sparse  # noqa: E402
import litert_upsampling  # noqa: E402
from litert_runner import random, run  # noqa: E402
from moue_training.export.tflite_writer import NONE, RELU, Op, Options, Writer  # noqa: E402

RELU6 = 3


def normal(*shape, scale=1.0):
    return (random.standard_normal(shape) * scale).astype(np.float32)


def raw_conv(w, name, x, outputs, kernel, stride=1, same=True, activation=NONE, dilation=1, half=False):
    n, h, width, c = w.shape(x)
    reach = (kernel - 1) * dilation + 1
    size = [-(-s // stride) if same else (s - reach) // stride + 1 for s in (h, width)]
    y = w.tensor(name, [n, *size, outputs])
    weight = w.weights(name + "_w", normal(outputs, kernel, kernel, c, scale=(2 / (kernel * kernel * c)) ** 0.5), half)
    values = {"Padding": int(not same), "StrideW": stride, "StrideH": stride, "FusedActivationFunction": activation, "DilationWFactor": dilation, "DilationHFactor": dilation}
    return w.operator(Op.CONV_2D, [x, weight, w.weights(name + "_b", normal(outputs, scale=0.1), False)], y, Options.Conv2DOptions, "Conv2DOptions", values)


def raw_depthwise(w, name, x, kernel, stride=1, same=True, activation=NONE, multiplier=1, dilation=1):
    n, h, width, c = w.shape(x)
    reach = (kernel - 1) * dilation + 1
    size = [-(-s // stride) if same else (s - reach) // stride + 1 for s in (h, width)]
    outputs = c * multiplier
    y = w.tensor(name, [n, *size, outputs])
    weight = w.weights(name + "_w", normal(1, kernel, kernel, outputs, scale=1 / kernel), False)
    values = {"Padding": int(not same), "StrideW": stride, "StrideH": stride, "DepthMultiplier": multiplier, "FusedActivationFunction": activation, "DilationWFactor": dilation, "DilationHFactor": dilation}
    return w.operator(Op.DEPTHWISE_CONV_2D, [x, weight, w.weights(name + "_b", normal(outputs, scale=0.1), False)], y, Options.DepthwiseConv2DOptions, "DepthwiseConv2DOptions", values)


def pad(w, name, x, pads):
    shape = [s + a + b for s, (a, b) in zip(w.shape(x), pads)]
    return w.operator(Op.PAD, [x, w.ints(name + "_p", pads)], w.tensor(name, shape), Options.PadOptions, "PadOptions", {})


def pool(w, name, x, code, size, stride, same):
    n, h, width, c = w.shape(x)
    out = [-(-s // stride) if same else (s - size) // stride + 1 for s in (h, width)]
    values = {"Padding": int(not same), "StrideW": stride, "StrideH": stride, "FilterWidth": size, "FilterHeight": size, "FusedActivationFunction": NONE}
    return w.operator(code, [x], w.tensor(name, [n, *out, c]), Options.Pool2DOptions, "Pool2DOptions", values)


def unary(w, name, x, code, options=None):
    kind = getattr(Options, options) if options else 0
    return w.operator(code, [x], w.tensor(name, w.shape(x)), kind, options or "AddOptions", {})


def binary(w, name, a, b, code, options, shape=None, activation=None):
    values = {} if activation is None else {"FusedActivationFunction": activation}
    return w.operator(code, [a, b], w.tensor(name, shape or w.shape(a)), getattr(Options, options), options, values)


def reduce(w, name, x, code, axes, keep):
    shape = [1 if i in axes else s for i, s in enumerate(w.shape(x)) if keep or i not in axes]
    return w.operator(code, [x, w.ints(name + "_a", axes)], w.tensor(name, shape), Options.ReducerOptions, "ReducerOptions", {"KeepDims": keep})


def resize(w, name, x, size, corners, half):
    n, _, _, c = w.shape(x)
    y = w.tensor(name, [n, *size, c])
    return w.operator(Op.RESIZE_BILINEAR, [x, w.ints(name + "_s", size)], y, Options.ResizeBilinearOptions, "ResizeBilinearOptions", {"AlignCorners": corners, "HalfPixelCenters": half})


CASES = {}


def case(*shape):
    def keep(build):
        CASES[build.__name__] = (shape, build)
        return build

    return keep


def convolutions(shape, kernel, stride, same, outputs):
    def build(w, x):
        return raw_conv(w, "y", x, outputs, kernel, stride, same, RELU6)

    CASES[f"conv_{kernel}x{kernel}_s{stride}_{'same' if same else 'valid'}_{shape[3]}to{outputs}"] = (shape, build)


for kernel in (1, 3, 5):
    for stride in (1, 2):
        for same in (True, False):
            convolutions((1, 13, 11, 3 if kernel == 5 else 19), kernel, stride, same, 7 * kernel + 4)
for kernel, stride, same, c in [(3, 1, True, 24), (3, 2, True, 42), (5, 1, True, 8), (5, 2, False, 17), (3, 2, False, 96), (7, 1, True, 5)]:
    CASES[f"depthwise_{kernel}_s{stride}_{same}_{c}"] = ((1, 12, 15, c), lambda w, x, k=kernel, s=stride, m=same: raw_depthwise(w, "y", x, k, s, m, RELU))
for name, code, options in [
    ("relu", Op.RELU, None), ("relu6", Op.RELU6, None), ("hard_swish", Op.HARD_SWISH, "HardSwishOptions"),
    ("logistic", Op.LOGISTIC, None), ("tanh", Op.TANH, None), ("neg", Op.NEG, "NegOptions"),
]:
    CASES[name] = ((1, 5, 7, 11), lambda w, x, c=code, o=options: unary(w, "y", x, c, o))
for name, code, options, activation in [
    ("add", Op.ADD, "AddOptions", RELU), ("sub", Op.SUB, "SubOptions", NONE), ("mul", Op.MUL, "MulOptions", RELU6),
    ("div", Op.DIV, "DivOptions", NONE), ("maximum", Op.MAXIMUM, "MaximumMinimumOptions", None), ("minimum", Op.MINIMUM, "MaximumMinimumOptions", None),
]:
    for kind, other in [("channels", (11,)), ("scalar", (1,)), ("rows", (1, 5, 1, 11)), ("same", (1, 5, 7, 11))]:
        def build(w, x, c=code, o=options, a=activation, s=other):
            return binary(w, "y", x, w.weights("k", np.abs(normal(*s)) + 0.5, False), c, o, activation=a)

        CASES[f"{name}_{kind}"] = ((1, 5, 7, 11), build)
for axes, keep in [((1, 2), False), ((1, 2), True), ((3,), False), ((2,), True), ((1, 3), False), ((1, 2, 3), True)]:
    CASES[f"mean_{axes}_{keep}".replace(" ", "")] = ((1, 6, 5, 9), lambda w, x, a=axes, k=keep: reduce(w, "y", x, Op.MEAN, a, k))
    CASES[f"sum_{axes}_{keep}".replace(" ", "")] = ((1, 6, 5, 9), lambda w, x, a=axes, k=keep: reduce(w, "y", x, Op.SUM, a, k))
for axis in (0, 1, 2, 3):
    CASES[f"reverse_{axis}"] = ((2, 5, 6, 9), lambda w, x, a=axis: w.reverse("y", x, a))
for size in [(12, 14), (9, 5), (3, 4)]:
    for corners, half in [(False, False), (True, False), (False, True)]:
        CASES[f"resize_{size[0]}x{size[1]}_{corners}_{half}"] = ((1, 6, 7, 10), lambda w, x, s=size, c=corners, h=half: resize(w, "y", x, s, c, h))
for size, stride, same in [(2, 2, True), (3, 2, False), (3, 1, True)]:
    CASES[f"max_pool_{size}_{stride}_{same}"] = ((1, 9, 8, 13), lambda w, x, a=size, b=stride, c=same: pool(w, "y", x, Op.MAX_POOL_2D, a, b, c))
    CASES[f"average_pool_{size}_{stride}_{same}"] = ((1, 9, 8, 13), lambda w, x, a=size, b=stride, c=same: pool(w, "y", x, Op.AVERAGE_POOL_2D, a, b, c))


@case(1, 6, 6, 5)
def rsqrt(w, x):
    squared = binary(w, "squared", x, x, Op.MUL, "MulOptions", activation=NONE)
    above = binary(w, "above", squared, w.weights("k", np.float32([0.1]), False), Op.ADD, "AddOptions", activation=NONE)
    return unary(w, "y", above, Op.RSQRT)


@case(1, 6, 6, 5)
def prelu(w, x):
    return w.operator(Op.PRELU, [x, w.weights("a", normal(1, 1, 5))], w.tensor("y", w.shape(x)), 0, "AddOptions", {})


@case(1, 4, 6, 10)
def l2_normalization(w, x):
    return w.normalize("y", x)


@case(3, 10)
def softmax(w, x):
    return w.operator(Op.SOFTMAX, [x], w.tensor("y", w.shape(x)), Options.SoftmaxOptions, "SoftmaxOptions", {"Beta": 1.0})


@case(1, 4, 6, 10)
def pad_channels(w, x):
    return pad(w, "y", x, [(0, 0), (1, 2), (0, 3), (0, 5)])


@case(1, 4, 6, 10)
def reshape_and_dense(w, x):
    return w.dense("y", w.reshape("r", x, [2, 120]), normal(13, 120, scale=0.1), normal(13))


@case(1, 4, 6, 10)
def dense_flattens(w, x):
    weight, bias = w.weights("w", normal(7, 240, scale=0.1)), w.weights("b", normal(7), False)
    return w.operator(Op.FULLY_CONNECTED, [x, weight, bias], w.tensor("y", [1, 7]), Options.FullyConnectedOptions, "FullyConnectedOptions", {"FusedActivationFunction": RELU})


@case(1, 4, 6, 10)
def concatenations(w, x):
    y = w.concat("c", [x, unary(w, "n", x, Op.NEG, "NegOptions"), w.weights("k", normal(1, 4, 6, 3), False)], 3)
    return w.concat("y", [y, y, unary(w, "t", y, Op.TANH)], 1)


@case(1, 12, 12, 1)
def both_sides(w, x):
    """A picture and its mirror image as a batch of two."""
    y = w.concat("b", [x, w.reverse("r", x, 2)], 0)
    y = raw_conv(w, "d", raw_conv(w, "c", y, 16, 3), 24, 3)
    y = w.mean("m", y)
    y = w.normalize("n", w.dense("f", y, normal(9, 24), normal(9)))
    return w.normalize("y", w.mean("a", y, (0,), True))


@case(1, 12, 12, 16)
def residual_with_relu(w, x):
    y = raw_conv(w, "a", x, 16, 3)
    z = raw_conv(w, "b", y, 16, 1, half=True)
    y = w.add("s", y, z, NONE)
    return unary(w, "y", w.add("t", y, x, NONE), Op.RELU)


@case(1, 12, 12, 16)
def relu_then_add(w, x):
    y = unary(w, "r", raw_conv(w, "a", x, 16, 3), Op.RELU)
    return w.add("y", x, y, RELU6)


@case(1, 12, 12, 16)
def result_used_twice(w, x):
    y = raw_conv(w, "a", x, 16, 3)
    return w.add("y", y, unary(w, "r", y, Op.RELU), NONE)


@case(1, 12, 12, 16)
def pad_then_valid(w, x):
    y = pad(w, "p", x, [(0, 0), (0, 1), (2, 1), (0, 0)])
    y = raw_depthwise(w, "d", y, 3, 2, False)
    y = pad(w, "q", y, [(0, 0), (1, 1), (1, 1), (0, 0)])
    return raw_conv(w, "y", y, 9, 3, 2, False)


@case(1, 9, 9, 1)
def depth_multiplier_of_one_channel(w, x):
    return raw_depthwise(w, "y", x, 3, 1, True, RELU, multiplier=12)


@case(1, 14, 14, 10)
def dilated(w, x):
    return raw_conv(w, "y", raw_depthwise(w, "d", x, 3, 1, True, dilation=2), 8, 3, 1, False, dilation=3)


@case(2, 8, 8, 12)
def batch_of_two(w, x):
    return raw_conv(w, "y", raw_depthwise(w, "d", x, 3, 2), 20, 3)


def mobilenet(w, x, conv, depthwise, add):
    """MobileNetV2 1.0 with random weights up to its last convolution, of whichever layers."""
    y = conv(w, "stem", x, 32, 3, 2, True, RELU6)
    inputs = 32
    for stage, (grow, outputs, repeats, stride) in enumerate([(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]):
        for i in range(repeats):
            name, shortcut = f"b{stage}_{i}", y
            z = conv(w, name + "_e", y, inputs * grow, 1, 1, True, RELU6) if grow > 1 else y
            z = depthwise(w, name + "_d", z, 3, stride if i == 0 else 1, True, RELU6)
            y = conv(w, name + "_p", z, outputs, 1)
            if i > 0:
                y = add(w, name + "_s", shortcut, y)
            inputs = outputs
    return conv(w, "last", y, 1280, 1, 1, True, RELU6)


@case(1, 140, 140, 3)
def mobilenet_v2(w, x):
    """MobileNetV2 1.0 at 140 pixels with random weights and 64 outputs."""
    y = w.mean("pooled", mobilenet(w, x, raw_conv, raw_depthwise, Writer.add))
    return w.dense("y", y, normal(64, 1280, scale=0.03), normal(64, scale=0.1))


# Int8 codes. Outputs get a scale that fills the range for random weights.


def int8_conv(w, name, x, outputs, kernel, stride=1, same=True, activation=NONE, dilation=1):
    n, h, width, c = w.shape(x)
    reach = (kernel - 1) * dilation + 1
    size = [-(-s // stride) if same else (s - reach) // stride + 1 for s in (h, width)]
    weight = w.int8_weights(name + "_w", normal(outputs, kernel, kernel, c, scale=(2 / (kernel * kernel * c)) ** 0.5))
    bias = w.int32_bias(name + "_b", normal(outputs, scale=0.1), x, weight)
    y = w.int8(name, [n, *size, outputs], 0.02, -128 if activation in (RELU, RELU6) else 5)
    values = {"Padding": int(not same), "StrideW": stride, "StrideH": stride, "FusedActivationFunction": activation, "DilationWFactor": dilation, "DilationHFactor": dilation}
    return w.operator(Op.CONV_2D, [x, weight, bias], y, Options.Conv2DOptions, "Conv2DOptions", values)


def int8_depthwise(w, name, x, kernel, stride=1, same=True, activation=NONE):
    n, h, width, c = w.shape(x)
    size = [-(-s // stride) if same else (s - kernel) // stride + 1 for s in (h, width)]
    weight = w.int8_weights(name + "_w", normal(1, kernel, kernel, c, scale=1 / kernel), 3)
    bias = w.int32_bias(name + "_b", normal(c, scale=0.1), x, weight)
    y = w.int8(name, [n, *size, c], 0.02, -128 if activation in (RELU, RELU6) else -7)
    values = {"Padding": int(not same), "StrideW": stride, "StrideH": stride, "DepthMultiplier": 1, "FusedActivationFunction": activation, "DilationWFactor": 1, "DilationHFactor": 1}
    return w.operator(Op.DEPTHWISE_CONV_2D, [x, weight, bias], y, Options.DepthwiseConv2DOptions, "DepthwiseConv2DOptions", values)


def int8_dense(w, name, x, outputs):
    depth = w.shape(x)[-1]
    weight = w.int8_weights(name + "_w", normal(outputs, depth, scale=(1 / depth) ** 0.5))
    y = w.int8(name, [w.shape(x)[0], outputs], 0.02, 11)
    inputs = [x, weight, w.int32_bias(name + "_b", normal(outputs, scale=0.1), x, weight)]
    return w.operator(Op.FULLY_CONNECTED, inputs, y, Options.FullyConnectedOptions, "FullyConnectedOptions", {"FusedActivationFunction": NONE})


def int8_add(w, name, a, b):
    y = w.int8(name, w.shape(a), 0.03, 2)
    return w.operator(Op.ADD, [a, b], y, Options.AddOptions, "AddOptions", {"FusedActivationFunction": NONE})


def int8_mean(w, name, x, scale=0.005):
    y = w.int8(name, [w.shape(x)[0], w.shape(x)[3]], scale, 3)
    return w.operator(Op.MEAN, [x, w.ints(name + "_a", [1, 2])], y, Options.ReducerOptions, "ReducerOptions", {"KeepDims": False})


INT8_CASES = {}


def int8_case(*shape):
    def keep(build):
        INT8_CASES["int8_" + build.__name__] = (shape, build)
        return build

    return keep


for kernel in (1, 3, 5):
    for stride in (1, 2):
        for same in (True, False):
            for c, outputs in ((19, 33), (3, 24), (64, 61)):
                def build(w, x, k=kernel, s=stride, m=same, o=outputs):
                    return int8_conv(w, "y", x, o, k, s, m, RELU6 if s == 1 else NONE)

                INT8_CASES[f"int8_conv_{kernel}_s{stride}_{same}_{c}"] = ((1, 13, 11, c), build)
for kernel, stride, same, c in [(3, 1, True, 24), (3, 2, True, 42), (5, 1, True, 8), (5, 2, False, 17), (3, 2, False, 96), (7, 1, True, 5)]:
    INT8_CASES[f"int8_depthwise_{kernel}_s{stride}_{same}_{c}"] = ((1, 12, 15, c), lambda w, x, k=kernel, s=stride, m=same: int8_depthwise(w, "y", x, k, s, m))


@int8_case(1, 64, 64, 1)
def one_channel(w, x):
    return int8_conv(w, "y", x, 24, 3, 2, True, RELU)


@int8_case(2, 9, 70)
def dense(w, x):
    flat = w.int8("flat", [18, 70], *w.scale(x))
    w.operator(Op.RESHAPE, [x, w.ints("shape", [18, 70])], flat, Options.ReshapeOptions, "ReshapeOptions", {})
    return int8_dense(w, "y", flat, 30)


@int8_case(1, 6, 5, 12)
def flattened(w, x):
    flat = w.int8("flat", [1, 360], *w.scale(x))
    w.operator(Op.RESHAPE, [x, w.ints("shape", [1, 360])], flat, Options.ReshapeOptions, "ReshapeOptions", {})
    return int8_dense(w, "y", flat, 30)


@int8_case(1, 9, 9, 20)
def sum_of_two(w, x):
    return int8_add(w, "y", x, int8_conv(w, "c", x, 20, 1))


@int8_case(1, 9, 9, 20)
def mean(w, x):
    return int8_mean(w, "y", x)


@int8_case(1, 9, 9, 20)
def padded_then_valid(w, x):
    y = w.int8("p", [1, 11, 12, 20], *w.scale(x))
    w.operator(Op.PAD, [x, w.ints("pads", [[0, 0], [1, 1], [1, 2], [0, 0]])], y, Options.PadOptions, "PadOptions", {})
    return int8_conv(w, "y", y, 16, 3, 2, False)


@int8_case(1, 9, 9, 20)
def padded(w, x):
    y = w.int8("y", [1, 11, 12, 23], *w.scale(x))
    return w.operator(Op.PAD, [x, w.ints("pads", [[0, 0], [1, 1], [1, 2], [0, 3]])], y, Options.PadOptions, "PadOptions", {})


@int8_case(1, 6, 7, 10)
def doubled(w, x):
    y = w.int8("y", [1, 12, 14, 10], *w.scale(x))
    values = {"AlignCorners": False, "HalfPixelCenters": True}
    return w.operator(Op.RESIZE_BILINEAR, [x, w.ints("size", [12, 14])], y, Options.ResizeBilinearOptions, "ResizeBilinearOptions", values)


@int8_case(1, 8, 8, 10)
def pooled(w, x):
    values = {"Padding": 0, "StrideW": 2, "StrideH": 2, "FilterWidth": 2, "FilterHeight": 2, "FusedActivationFunction": NONE}
    y = w.int8("a", [1, 4, 4, 10], *w.scale(x))
    w.operator(Op.AVERAGE_POOL_2D, [x], y, Options.Pool2DOptions, "Pool2DOptions", values)
    z = w.int8("y", [1, 2, 2, 10], *w.scale(x))
    return w.operator(Op.MAX_POOL_2D, [y], z, Options.Pool2DOptions, "Pool2DOptions", values)


@int8_case(1, 8, 8, 10)
def logistic(w, x):
    return w.operator(Op.LOGISTIC, [x], w.int8("y", w.shape(x), 1 / 256, -128), 0, "AddOptions", {})


@int8_case(1, 8, 8, 10)
def joined(w, x):
    a, b = int8_conv(w, "a", x, 9, 1), int8_conv(w, "b", x, 7, 3)
    y = w.int8("y", [1, 8, 8, 16], *w.scale(a))
    return w.operator(Op.CONCATENATION, [a, b], y, Options.ConcatenationOptions, "ConcatenationOptions", {"Axis": 3, "FusedActivationFunction": NONE})


@case(1, 16, 16, 3)
def float_ends_of_int8(w, x):
    y = int8_conv(w, "c", w.quantize("q", x, 1 / 127, 0), 12, 3, 2, True, RELU)
    return w.dequantize("y", int8_conv(w, "d", y, 8, 1))


@case(1, 16, 16, 3)
def part_in_int8(w, x):
    y = int8_conv(w, "c", w.quantize("q", x, 1 / 127, 0), 12, 3, 2, True, RELU)
    y = w.dequantize("r", int8_depthwise(w, "d", y, 3))
    return raw_conv(w, "y", y, 8, 1)


@int8_case(1, 140, 140, 3)
def whole_mobilenet_v2(w, x):
    y = int8_mean(w, "pooled", mobilenet(w, x, int8_conv, int8_depthwise, int8_add), 0.02)
    return int8_dense(w, "y", y, 64)


CASES |= litert_upsampling.CASES | litert_slices.CASES | {"slice_and_split": ((1, 12, 11, 9), litert_slices.between_convolutions(raw_conv))}
INT8_CASES |= litert_upsampling.INT8_CASES | litert_slices.INT8_CASES | {"int8_slice_and_split": ((1, 12, 11, 9), litert_slices.between_convolutions(int8_conv))}


def outputs(built):
    """What a case returned: one output, or a list of several."""
    return built if isinstance(built, list) else [built]


def main():
    folder, table = Path(sys.argv[1]), []
    for name, (shape, build) in CASES.items():
        w = Writer(name)
        x = w.input("x", shape)
        run(w.finish(outputs(build(w, x))), folder, name, table)
    for name, (shape, build) in INT8_CASES.items():
        w = Writer(name)
        x = w.int8_input("x", shape, 1 / 127, 3)
        run(w.finish(outputs(build(w, x))), folder, name, table)
    for name, data in litert_sparse.models():
        run(data, folder, name, table)
    for path in map(Path, sys.argv[2:]):
        run(path.read_bytes(), folder, path.stem, table)
    (folder / "table.json").write_text(json.dumps(table))


if __name__ == "__main__":
    main()
