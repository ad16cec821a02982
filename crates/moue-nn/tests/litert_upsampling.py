"""Cases for `litert.py`: DEPTH_TO_SPACE, of floats and of int8 codes."""

from litert_slices import like
from moue_training.export.tflite_writer import Op, Options

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
