"""Cases for `litert.py`: DEPTH_TO_SPACE, of floats and of int8 codes, and TRANSPOSE_CONV."""

import numpy as np
from litert_runner import random
from litert_slices import like
from moue_training.export.tflite_writer import NONE, Op, Options

# As in `litert_slices.py`.
CASES = {}
INT8_CASES = {}


def depth_to_space(w, x, block):
    n, h, width, c = w.shape(x)
    y = like(w, "y", x, [n, h * block, width * block, c // block**2])
    return w.operator(Op.DEPTH_TO_SPACE, [x], y, Options.DepthToSpaceOptions, "DepthToSpaceOptions", {"BlockSize": block})


for block, shape in [(2, (1, 5, 6, 12)), (2, (2, 3, 4, 40)), (3, (1, 4, 3, 18)), (1, (1, 4, 3, 5))]:
    def build(w, x, b=block):
        return depth_to_space(w, x, b)

    name = f"depth_to_space_{block}_{shape[3]}"
    CASES[name] = INT8_CASES["int8_" + name] = (shape, build)


def transpose_conv(w, x, outputs, kernel, stride, same, bias):
    n, h, width, c = w.shape(x)
    # The smallest size of which a convolution of that window makes the input.
    size = [s * t if same else (s - 1) * t + k for s, t, k in zip((h, width), stride, kernel)]
    shape = [n, *size, outputs]
    weights = random.standard_normal((outputs, *kernel, c)).astype(np.float32) * 0.3
    inputs = [w.ints("s", shape), w.weights("w", weights, False), x]
    if bias:
        inputs.append(w.weights("b", random.standard_normal(outputs).astype(np.float32), False))
    values = {"Padding": int(not same), "StrideW": stride[1], "StrideH": stride[0], "FusedActivationFunction": NONE}
    return w.operator(Op.TRANSPOSE_CONV, inputs, w.tensor("y", shape), Options.TransposeConvOptions, "TransposeConvOptions", values)


for kernel, stride in [((2, 2), (2, 2)), ((3, 3), (2, 2)), ((3, 3), (1, 1)), ((4, 2), (2, 1)), ((1, 3), (1, 3)), ((5, 5), (3, 2))]:
    for same in (True, False):
        for outputs, channels in [(1, 16), (9, 5)]:
            def build(w, x, k=kernel, t=stride, m=same, o=outputs):
                return transpose_conv(w, x, o, k, t, m, o == 9)

            name = f"transpose_conv_{kernel}_{stride}_{same}_{outputs}".replace(" ", "")
            CASES[name] = ((2, 4, 5, channels), build)
