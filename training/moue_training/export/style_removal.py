"""Removes what an embedding holds of a picture's style, such as whether a face is drawn.

The difference of the class means of photos and drawings points along one constant direction. It is
a nuisance: projecting it out before the last normalization is nuisance attribute projection
(Solomonoff, Campbell, Boardman 2005), as in speaker recognition and domain adaptation.
"""

import math
from collections.abc import Mapping, Sequence

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

# Embeddings (N×64) of each class of expressions.
ClassEmbeddings = Mapping[str, np.ndarray]
# The name of the step's output, and of its constants; a file that has it is not projected again.
STEP, WEIGHT = "style_removed", "style_removal_weight"


def style_directions(photos: ClassEmbeddings, drawn: ClassEmbeddings, count: int) -> np.ndarray:
    """Returns orthonormal directions (count×64) in which drawn faces differ from photos.

    The first is the mean over classes of the difference of class means: a class with many pictures
    counts no more than another, and what classes differ in cancels. The others are the principal
    directions of what is left of the differences.
    """
    offsets = np.array([photos[name].mean(0) - faces.mean(0) for name, faces in drawn.items()])
    first = offsets.mean(0)
    first /= np.linalg.norm(first)
    rest = offsets - (offsets @ first)[:, None] * first
    return np.concatenate([first[None], np.linalg.svd(rest, full_matrices=False)[2][: count - 1]])


def remove(embeddings: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """Returns unit-length embeddings (N×64) without the directions (K×64, orthonormal)."""
    return unit(embeddings - (embeddings @ directions.T) @ directions)


def unit(embeddings: np.ndarray) -> np.ndarray:
    """Returns embeddings (N×64) of unit length."""
    scaled: np.ndarray = embeddings / np.linalg.norm(embeddings, axis=-1, keepdims=True)
    return scaled


def projection(directions: np.ndarray) -> np.ndarray:
    """Returns the matrix (64×64) that removes orthonormal directions (K×64)."""
    return np.eye(directions.shape[1]) - directions.T @ directions


def has_projection(data: bytes) -> bool:
    """Tells whether a `.tflite` file has the step already."""
    graph = schema.ModelT.InitFromPackedBuf(data, 0).subgraphs[0]
    return any(tensor.name == STEP.encode() for tensor in graph.tensors)


def with_projection(data: bytes, matrix: np.ndarray) -> bytes:
    """Returns the `.tflite` file with `matrix` as a dense step before its last operator.

    The last operator must be the normalization of one tensor (1×64). Raises a `ValueError` where it
    is not, or where the file has the step already.
    """
    if has_projection(data):
        raise ValueError("the file has this step already; export the network again first")
    model = schema.ModelT.InitFromPackedBuf(data, 0)
    graph = model.subgraphs[0]
    last = graph.operators[-1]
    code = model.operatorCodes[last.opcodeIndex]
    if code.builtinCode != schema.BuiltinOperator.L2_NORMALIZATION:
        raise ValueError("the last operator is not L2_NORMALIZATION")
    size = len(matrix)
    weight = _add_constant(model, WEIGHT, matrix)
    bias = _add_constant(model, "style_removal_bias", np.zeros(size))
    output = _add_tensor(graph, STEP, [1, size], 0)
    step = _dense(model, [int(last.inputs[0]), weight, bias], output)
    graph.operators.insert(len(graph.operators) - 1, step)
    last.inputs = np.array([output], np.int32)
    return _packed(model, len(data) + matrix.nbytes)


def matrix_of(data: bytes) -> np.ndarray:
    """Returns the matrix (64×64) of the step in a `.tflite` file."""
    model = schema.ModelT.InitFromPackedBuf(data, 0)
    values = np.frombuffer(bytes(_weight_buffer(model).data), "<f4")
    return values.reshape(math.isqrt(len(values)), -1)


def with_matrix(data: bytes, matrix: np.ndarray) -> bytes:
    """Returns the `.tflite` file with another matrix in the step that it has."""
    model = schema.ModelT.InitFromPackedBuf(data, 0)
    if matrix.shape != matrix_of(data).shape or not np.isfinite(matrix).all():
        raise ValueError("the matrix is not one for this step")
    _weight_buffer(model).data = np.frombuffer(matrix.astype("<f4").tobytes(), np.uint8)
    return _packed(model, len(data))


def _weight_buffer(model: schema.ModelT) -> schema.BufferT:
    found = [t.buffer for t in model.subgraphs[0].tensors if t.name == WEIGHT.encode()]
    if not found:
        raise ValueError("the file has no linear step before its normalization")
    return model.buffers[found[0]]


def _packed(model: schema.ModelT, size: int) -> bytes:
    builder = flatbuffers.Builder(size)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _add_tensor(graph: schema.SubGraphT, name: str, shape: Sequence[int], buffer: int) -> int:
    tensor = schema.TensorT()
    tensor.name = name
    tensor.shape = np.array(shape, np.int32)
    tensor.type = schema.TensorType.FLOAT32
    tensor.buffer = buffer
    graph.tensors.append(tensor)
    return len(graph.tensors) - 1


def _add_constant(model: schema.ModelT, name: str, values: np.ndarray) -> int:
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(values.astype("<f4").tobytes(), np.uint8)
    model.buffers.append(buffer)
    return _add_tensor(model.subgraphs[0], name, values.shape, len(model.buffers) - 1)


def _dense(model: schema.ModelT, inputs: Sequence[int], output: int) -> schema.OperatorT:
    """Returns a FULLY_CONNECTED operator; the networks have others, so its code is there."""
    codes = [code.builtinCode for code in model.operatorCodes]
    step = schema.OperatorT()
    step.opcodeIndex = codes.index(schema.BuiltinOperator.FULLY_CONNECTED)
    step.inputs = np.array(inputs, np.int32)
    step.outputs = np.array([output], np.int32)
    step.builtinOptionsType = schema.BuiltinOptions.FullyConnectedOptions
    step.builtinOptions = schema.FullyConnectedOptionsT()
    step.builtinOptions.keepNumDims = True
    return step
