"""The expression network that ships: the student of the distillation."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn

from .blocks import FoldedBlock

EMBEDDING_SIZE = 64
# Dimensions of the emotion part; the other 16 are the nuance, one for each direction of `targets`.
EMOTION_SIZE = 48
HIDDEN_SIZE = 320
# (channels, stride) of each block: 43 million multiply-adds; `compare_models` has other layouts of
# about that cost.
LAYOUT = [
    (24, 2),
    (40, 2),
    *[(40, 1)] * 2,
    (88, 2),
    *[(88, 1)] * 4,
    (192, 2),
    *[(192, 1)] * 2,
]


class ExpressionStudent(nn.Module):
    """Gray face (N×1×64×64 in [-1, 1]) → embedding of 64 values and unit length; 1.2 M weights.

    The first 48 numbers follow the emotions that annotators vote for, the other 16 the nuance that
    blendshapes have. Each part lies on a sphere of its own: a nuance of which the network is unsure
    does not shrink to the center, where it would be near to all others (a hub).
    """

    def __init__(
        self,
        emotions: int = 8,
        nuance: float = 0.27,
        input_size: int = 64,
        channels: int = 1,
        layout: Sequence[tuple[int, int]] = LAYOUT,
        block: type[nn.Module] = FoldedBlock,
    ):
        super().__init__()
        self.input_size, self.channels, self.block_class = input_size, channels, block
        blocks = []
        width = channels
        for outputs, stride in layout:
            blocks.append(block(width, outputs, stride))
            width = outputs
        self.blocks = nn.Sequential(*blocks)
        self.hidden = nn.Linear(width, HIDDEN_SIZE)
        self.project = nn.Linear(HIDDEN_SIZE, EMBEDDING_SIZE)
        # Length of the nuance part; with 0.2 or 0.4 robustness or triplets were worse (model card).
        self.register_buffer("nuance", torch.tensor(nuance))
        # Only for training: classifies emotions from the embedding.
        self.classify = nn.Linear(EMBEDDING_SIZE, emotions)
        # A unit vector gives logits too small for a confident softmax; 8 is a start, it is learned.
        self.scale = nn.Parameter(torch.tensor(8.0))

    def pooled_features(self, x: torch.Tensor) -> torch.Tensor:
        """Returns the features (N×192) averaged over the picture."""
        return self.blocks(x).mean((2, 3))

    def part_lengths(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Returns the lengths of emotion and nuance; their squares sum to 1."""
        return (1 - self.nuance**2).sqrt(), self.nuance

    def parts(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Returns emotion (N×48) and nuance (N×16) of features, both of unit length."""
        both = self.project(F.relu(self.hidden(features)))
        emotion = F.normalize(both[:, :EMOTION_SIZE], dim=1)
        return emotion, F.normalize(both[:, EMOTION_SIZE:], dim=1)

    def join(self, emotion: torch.Tensor, nuance: torch.Tensor) -> torch.Tensor:
        """Returns the embedding (N×64) of two parts."""
        emotion_length, nuance_length = self.part_lengths()
        return torch.cat([emotion_length * emotion, nuance_length * nuance], 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Returns the embeddings (N×64) of faces as they are, not mirrored."""
        return self.join(*self.parts(self.pooled_features(x)))

    def embed(self, x: torch.Tensor) -> torch.Tensor:
        """Returns the normalized mean embedding of faces and mirror images, as the export does."""
        return F.normalize(self(x) + self(x.flip(3)), dim=1)

    def emotion_logits(self, embedding: torch.Tensor) -> torch.Tensor:
        """Returns the logits (N×8) of the emotions."""
        return self.classify(embedding * self.scale)
