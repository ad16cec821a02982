"""The refiner that ships: judges one proposed face and places its box and key points."""

import torch
from torch import nn

from .blocks import FoldedBlock

# (channels, stride) of each block.
LAYOUT = [(16, 2), (32, 2), (32, 1), (64, 2), (64, 1), (64, 1), (96, 2), (96, 1), (96, 1)]


class RefineNet(nn.Module):
    """RGB 96×96 in [-1, 1], whose middle half should be a face → a logit and 16 regressed values.

    The 16 numbers are box center x, y, width, height and six key points, as shares of the picture's
    side; centers and points count from the middle.
    """

    # Width of the crop in widths of the proposed box: a face half a box beside its proposal is
    # still inside, and so is what surrounds it.
    CONTEXT = 2.0

    def __init__(self) -> None:
        super().__init__()
        self.input_size = 96
        blocks, channels = [], 3
        for outputs, stride in LAYOUT:
            blocks.append(FoldedBlock(channels, outputs, stride))
            channels = outputs
        self.blocks = nn.Sequential(*blocks)
        # Four strides of 2 leave 6×6 cells.
        self.read = nn.Linear(channels * 6 * 6, 17)
        # Near zero, so that the first prediction is a centered box.
        nn.init.normal_(self.read.weight, std=0.003)
        nn.init.zeros_(self.read.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Returns N×17: the logit, then the 16 regressed values."""
        # Rows, columns, channels: the order in which a `.tflite` file flattens.
        return self.read(self.blocks(x).permute(0, 2, 3, 1).flatten(1))
