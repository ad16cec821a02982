"""Reads a student's weights back from the `.tflite` file that it was exported to.

The file has batch norm and identity branches folded into its convolutions. They are unfolded so
that training can go on: batch norm gets the mean and variance that each convolution has on faces,
and scale and offset that undo the normalization.
"""

import numpy as np
import torch
from ai_edge_litert import schema_py_generated as schema
from torch import nn

from ..data.augment import resize
from ..models.blocks import FoldedBlock
from ..models.expression import ExpressionStudent
from ..models.inference import embed_all
from ..train.readout import fit

# NumPy's types of TensorFlow Lite's FLOAT32 and FLOAT16.
KINDS = {schema.TensorType.FLOAT32: "<f4", schema.TensorType.FLOAT16: "<f2"}


def constants(data: bytes) -> dict[str, np.ndarray]:
    """Returns the constant arrays of floats in a `.tflite` file, in single precision, by name."""
    model = schema.ModelT.InitFromPackedBuf(data, 0)
    found = {}
    for tensor in model.subgraphs[0].tensors:
        stored = model.buffers[tensor.buffer].data
        if stored is not None and len(stored) and tensor.type in KINDS:
            values = np.frombuffer(bytes(stored), KINDS[tensor.type])
            name = tensor.name.decode().removesuffix("_half")
            found[name] = values.reshape(tensor.shape).astype(np.float32)
    return found


def restore_student(data: bytes, faces: np.ndarray) -> ExpressionStudent:
    """Returns the student of a file; `faces` (N×H×W u8) are to measure batch norm's statistics.

    The step that removes the style is left out: exporting adds it again. The classifier of
    emotions, which no file has, is new; `fit_classifier` fits it.
    """
    table = constants(data)
    net = ExpressionStudent()
    with torch.no_grad():
        x = resize(torch.from_numpy(faces), net.input_size)
        for i, block in enumerate(net.blocks):
            weight = torch.from_numpy(table[f"block_{i}_weight"]).permute(0, 3, 1, 2).clone()
            x = _restore_block(block, weight, torch.from_numpy(table[f"block_{i}_bias"]), x)
        _copy(net.hidden, table["hidden_weight"], table["hidden_bias"])
        both = [
            np.concatenate([table[f"{part}_projected_{kind}"] for part in ("emotion", "nuance")])
            for kind in ("weight", "bias")
        ]
        _copy(net.project, *both)
        net.nuance.fill_(float(table["sides_values"][-1]))
    return net.eval()


def fit_classifier(net: ExpressionStudent, faces: np.ndarray, votes: np.ndarray) -> None:
    """Fits the classifier on embeddings of faces (N×H×W u8) and their vote shares (N×8)."""
    readout = fit(embed_all(net, torch.from_numpy(faces)), votes, np.ones(len(faces)))
    with torch.no_grad():
        _copy(net.classify, readout[:, :-1] / float(net.scale), readout[:, -1])


def _restore_block(
    block: FoldedBlock, weight: torch.Tensor, bias: torch.Tensor, x: torch.Tensor
) -> torch.Tensor:
    """Fills a block so that it computes `weight` and `bias`; returns its output for x."""
    if block.identity:
        channels = torch.arange(len(weight))
        weight[channels, channels, 1, 1] -= 1.0
    block.conv.weight.copy_(weight)
    found = block.conv(x)
    mean, variance = found.mean((0, 2, 3)), found.var((0, 2, 3))
    norm = block.norm
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)
    norm.weight.copy_((variance + norm.eps).sqrt())
    norm.bias.copy_(bias + mean)
    block.eval()
    output: torch.Tensor = block(x)
    return output


def _copy(layer: nn.Linear, weight: np.ndarray, bias: np.ndarray) -> None:
    layer.weight.copy_(torch.from_numpy(weight.astype(np.float32)))
    layer.bias.copy_(torch.from_numpy(bias.astype(np.float32)))
