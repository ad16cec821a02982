"""The face detector that ships: a single-shot detector with a heat map on three grids."""

import torch
import torch.nn.functional as F
from torch import nn

from .blocks import FoldedBlock

# Columns of the 16 regressed numbers that are x and y coordinates; 2 and 3 are width and height.
X_COLUMNS = [0, 4, 6, 8, 10, 12, 14]
Y_COLUMNS = [1, 5, 7, 9, 11, 13, 15]


class FaceNet(nn.Module):
    """RGB 128×128 in [-1, 1] → for each cell of three grids a logit and 16 regressed values.

    The 16 numbers are box center x, y, width, height and six key points, as shares of the picture's
    side; centers and points count from the cell's own center. Features of the coarser grids are
    added to the finer ones, as in a feature pyramid network (Lin et al. 2017).
    """

    # Cells along a side: strides of 4, 8 and 16.
    GRIDS = (32, 16, 8)
    # Factors of the regressed numbers on each grid, about the size of its faces (`face_targets`):
    # what the convolution puts out stays near 1.
    SCALES = (0.1, 0.22, 0.5)

    def __init__(self) -> None:
        super().__init__()
        self.input_size = 128
        self.stem = nn.Sequential(FoldedBlock(3, 16, 2))
        self.fine = nn.Sequential(FoldedBlock(16, 24, 2), FoldedBlock(24, 24))
        self.middle = nn.Sequential(
            FoldedBlock(24, 48, 2), FoldedBlock(48, 48), FoldedBlock(48, 48)
        )
        self.coarse = nn.Sequential(
            FoldedBlock(48, 80, 2), FoldedBlock(80, 80), FoldedBlock(80, 80), FoldedBlock(80, 80)
        )
        self.down = nn.ModuleList([nn.Conv2d(80, 48, 1), nn.Conv2d(48, 24, 1)])
        self.heads = nn.ModuleList([nn.Conv2d(c, 17, 1) for c in (24, 48, 80)])
        for head in self.heads:
            nn.init.normal_(head.weight, std=0.01)
            nn.init.zeros_(head.bias)
            # A score of 0.02 everywhere: nearly all cells are background, which would dominate the
            # first steps otherwise (as in RetinaNet).
            nn.init.constant_(head.bias[0], -4.0)

    def features(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Returns the feature maps of the three grids, the finest first."""
        fine = self.fine(self.stem(x))
        middle = self.middle(fine)
        coarse = self.coarse(middle)
        middle = F.relu(middle + upsample(self.down[0](coarse)))
        fine = F.relu(fine + upsample(self.down[1](middle)))
        return fine, middle, coarse

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Returns logits N×1344 and regressed values N×1344×16, the finest grid first."""
        logits, values = [], []
        for feature, head, scale in zip(self.features(x), self.heads, self.SCALES, strict=True):
            out = head(feature).flatten(2).transpose(1, 2)
            logits.append(out[..., 0])
            values.append(out[..., 1:] * scale)
        return torch.cat(logits, 1), torch.cat(values, 1)


def upsample(x: torch.Tensor) -> torch.Tensor:
    """Doubles height and width, bilinear."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
