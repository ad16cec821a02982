"""What brings faces to drawings: those of their emotion, and those of their expression.

A clear face of one emotion is to be near to the drawings of that emotion, and of no other.
Distances of targets alone do not: the eyelids that MediaPipe sees half closed in many photos of
neutral people put a quarter of them next to drawings of bored and sleeping ones.

A head or photo of a known expression is to be near to the drawings that show it, whatever their
emotion: winks to winks, kisses to kisses.
"""

from typing import NamedTuple

import torch

# Of faces that no class is known of.
NO_CLASS = -1
# Divides the cosine of embeddings in the softmax; the drawings nearest to a face differ by some
# hundredths.
TEMPERATURE = 0.05
# So many drawings of the last batches are there to choose from: most poses, several times.
QUEUE_SIZE = 480


class Drawn(NamedTuple):
    """Drawings: embeddings (M×64), and the emotions and expressions that they show (M)."""

    embeddings: torch.Tensor
    classes: torch.Tensor
    expressions: torch.Tensor


class DrawingQueue:
    """The drawings in the last batches, `size` at most, newest first."""

    def __init__(self, size: int = QUEUE_SIZE):
        self.size = size
        self.held: Drawn | None = None

    def with_batch(self, batch: Drawn) -> Drawn:
        """Returns those of a batch and those before it, and stores this batch for later calls."""
        pairs = zip(batch, self.held or batch, strict=True)
        joined = Drawn(*map(torch.cat, pairs)) if self.held else batch
        self.held = Drawn(*(part.detach()[: self.size] for part in joined))
        return joined


def cross_style_loss(
    faces: torch.Tensor,
    classes: torch.Tensor,
    drawings: torch.Tensor,
    drawn_classes: torch.Tensor,
    weights: torch.Tensor | None = None,
    is_ignored: torch.Tensor | None = None,
) -> torch.Tensor:
    """Returns the cross entropy of a face (N×64) picking a drawing (M×64) of its class.

    The supervised contrastive loss (Khosla et al. 2020) with all positives inside the logarithm,
    so that a face need not be near to every drawing of its class. `classes` (N) and `drawn_classes`
    (M) are numbers; faces of `NO_CLASS` do not count. `weights` (N) are those of the faces.
    `is_ignored` (N×M) are drawings of which nobody knows whether they are right.
    """
    is_known = classes != NO_CLASS
    cosines = faces[is_known] @ drawings.T / TEMPERATURE
    if is_ignored is not None:
        cosines = cosines.masked_fill(is_ignored[is_known], -1e4)
    is_right = classes[is_known, None] == drawn_classes
    loss = picking_losses(cosines, is_right)
    counts = is_right.any(1) * (1.0 if weights is None else weights[is_known])
    # A class without a drawing among these asks for nothing.
    return (loss * counts).sum() / max(len(loss), 1)


def picking_losses(cosines: torch.Tensor, is_right: torch.Tensor) -> torch.Tensor:
    """Returns the cross entropy (N) of picking any of the right drawings (N×M) by their cosines."""
    return cosines.logsumexp(1) - cosines.masked_fill(~is_right, -1e4).logsumexp(1)
