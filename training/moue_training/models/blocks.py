"""The building block of all three networks: a 3×3 convolution that needs no other operator."""

import torch
import torch.nn.functional as F
from torch import nn


def fold_batch_norm(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns weights (OIHW) and bias of the convolution that equals `conv` and then `norm`."""
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    weight = (conv.weight * scale[:, None, None, None]).detach()
    return weight, (norm.bias - norm.running_mean * scale).detach()


class FoldedBlock(nn.Module):
    """3×3 convolution → batch norm (→ + input) → ReLU, one convolution after export.

    The identity branch becomes the center tap of the kernel, as in RepVGG (Ding et al. 2021).
    """

    def __init__(self, inputs: int, outputs: int, stride: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.identity = inputs == outputs and stride == 1
        nn.init.kaiming_normal_(self.conv.weight, nonlinearity="relu")
        if self.identity:
            # Half the usual scale: the branch is added to the input, whose variance would grow with
            # every block otherwise.
            nn.init.constant_(self.norm.weight, 0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Maps N×inputs×H×W to N×outputs×H/stride×W/stride."""
        y = self.norm(self.conv(x))
        return F.relu(y + x if self.identity else y)

    def folded(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Returns the convolution (weights OIHW, bias) that equals the block before its ReLU."""
        weight, bias = fold_batch_norm(self.conv, self.norm)
        if self.identity:
            channels = torch.arange(weight.shape[0])
            weight[channels, channels, 1, 1] += 1.0
        return weight, bias


class SeparableBlock(nn.Module):
    """Depthwise 3×3 and pointwise 1×1 convolution, as in MobileNet (Howard et al. 2017).

    Batch norm and ReLU follow each. The first layer of a network is a full convolution.
    """

    def __init__(self, inputs: int, outputs: int, stride: int = 1):
        super().__init__()
        # Up to three channels are a picture, which has too few for a depthwise convolution.
        is_first = inputs <= 3
        between = outputs if is_first else inputs
        groups = 1 if is_first else inputs
        self.spatial = nn.Conv2d(inputs, between, 3, stride, 1, groups=groups, bias=False)
        self.spatial_norm = nn.BatchNorm2d(self.spatial.out_channels)
        self.point = nn.Conv2d(self.spatial.out_channels, outputs, 1, bias=False)
        self.point_norm = nn.BatchNorm2d(outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Maps N×inputs×H×W to N×outputs×H/stride×W/stride."""
        x = F.relu(self.spatial_norm(self.spatial(x)))
        return F.relu(self.point_norm(self.point(x)))
