"""The teachers: networks pretrained to recognize persons, with a head for emotions.

They are bases of teachers only and never part of what ships; `pretrained` loads their weights.
"""

import torch
import torch.nn.functional as F
from torch import nn

# (channels in, channels out, stride) of each depthwise + pointwise pair of MobileNet.
MOBILENET_PAIRS = [
    (32, 64, 1),
    (64, 128, 2),
    (128, 128, 1),
    (128, 256, 2),
    (256, 256, 1),
    (256, 512, 2),
    *[(512, 512, 1)] * 5,
    (512, 1024, 2),
    (1024, 1024, 1),
]
# Of VGGFace, in BGR; and of dlib, in RGB. What the bases were trained with.
VGGFACE_MEANS = (103.939, 116.779, 123.68)
DLIB_MEANS = (122.782, 117.001, 104.298)
# (name in the file, channels in, channels out, stride) of the residual blocks of dlib's network.
RESIDUAL_BLOCKS = [
    ("32_1", 32, 32, 1),
    ("32_2", 32, 32, 1),
    ("32_3", 32, 32, 1),
    ("64_down", 32, 64, 2),
    ("64_1", 64, 64, 1),
    ("64_2", 64, 64, 1),
    ("64_3", 64, 64, 1),
    ("128_down", 64, 128, 2),
    ("128_1", 128, 128, 1),
    ("128_2", 128, 128, 1),
    ("256_down", 128, 256, 2),
    ("256_1", 256, 256, 1),
    ("256_2", 256, 256, 1),
    ("256_down_out", 256, 256, 2),
]
# bfloat16 takes a quarter less time for dense convolutions where the processor multiplies it
# natively, and is slower elsewhere.
USE_BFLOAT16 = (
    torch.backends.cpu.get_cpu_capability() == "AVX512" and torch.cpu._is_avx512_bf16_supported()
)


class SameConv(nn.Conv2d):
    """A convolution padded as TensorFlow's SAME: at stride 2 only below and to the right."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Maps N×C×H×W to N×O×H/stride×W/stride."""
        if self.kernel_size[0] == 3 and self.stride[0] == 2:
            x = F.pad(x, (0, 1, 0, 1))
        return super().forward(x)


def same_conv(inputs: int, outputs: int, size: int, stride: int = 1, groups: int = 1) -> SameConv:
    """Returns a convolution with SAME padding for a kernel of 1 or 3."""
    padding = 1 if size == 3 and stride == 1 else 0
    return SameConv(inputs, outputs, size, stride, padding, groups=groups)


class FaceTeacher(nn.Module):
    """Gray face (N×1×112×112 in [-1, 1]) → embedding of 64 numbers of unit length.

    Its base is a MobileNet (Howard et al. 2017) trained on VGGFace2, which takes BGR pictures of 0
    to 255 less the means of VGGFace.
    """

    def __init__(self, emotions: int = 8):
        super().__init__()
        self.input_size, self.channels = 112, 1
        layers = [same_conv(3, 32, 3, 2), nn.ReLU6()]
        for inputs, outputs, stride in MOBILENET_PAIRS:
            layers += [same_conv(inputs, inputs, 3, stride, inputs), nn.ReLU6()]
            layers += [same_conv(inputs, outputs, 1), nn.ReLU6()]
        self.base = nn.Sequential(*layers)
        # Against overfitting: the base has millions of weights, FER+ some 25 thousand faces.
        self.dropout = nn.Dropout(0.4)
        self.project = nn.Linear(MOBILENET_PAIRS[-1][1], 64)
        self.classify = nn.Linear(64, emotions)
        self.scale = nn.Parameter(torch.tensor(8.0))
        self.register_buffer("means", torch.tensor(VGGFACE_MEANS).view(1, 3, 1, 1))

    def features(self, x: torch.Tensor) -> torch.Tensor:
        """Returns the pooled features of the base (N×1024)."""
        x = (x + 1) * 127.5 - self.means
        return self.base(x.to(memory_format=torch.channels_last)).mean((2, 3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Returns the embeddings (N×64)."""
        return F.normalize(self.project(self.dropout(self.features(x))), dim=1)

    def emotion_logits(self, embedding: torch.Tensor) -> torch.Tensor:
        """Returns the logits (N×8) of the emotions."""
        return self.classify(embedding * self.scale)


class Residual(nn.Module):
    """Two 3×3 convolutions beside the input, as in ResNet (He et al. 2016), in dlib's form.

    With stride 2 the first pads nothing and the input is averaged in pairs.
    """

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1 if stride == 1 else 0)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1)
        self.stride = stride

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Maps N×inputs×H×W to N×outputs×H/stride×W/stride."""
        y = self.second(F.relu(self.first(x)))
        if self.stride == 2:
            x = F.avg_pool2d(x, 2)
            x = F.pad(x, (0, 0, 0, 0, 0, y.shape[1] - x.shape[1]))
            y = F.pad(y, (0, x.shape[3] - y.shape[3], 0, x.shape[2] - y.shape[2]))
        return F.relu(x + y)


class ResidualTeacher(FaceTeacher):
    """Gray face (N×1×130×130 in [-1, 1]) → embedding of 64 numbers of unit length.

    Its base is the residual network of dlib, trained to recognize persons, which takes RGB pictures
    of 0 to 255 less dlib's means, over 256.
    """

    def __init__(self, emotions: int = 8):
        super().__init__(emotions)
        self.input_size = 130
        stem = [nn.Conv2d(3, 32, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2)]
        blocks = [Residual(i, o, stride) for _, i, o, stride in RESIDUAL_BLOCKS]
        self.base = nn.Sequential(*stem, *blocks)
        self.project = nn.Linear(RESIDUAL_BLOCKS[-1][2], 64)
        self.means.copy_(torch.tensor(DLIB_MEANS).view(1, 3, 1, 1))

    def features(self, x: torch.Tensor) -> torch.Tensor:
        """Returns the pooled features of the base (N×256)."""
        x = ((x + 1) * 127.5 - self.means) / 256
        with torch.autocast("cpu", torch.bfloat16, enabled=USE_BFLOAT16):
            return self.base(x.to(memory_format=torch.channels_last)).mean((2, 3)).float()


def teacher_of(state: dict[str, torch.Tensor]) -> FaceTeacher:
    """Returns the teacher that has this state, of the class whose weights it names."""
    net = ResidualTeacher() if "base.3.first.weight" in state else FaceTeacher()
    net.load_state_dict(state)
    return net.to(memory_format=torch.channels_last)
