"""Serializes the tables of a `.tflite` file with FlatBuffers; `tflite_writer` fills them.

The vendored schema is that of the PyPI package `tflite`. FlatBuffers are built back to front, so
what a table refers to is written before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import flatbuffers
import numpy as np
import tflite

Op = tflite.BuiltinOperator
# Versions of operators that differ from 1: RESIZE_BILINEAR with half-pixel centers, and DEQUANTIZE
# of half-precision numbers.
OPERATOR_VERSIONS = {Op.RESIZE_BILINEAR: 3, Op.DEQUANTIZE: 3}
# The version of the schema.
SCHEMA_VERSION = 3
# Alignment of weights in bytes, so that an interpreter can use them where they lie.
BUFFER_ALIGNMENT = 16


class Quantization(NamedTuple):
    """Affine quantization, real = scale × (stored - zero): one of each, or for slices of `axis`."""

    scales: np.ndarray
    zeros: np.ndarray
    axis: int


class Tensor(NamedTuple):
    """A tensor: its name, shape, element type, and the index of its buffer (0: no contents)."""

    name: str
    shape: list[int]
    kind: int
    buffer: int


class Operator(NamedTuple):
    """An operator: its code, inputs and outputs (tensor indices), and its options.

    `kind` is the number of the options' table in its union, `options` its name, `values` the
    fields.
    """

    code: int
    inputs: Sequence[int]
    outputs: Sequence[int]
    kind: int
    options: str
    values: dict[str, Any]


@dataclass
class Graph:
    """The contents of a `.tflite` file with one subgraph."""

    description: str
    buffers: list[bytes] = field(default_factory=lambda: [b""])
    tensors: list[Tensor] = field(default_factory=list)
    operators: list[Operator] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    quantizations: dict[int, Quantization] = field(default_factory=dict)
    inputs: list[int] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)


def serialize(graph: Graph) -> bytes:
    """Returns the bytes of the `.tflite` file."""
    b = flatbuffers.Builder(1 << 20)
    buffers = [_buffer(b, data) for data in graph.buffers]
    tensors = [_tensor(b, t, graph.quantizations.get(i)) for i, t in enumerate(graph.tensors)]
    operators = [_operator(b, o, graph.codes) for o in graph.operators]
    codes = [_operator_code(b, code) for code in graph.codes]
    subgraph = _subgraph(b, graph, tensors, operators)
    subgraphs = _offsets(b, [subgraph])
    codes_vector = _offsets(b, codes)
    buffers_vector = _offsets(b, buffers)
    description = b.CreateString(graph.description)
    tflite.ModelStart(b)
    tflite.ModelAddVersion(b, SCHEMA_VERSION)
    tflite.ModelAddOperatorCodes(b, codes_vector)
    tflite.ModelAddSubgraphs(b, subgraphs)
    tflite.ModelAddDescription(b, description)
    tflite.ModelAddBuffers(b, buffers_vector)
    b.Finish(tflite.ModelEnd(b), file_identifier=b"TFL3")
    return bytes(b.Output())


def _subgraph(
    b: flatbuffers.Builder, graph: Graph, tensors: list[int], operators: list[int]
) -> int:
    tensors_vector = _offsets(b, tensors)
    operators_vector = _offsets(b, operators)
    inputs = _integers(b, graph.inputs)
    outputs = _integers(b, graph.outputs)
    name = b.CreateString("main")
    tflite.SubGraphStart(b)
    tflite.SubGraphAddTensors(b, tensors_vector)
    tflite.SubGraphAddInputs(b, inputs)
    tflite.SubGraphAddOutputs(b, outputs)
    tflite.SubGraphAddOperators(b, operators_vector)
    tflite.SubGraphAddName(b, name)
    return tflite.SubGraphEnd(b)


def _buffer(b: flatbuffers.Builder, data: bytes) -> int:
    vector = None
    if data:
        # Copied in one piece; the builder's own way takes a call for every byte.
        b.StartVector(1, len(data), BUFFER_ALIGNMENT)
        b.head -= len(data)
        b.Bytes[b.head : b.head + len(data)] = data
        vector = b.EndVector()
    tflite.BufferStart(b)
    if vector is not None:
        tflite.BufferAddData(b, vector)
    return tflite.BufferEnd(b)


def _tensor(b: flatbuffers.Builder, tensor: Tensor, quantization: Quantization | None) -> int:
    shape = _integers(b, tensor.shape)
    name = b.CreateString(tensor.name)
    parameters = _quantization(b, quantization) if quantization else None
    tflite.TensorStart(b)
    if parameters is not None:
        tflite.TensorAddQuantization(b, parameters)
    tflite.TensorAddShape(b, shape)
    tflite.TensorAddType(b, tensor.kind)
    tflite.TensorAddBuffer(b, tensor.buffer)
    tflite.TensorAddName(b, name)
    return tflite.TensorEnd(b)


def _quantization(b: flatbuffers.Builder, quantization: Quantization) -> int:
    scales = b.CreateNumpyVector(quantization.scales)
    zeros = b.CreateNumpyVector(quantization.zeros)
    tflite.QuantizationParametersStart(b)
    tflite.QuantizationParametersAddScale(b, scales)
    tflite.QuantizationParametersAddZeroPoint(b, zeros)
    tflite.QuantizationParametersAddQuantizedDimension(b, quantization.axis)
    return tflite.QuantizationParametersEnd(b)


def _operator(b: flatbuffers.Builder, operator: Operator, codes: list[int]) -> int:
    getattr(tflite, operator.options + "Start")(b)
    for name, value in operator.values.items():
        getattr(tflite, operator.options + "Add" + name)(b, value)
    options = getattr(tflite, operator.options + "End")(b)
    inputs = _integers(b, operator.inputs)
    outputs = _integers(b, operator.outputs)
    tflite.OperatorStart(b)
    tflite.OperatorAddOpcodeIndex(b, codes.index(operator.code))
    tflite.OperatorAddInputs(b, inputs)
    tflite.OperatorAddOutputs(b, outputs)
    tflite.OperatorAddBuiltinOptionsType(b, operator.kind)
    tflite.OperatorAddBuiltinOptions(b, options)
    return tflite.OperatorEnd(b)


def _operator_code(b: flatbuffers.Builder, code: int) -> int:
    tflite.OperatorCodeStart(b)
    # The old field has one byte; 127 tells readers to take the new one.
    tflite.OperatorCodeAddDeprecatedBuiltinCode(b, min(code, 127))
    tflite.OperatorCodeAddVersion(b, OPERATOR_VERSIONS.get(code, 1))
    tflite.OperatorCodeAddBuiltinCode(b, code)
    return tflite.OperatorCodeEnd(b)


def _offsets(b: flatbuffers.Builder, items: list[int]) -> int:
    b.StartVector(4, len(items), 4)
    for item in reversed(items):
        b.PrependUOffsetTRelative(item)
    return b.EndVector()


def _integers(b: flatbuffers.Builder, values: Sequence[int]) -> int:
    array = np.asarray(values, np.int32).ravel()
    if array.size:
        return b.CreateNumpyVector(array)
    b.StartVector(4, 0, 4)
    return b.EndVector()
