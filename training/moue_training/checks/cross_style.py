"""Checks the loss that brings faces to the drawings of their emotion or expression."""

import torch

from ..train.cross_style import (
    NO_CLASS,
    DrawingQueue,
    Drawn,
    cross_style_loss,
)


def check_cross_style() -> str:
    """Raises an `AssertionError` if a face's own drawings are not what the loss asks for."""
    drawings, classes = torch.eye(64)[:3], torch.tensor([0, 1, NO_CLASS])
    face = torch.eye(64)[:1]

    def loss_of(number: int) -> float:
        return float(cross_style_loss(face, torch.tensor([number]), drawings, classes))

    assert loss_of(0) < 1e-6, "the nearest drawing is of the face's class"
    assert loss_of(1) > 10, "the nearest drawing is of another class"
    assert loss_of(2) == 0, "no drawing is of the face's class"
    assert loss_of(NO_CLASS) == 0, "a face without a class"
    bored = torch.tensor([[0.6, 0.0, 0.8]]) @ torch.eye(64)[:3]
    nearest = cross_style_loss(bored, torch.tensor([0]), drawings, classes)
    assert nearest > 1, "drawings that answer nobody are wrong answers too"
    pair, wanted = torch.eye(64)[:2], torch.tensor([1, 0])
    heavy, light = (
        float(cross_style_loss(pair, wanted, drawings, classes, torch.tensor([1.0, weight])))
        for weight in (1.0, 0.0)
    )
    assert abs(heavy - 2 * light) < 1e-3, "a face of no weight has no loss"
    return "faces pick drawings of their emotion"


def check_drawing_queue() -> str:
    """Raises an `AssertionError` if the queue does not hold the newest drawings."""
    queue = DrawingQueue(size=3)
    for number in range(1, 3):
        rows, classes = torch.full((2, 64), float(number)), torch.full((2,), number)
        given = queue.with_batch(Drawn(rows, classes, -classes))
    assert given.expressions.tolist() == [-2, -2, -1, -1], "all of the batch before it"
    assert given.classes.tolist() == [2, 2, 1, 1]
    assert queue.held and queue.held.classes.tolist() == [2, 2, 1]
    assert queue.held.embeddings[:, 0].tolist() == [2, 2, 1]
    return "the queue holds the newest drawings"
