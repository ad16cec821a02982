"""The nets: plain stacks of 3×3 convolutions whose batch norm and identity fold away at export."""

import torch
from torch import nn
import torch.nn.functional as F


class FoldedBlock(nn.Module):
    """conv 3×3 → batch norm (→ + input) → ReLU. The identity becomes the kernel's centre tap at export."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.identity = inputs == outputs and stride == 1
        nn.init.kaiming_normal_(self.conv.weight, nonlinearity="relu")
        if self.identity:
            nn.init.constant_(self.norm.weight, 0.5)

    def forward(self, x):
        y = self.norm(self.conv(x))
        return F.relu(y + x if self.identity else y)

    def folded(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The one convolution (weights OIHW, bias) that equals the block before its ReLU."""
        scale = self.norm.weight / torch.sqrt(self.norm.running_var + self.norm.eps)
        weight = self.conv.weight * scale[:, None, None, None]
        bias = self.norm.bias - self.norm.running_mean * scale
        if self.identity:
            channels = torch.arange(weight.shape[0])
            weight = weight.clone()
            weight[channels, channels, 1, 1] += 1.0
        return weight.detach(), bias.detach()


class ExpressionNet(nn.Module):
    """Grey 64×64 face (N×1×64×64, values in [-1, 1]) → unit-length embedding of 64 numbers."""

    INPUT = 64
    LAYOUT = [(24, 2), (48, 2), (48, 1), (96, 2), (96, 1), (96, 1), (192, 2), (192, 1)]

    def __init__(self, emotions: int = 8):
        super().__init__()
        blocks, channels = [], 1
        for outputs, stride in self.LAYOUT:
            blocks.append(FoldedBlock(channels, outputs, stride))
            channels = outputs
        self.blocks = nn.Sequential(*blocks)
        self.project = nn.Linear(channels, 64)
        self.dropout = nn.Dropout(0.2)
        # Only for training: reads the emotions off the embedding.
        self.classify = nn.Linear(64, emotions)
        self.scale = nn.Parameter(torch.tensor(8.0))

    def forward(self, x):
        pooled = self.blocks(x).mean((2, 3))
        return F.normalize(self.project(self.dropout(pooled)), dim=1)

    def emotions(self, embedding):
        return self.classify(embedding * self.scale)
