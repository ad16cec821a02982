"""Runs the student's training, its export and its parity check on a few pictures; skips, visibly, where something is absent.

    python -m moue_training.smoke
"""

import sys

import numpy as np

STEPS, PICTURES = 30, 96


def train(torch, data):
    """The student after a few steps on a few pictures, with the first and the last loss."""
    from . import augment, muon
    from .distill import loss_of
    from .nets import ExpressionStudent

    torch.manual_seed(1)
    rows = np.flatnonzero(data.trainable)[:PICTURES]
    votes = torch.from_numpy(data.votes[rows])
    points = torch.cat([votes**0.5, torch.zeros(len(rows), 4)], 1)
    net = ExpressionStudent()
    optimizer = muon.for_student(net, 2e-3, 0.02)
    losses = []
    for _ in range(STEPS):
        faces = augment.augment(torch.from_numpy(data.images[rows]), net.INPUT)
        loss = loss_of(net, (faces, votes, points, None))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    return net.eval(), losses[0], losses[-1]


def main():
    try:
        import torch
        from ai_edge_litert import interpreter  # noqa: F401
    except ImportError as error:
        print(f"SKIPPED: {error}; pip install -r requirements.txt")
        return
    from .data import data_root, load_ferplus
    from .export import check, export_expression

    if not (data_root() / "ferplus").exists():
        print(f"SKIPPED: {data_root()} is absent")
        return
    net, first, last = train(torch, load_ferplus())
    print(f"loss {first:.3f}, after {STEPS} steps {last:.3f}")
    if last > 0.9 * first:
        sys.exit("the loss did not fall")
    check("expression", net, export_expression(net))


if __name__ == "__main__":
    main()
