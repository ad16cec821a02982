"""Lays out the trained networks as `.tflite` graphs, batch norm and identity folded."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from ..models.blocks import SeparableBlock, fold_batch_norm
from ..models.expression import EMOTION_SIZE, ExpressionStudent
from ..models.face import FaceNet
from ..models.refine import RefineNet
from .tflite_writer import RELU, Writer

# Makes the writer of a graph with this description.
MakeWriter = Callable[[str], Writer]


def add_folded_blocks(writer: Writer, name: str, x: int, blocks: Iterable[nn.Module]) -> int:
    """Adds `FoldedBlock`s, one convolution each."""
    for i, block in enumerate(blocks):
        weight, bias = (t.numpy() for t in block.folded())
        x = writer.conv(f"{name}_{i}", x, weight, bias, block.conv.stride[0], RELU)
    return x


def add_separable_blocks(writer: Writer, name: str, x: int, blocks: Iterable[nn.Module]) -> int:
    """Adds `SeparableBlock`s, two convolutions each."""
    for i, block in enumerate(blocks):
        weight, bias = (t.numpy() for t in fold_batch_norm(block.spatial, block.spatial_norm))
        convolve = writer.conv if block.spatial.groups == 1 else writer.depthwise
        x = convolve(f"{name}_{i}_spatial", x, weight, bias, block.spatial.stride[0], RELU)
        weight, bias = (t.numpy() for t in fold_batch_norm(block.point, block.point_norm))
        x = writer.conv(f"{name}_{i}_point", x, weight, bias, 1, RELU)
    return x


def parameters(layer: nn.Module) -> tuple[np.ndarray, np.ndarray]:
    """Returns weight and bias of a layer."""
    return layer.weight.detach().numpy(), layer.bias.detach().numpy()


def export_expression(net: ExpressionStudent, make_writer: MakeWriter = Writer) -> bytes:
    """Returns the file of a student.

    It runs over the face and its mirror image, as a batch of two, and puts out the normalized mean
    of both embeddings.
    """
    writer = make_writer("moue expression: face crop in [-1, 1] to a unit-length embedding")
    x = writer.input("face", [1, net.input_size, net.input_size, net.channels])
    x = writer.concat("both_sides", [x, writer.reverse("mirrored", x, 2)], 0)
    is_separable = net.block_class is SeparableBlock
    add_blocks = add_separable_blocks if is_separable else add_folded_blocks
    x = add_blocks(writer, "block", writer.first_input(x), net.blocks)
    x = writer.dense("hidden", writer.mean("pooled", x), *parameters(net.hidden), RELU)
    weight, bias = parameters(net.project)
    parts = []
    for name, rows in (("emotion", slice(EMOTION_SIZE)), ("nuance", slice(EMOTION_SIZE, None))):
        projected = writer.dense(f"{name}_projected", x, weight[rows], bias[rows])
        parts.append(writer.normalize(name, projected))
    sizes = [writer.shape(part)[1] for part in parts]
    lengths = np.repeat([float(length) for length in net.part_lengths()], sizes)
    joined = writer.concat("joined", parts, 1)
    both = writer.multiply("sides", joined, lengths.astype(np.float32))
    mean = writer.mean("mean", both, (0,), True)
    return writer.finish([writer.normalize("expression", mean)])


def export_face(net: FaceNet, make_writer: MakeWriter = Writer) -> bytes:
    """Returns the file of a detector: boxes (1×1344×16, in input pixels) and scores (1×1344×1)."""
    writer = make_writer("moue face: RGB picture in [-1, 1] to boxes with key points, and scores")
    size = net.input_size
    x = writer.first_input(writer.input("picture", [1, size, size, 3]))
    stem = add_folded_blocks(writer, "stem", x, net.stem)
    fine = add_folded_blocks(writer, "fine", stem, net.fine)
    middle = add_folded_blocks(writer, "middle", fine, net.middle)
    coarse = add_folded_blocks(writer, "coarse", middle, net.coarse)
    middle = _add_coarser(writer, "middle", middle, coarse, net.down[0])
    fine = _add_coarser(writer, "fine", fine, middle, net.down[1])
    boxes, scores = [], []
    grids = zip(("fine", "middle", "coarse"), (fine, middle, coarse), strict=True)
    for (name, x), head, scale in zip(grids, net.heads, net.SCALES, strict=True):
        weight, bias = parameters(head)
        cells = writer.shape(x)[1] ** 2
        # Boxes count in pixels of the input, as BlazeFace's do.
        pixels = scale * size
        y = writer.conv(f"{name}_boxes", x, weight[1:] * pixels, bias[1:] * pixels)
        boxes.append(writer.reshape(f"{name}_box_rows", y, [1, cells, 16]))
        y = writer.conv(f"{name}_scores", x, weight[:1], bias[:1])
        scores.append(writer.reshape(f"{name}_score_rows", y, [1, cells, 1]))
    return writer.finish([writer.concat("boxes", boxes, 1), writer.concat("scores", scores, 1)])


def _add_coarser(writer: Writer, name: str, x: int, coarser: int, lateral: nn.Module) -> int:
    """Adds the features of the next coarser grid, at twice the size."""
    y = writer.conv(f"{name}_down", coarser, *parameters(lateral))
    return writer.add(f"{name}_sum", x, writer.upsample(f"{name}_up", y), RELU)


def export_refine(net: RefineNet, make_writer: MakeWriter = Writer) -> bytes:
    """Returns the file of a refiner: a logit, a box and key points (1×17)."""
    writer = make_writer("moue refine: RGB close-up in [-1, 1] to a logit, a box and key points")
    x = writer.input("close_up", [1, net.input_size, net.input_size, 3])
    x = add_folded_blocks(writer, "block", writer.first_input(x), net.blocks)
    x = writer.reshape("flat", x, [1, net.read.in_features])
    return writer.finish([writer.dense("face", x, *parameters(net.read))])


@dataclass(frozen=True)
class NetworkKind:
    """A kind of network: how to make one, how to write it, and what the file's outputs equal.

    `run` returns the outputs of the PyTorch net in the order and the units of the file.
    """

    name: str
    make: Callable[[], nn.Module]
    export: Callable[..., bytes]
    channels: int
    run: Callable[[Any, torch.Tensor], Sequence[torch.Tensor]]


def _run_face(net: FaceNet, x: torch.Tensor) -> Sequence[torch.Tensor]:
    logits, values = net(x)
    return [values * net.input_size, logits[..., None]]


KINDS = {
    "expression": NetworkKind(
        "expression", ExpressionStudent, export_expression, 1, lambda net, x: [net.embed(x)]
    ),
    "face": NetworkKind("face", FaceNet, export_face, 3, _run_face),
    "refine": NetworkKind("refine", RefineNet, export_refine, 3, lambda net, x: [net(x)]),
}
