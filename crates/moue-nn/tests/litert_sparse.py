"""Models with sparse weights for `litert.py`: compressed rows, and blocks of them, in single and half precision."""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from litert_runner import random
from moue_training.export.tflite_writer import FLOAT16, FLOAT32, NONE, Op, Options, Writer, conv_options

INPUTS, OUTPUTS = 32, 24


def compressed(kept):
    """The table of a dimension whose kept positions are given for each node before it."""
    level = schema.DimensionMetadataT()
    level.format = schema.DimensionType.SPARSE_CSR
    level.arraySegments, level.arrayIndices = schema.Int32VectorT(), schema.Uint8VectorT()
    level.arraySegmentsType, level.arrayIndicesType = schema.SparseIndexVector.Int32Vector, schema.SparseIndexVector.Uint8Vector
    level.arraySegments.values = np.cumsum([0, *map(len, kept)]).astype(np.int32)
    level.arrayIndices.values = np.concatenate(kept).astype(np.uint8)
    return level


def dense(size):
    level = schema.DimensionMetadataT()
    level.format, level.denseSize = schema.DimensionType.DENSE, size
    return level


def sparsity(order, blocks, levels):
    table = schema.SparsityParametersT()
    table.traversalOrder, table.blockMap, table.dimMetadata = order, blocks, levels
    return table


def rows(weights):
    """A matrix of weights by its compressed rows: the stored values, and how they are placed."""
    kept = [np.flatnonzero(row) for row in weights]
    levels = [dense(len(weights)), dense(1), dense(1), compressed(kept)]
    return np.concatenate([row[k] for row, k in zip(weights, kept)]), sparsity([0, 1, 2, 3], [], levels)


def blocks(weights, size):
    """The same by blocks of `size` columns."""
    cut = weights.reshape(len(weights), -1, size)
    kept = [np.flatnonzero(row.any(axis=1)) for row in cut]
    levels = [dense(len(weights)), dense(1), dense(1), compressed(kept), dense(size)]
    return np.concatenate([row[k].ravel() for row, k in zip(cut, kept)]), sparsity([0, 1, 2, 3, 4], [3], levels)


def model(name, values, placed, kind):
    """A convolution of 1 × 1 whose weights are filled with zeros, and widened."""
    w = Writer(name)
    x, shape = w.input("x", (1, 5, 6, INPUTS)), [OUTPUTS, 1, 1, INPUTS]
    stored = w.tensor("sparse", shape, kind, values.astype(np.float16 if kind == FLOAT16 else np.float32))
    weights = w.operator(Op.DENSIFY, [stored], w.tensor("dense", shape, kind), Options.DensifyOptions, "DensifyOptions", {})
    if kind == FLOAT16:
        weights = w.operator(Op.DEQUANTIZE, [weights], w.tensor("wide", shape), Options.DequantizeOptions, "DequantizeOptions", {})
    inputs = [x, weights, w.weights("b", random.standard_normal(OUTPUTS), False)]
    y = w.operator(Op.CONV_2D, inputs, w.tensor("y", [1, 5, 6, OUTPUTS]), Options.Conv2DOptions, "Conv2DOptions", conv_options(1, 1, NONE))
    file = schema.ModelT.InitFromPackedBuf(bytearray(w.finish([y])))
    file.subgraphs[0].tensors[stored].sparsity = placed
    builder = flatbuffers.Builder(1 << 16)
    builder.Finish(file.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def models():
    """Names and files."""
    weights = random.standard_normal((OUTPUTS, INPUTS)).astype(np.float32)
    weights[random.uniform(size=weights.shape) < 0.7] = 0
    for kind, precision in [(FLOAT32, "single"), (FLOAT16, "half")]:
        yield f"sparse_rows_{precision}", model("rows", *rows(weights), kind)
        yield f"sparse_blocks_{precision}", model("blocks", *blocks(weights, 4), kind)
