"""The nets: plain stacks of 3×3 convolutions whose batch norm and identity fold away at export."""

import torch
from torch import nn
import torch.nn.functional as F


def folded(conv, norm):
    """Weights (OIHW) and bias of the convolution that equals `conv` and the batch norm after it."""
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return (conv.weight * scale[:, None, None, None]).detach(), (norm.bias - norm.running_mean * scale).detach()


class FoldedBlock(nn.Module):
    """conv 3×3 → batch norm (→ + input) → ReLU. The identity becomes the kernel's center tap at export."""

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
        weight, bias = folded(self.conv, self.norm)
        if self.identity:
            channels = torch.arange(weight.shape[0])
            weight[channels, channels, 1, 1] += 1.0
        return weight, bias


class ExpressionStudent(nn.Module):
    """Gray 64×64 face (N×1×64×64, values in [-1, 1]) → unit-length embedding of 64 numbers; 43 M multiply-adds, 1.2 M weights.

    The first `EMOTION` numbers of an embedding say what the votes say, the others the nuance that blendshapes have. Each part lies
    on a sphere of its own: a face whose nuance the net is unsure of has one all the same, and does not come to lie in the middle
    of the others, where it would be everybody's neighbor.
    """

    INPUT, CHANNELS, BLOCK = 64, 1, FoldedBlock
    LAYOUT = [(24, 2), (40, 2), (40, 1), (40, 1), (88, 2), (88, 1), (88, 1), (88, 1), (88, 1), (192, 2), (192, 1), (192, 1)]
    HIDDEN, EMOTION = 320, 48

    def __init__(self, emotions: int = 8, nuance: float = 0.27):
        super().__init__()
        blocks, channels = [], self.CHANNELS
        for outputs, stride in self.LAYOUT:
            blocks.append(self.BLOCK(channels, outputs, stride))
            channels = outputs
        self.blocks = nn.Sequential(*blocks)
        self.hidden = nn.Linear(channels, self.HIDDEN)
        self.project = nn.Linear(self.HIDDEN, 64)
        # Length of the nuance beside the whole embedding's.
        self.register_buffer("nuance", torch.tensor(nuance))
        # Only for training: reads the emotions off the embedding.
        self.classify = nn.Linear(64, emotions)
        self.scale = nn.Parameter(torch.tensor(8.0))

    def pooled(self, x):
        return self.blocks(x).mean((2, 3))

    def lengths(self):
        """Of the two parts; the whole has a length of 1."""
        return (1 - self.nuance**2).sqrt(), self.nuance

    def parts(self, pooled):
        """Emotion (N×48) and nuance (N×16), both of unit length."""
        both = self.project(F.relu(self.hidden(pooled)))
        return F.normalize(both[:, : self.EMOTION], dim=1), F.normalize(both[:, self.EMOTION :], dim=1)

    def joined(self, emotion, nuance):
        a, b = self.lengths()
        return torch.cat([a * emotion, b * nuance], 1)

    def forward(self, x):
        return self.joined(*self.parts(self.pooled(x)))

    def both_sides(self, x):
        """The mean embedding of the faces and their mirror images, of unit length: what the exported net says."""
        return F.normalize(self(x) + self(x.flip(3)), dim=1)

    def emotions(self, embedding):
        return self.classify(embedding * self.scale)


class FaceNet(nn.Module):
    """RGB 128×128 in [-1, 1] → for each cell of three grids a score and 16 numbers.

    The 16 numbers are box center x, y, width, height and six key points, as shares of the
    picture's side, centers and points counted from the cell's own center.
    """

    INPUT = 128
    GRIDS = (32, 16, 8)
    # What the regressors' outputs are multiplied by on each grid, so that they stay near 1.
    SCALES = (0.1, 0.22, 0.5)

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(FoldedBlock(3, 16, 2))
        self.fine = nn.Sequential(FoldedBlock(16, 24, 2), FoldedBlock(24, 24))
        self.middle = nn.Sequential(FoldedBlock(24, 48, 2), FoldedBlock(48, 48), FoldedBlock(48, 48))
        self.coarse = nn.Sequential(FoldedBlock(48, 80, 2), FoldedBlock(80, 80), FoldedBlock(80, 80), FoldedBlock(80, 80))
        self.down = nn.ModuleList([nn.Conv2d(80, 48, 1), nn.Conv2d(48, 24, 1)])
        self.heads = nn.ModuleList([nn.Conv2d(c, 17, 1) for c in (24, 48, 80)])
        for head in self.heads:
            nn.init.normal_(head.weight, std=0.01)
            nn.init.zeros_(head.bias)
            nn.init.constant_(head.bias[0], -4.0)

    def features(self, x):
        fine = self.fine(self.stem(x))
        middle = self.middle(fine)
        coarse = self.coarse(middle)
        middle = F.relu(middle + F.interpolate(self.down[0](coarse), scale_factor=2, mode="bilinear", align_corners=False))
        fine = F.relu(fine + F.interpolate(self.down[1](middle), scale_factor=2, mode="bilinear", align_corners=False))
        return fine, middle, coarse

    def forward(self, x):
        """Logits N×1344 and regressors N×1344×16, the finest grid first."""
        logits, values = [], []
        for feature, head, scale in zip(self.features(x), self.heads, self.SCALES):
            out = head(feature).flatten(2).transpose(1, 2)
            logits.append(out[..., 0])
            values.append(out[..., 1:] * scale)
        return torch.cat(logits, 1), torch.cat(values, 1)


class RefineNet(nn.Module):
    """RGB 96×96 in [-1, 1], the middle half of which should be a face → a logit and 16 numbers.

    The 16 numbers are box center x, y, width, height and six key points, as shares of the picture's side, centers and
    points counted from the middle.
    """

    INPUT = 96
    # Widths of the box that the net is shown.
    SHOWN = 2.0
    LAYOUT = [(16, 2), (32, 2), (32, 1), (64, 2), (64, 1), (64, 1), (96, 2), (96, 1), (96, 1)]

    def __init__(self):
        super().__init__()
        blocks, channels = [], 3
        for outputs, stride in self.LAYOUT:
            blocks.append(FoldedBlock(channels, outputs, stride))
            channels = outputs
        self.blocks = nn.Sequential(*blocks)
        self.read = nn.Linear(channels * 6 * 6, 17)
        nn.init.normal_(self.read.weight, std=0.003)
        nn.init.zeros_(self.read.bias)

    def forward(self, x):
        # Rows, columns, channels: the order in which a `.tflite` file flattens.
        return self.read(self.blocks(x).permute(0, 2, 3, 1).flatten(1))
