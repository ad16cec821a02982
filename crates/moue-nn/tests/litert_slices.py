"""Cases for `litert.py`: SPLIT and STRIDED_SLICE, of floats and of int8 codes."""

import numpy as np
from moue_training.export.tflite_writer import NONE, Op, Options

# By name: the shape of the input, and what builds the graph from a writer and the input.
CASES = {}
INT8_CASES = {}


def like(w, name, x, shape):
    """An output of the element type and quantization of `x`."""
    return w.int8(name, shape, *w.scale(x)) if w.is_int8(x) else w.tensor(name, shape)


def sliced(shape, begin, end, strides, begin_mask, end_mask, shrink_mask):
    """The shape of a slice, by NumPy's rules."""
    index = []
    for axis, (first, last, stride) in enumerate(zip(begin, end, strides)):
        bit = 1 << axis
        if shrink_mask & bit:
            # NumPy objects to positions before the first, which LiteRT takes for the first.
            index.append(0 if begin_mask & bit else max(first, -shape[axis]))
        else:
            index.append(slice(None if begin_mask & bit else first, None if end_mask & bit else last, stride))
    return np.empty(shape)[tuple(index)].shape


def strided_slice(w, name, x, begin, end, strides, begin_mask=0, end_mask=0, shrink_mask=0):
    y = like(w, name, x, sliced(w.shape(x), begin, end, strides, begin_mask, end_mask, shrink_mask))
    lists = [w.ints(f"{name}_{i}", values) for i, values in enumerate((begin, end, strides))]
    values = {"BeginMask": begin_mask, "EndMask": end_mask, "ShrinkAxisMask": shrink_mask}
    return w.operator(Op.STRIDED_SLICE, [x, *lists], y, Options.StridedSliceOptions, "StridedSliceOptions", values)


def split(w, name, x, axis, parts):
    shape = w.shape(x)
    shape = [*shape[:axis % len(shape)], shape[axis] // parts, *shape[axis % len(shape) + 1 :]]
    outputs = [like(w, f"{name}{i}", x, shape) for i in range(parts)]
    return w.multi_output_operator(Op.SPLIT, [w.ints(name + "_axis", axis), x], outputs, Options.SplitOptions, "SplitOptions", {"NumSplits": parts})


def both(name, shape, build):
    """A case of floats and one of int8 codes."""
    CASES[name] = (shape, build)
    INT8_CASES["int8_" + name] = (shape, build)


SHAPE = (2, 6, 7, 19)
FAR = 2**31 - 1
for name, shape, stated in [
    ("part_of_channels", SHAPE, ((0, 0, 0, 2), (2, 6, 7, 13), (1, 1, 1, 1))),
    ("part_of_each_axis", SHAPE, ((1, 1, 2, 3), (2, 5, 6, 12), (1, 1, 1, 1))),
    ("strides", SHAPE, ((0, 1, 0, 0), (2, 6, 7, 19), (1, 2, 3, 4))),
    ("one_channel", SHAPE, ((0, 0, 0, 7), (2, 6, 7, 8), (1, 1, 1, 1))),
    ("negative", SHAPE, ((-1, -5, -4, -18), (2, -1, -1, -2), (1, 1, 2, 1))),
    ("backward", SHAPE, ((-1, -1, 4, -2), (-9, 1, -8, 3), (-1, -2, -1, -3))),
    ("backward_channels", SHAPE, ((0, 0, 0, 18), (2, 6, 7, -20), (1, 1, 1, -1))),
    ("clamped", SHAPE, ((-9, -FAR, 2, 0), (FAR, 40, 9, 99), (1, 1, 1, 5))),
    ("clamped_backward", SHAPE, ((9, FAR, 7, 19), (-9, -FAR - 1, -8, -99), (-1, -1, -1, -5))),
    ("long_strides", SHAPE, ((1, 2, 3, 4), (2, 6, 7, 19), (FAR, FAR, FAR, FAR))),
    ("begin_mask", SHAPE, ((1, 3, 5, 7), (2, 5, 6, 9), (1, 1, 1, 1), 0b1010)),
    ("end_mask", SHAPE, ((1, 3, 5, 7), (2, 5, 6, 9), (1, 1, 1, 1), 0, 0b1010)),
    ("masks_backward", SHAPE, ((0, 3, 5, 7), (0, 2, 1, 2), (-1, -2, -1, -3), 0b1001, 0b0111)),
    ("mask_bits_of_no_axis", SHAPE, ((1, 3, 5, 7), (2, 5, 6, 9), (1, 1, 1, 1), 16, 32, 64)),
    ("shrink_batch", SHAPE, ((1, 0, 0, 0), (2, 6, 7, 19), (1, 1, 1, 1), 0, 0, 1)),
    ("shrink_rows", SHAPE, ((0, -2, 0, 0), (2, -1, 7, 19), (1, 1, 1, 1), 0, 0, 2)),
    ("shrink_columns", SHAPE, ((0, 0, 3, 0), (2, 6, 0, 19), (1, 1, 2, 1), 0, 0, 4)),
    ("shrink_channels", SHAPE, ((0, 0, 0, 11), (2, 6, 7, 12), (1, 1, 1, 1), 0, 0, 8)),
    ("shrink_and_walk_backward", SHAPE, ((1, -1, 3, -1), (0, 0, 0, -19), (1, -1, 1, -2), 0, 0, 5)),
    ("shrink_columns_and_channels", SHAPE, ((0, 5, 3, 2), (2, 0, 4, 3), (1, -1, 1, 1), 0, 0, 12)),
    ("shrink_masked", SHAPE, ((1, 4, 3, 2), (2, 6, 4, 3), (1, 1, 1, 1), 3, 0, 2)),
    ("shrink_before_the_first", SHAPE, ((-9, 0, -9, 2), (2, 6, 4, 3), (1, 1, 1, 1), 0, 0, 5)),
    ("shrink_all", SHAPE, ((1, 2, 3, 4), (0, 0, 0, 0), (1, 1, 1, 1), 0, 0, 15)),
    ("first_axes_only", SHAPE, ((1, 2), (2, 6), (1, 2))),
    ("shrink_first_axis_only", SHAPE, ((1,), (2,), (1,), 0, 0, 1)),
    ("rank_3", (5, 6, 20), ((1, -1, 3), (4, -9, 19), (2, -2, 1))),
    ("rank_3_shrink", (5, 6, 20), ((1, 2, 3), (4, 3, 19), (2, 1, 3), 0, 0, 2)),
    ("rank_2", (5, 30), ((1, -1), (4, -31), (1, -4))),
    ("rank_1", (37,), ((3,), (-2,), (5,))),
]:
    both("strided_slice_" + name, shape, lambda w, x, s=stated: strided_slice(w, "y", x, *s))

for shape, axis, parts in [
    ((2, 6, 4, 20), 0, 2), ((2, 6, 4, 20), 1, 3), ((2, 6, 4, 20), 2, 4), ((2, 6, 4, 20), 3, 4), ((2, 6, 4, 20), 3, 20),
    ((2, 6, 4, 20), -1, 2), ((2, 6, 4, 20), -4, 2), ((2, 6, 4, 20), 1, 1), ((3, 4, 15), 0, 3), ((3, 4, 15), 2, 5), ((6, 10), -2, 2), ((6, 10), 1, 2), ((21,), 0, 3),
]:
    both(f"split_{len(shape)}_{axis}_{parts}", shape, lambda w, x, a=axis, p=parts: split(w, "y", x, a, p))


def shuffled(w, x):
    """Channels that are split, of which one half is sliced, and joined again."""
    a, b = split(w, "s", x, 3, 2)
    a = strided_slice(w, "t", a, (0, 0, 0, 0), (0, 0, 0, 0), (1, -1, 1, -1), 15, 15)
    shape = w.shape(x)
    values = {"Axis": 3, "FusedActivationFunction": NONE}
    return w.operator(Op.CONCATENATION, [b, a], like(w, "y", x, shape), Options.ConcatenationOptions, "ConcatenationOptions", values)


both("split_slice_join", (1, 5, 4, 22), shuffled)


def between_convolutions(conv):
    """A slice and a split with layers before and behind them, which both halves have."""

    def build(w, x):
        y = strided_slice(w, "s", conv(w, "a", x, 18, 3), (0, 1, 1, 0), (0, 0, 0, 0), (1, 2, 2, 1), 0, 15)
        a, b = split(w, "p", y, -1, 2)
        return [conv(w, "c", a, 10, 3), conv(w, "d", b, 7, 1)]

    return build
