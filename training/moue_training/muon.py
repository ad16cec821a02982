"""An optimizer that moves each matrix of weights equally far in all its directions, which takes fewer steps than AdamW here.

After Jordan and others, "Muon: an optimizer for hidden layers in neural networks" (2024); updates are as large as AdamW's
(Liu and others, "Muon is scalable for LLM training", 2025), so that one rate does for both.
"""

import torch

# How the iteration bends singular values towards 1, from Jordan's text.
A, B, C = 3.4445, -4.7750, 2.0315
STEPS = 5
# Root mean square of AdamW's updates, at a rate of 1.
LENGTH = 0.2


def orthogonal(matrix):
    """The nearest matrix with singular values of about 1 (0.7 to 1.2), by an iteration of Newton and Schulz."""
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix).bfloat16()
    x = x / (x.norm() + 1e-7)
    for _ in range(STEPS):
        square = x @ x.T
        x = A * x + (B * square + C * (square @ square)) @ x
    return (x.T if tall else x).to(matrix.dtype)


class Muon(torch.optim.Optimizer):
    """For weights of convolutions and dense layers; a convolution's are a matrix with one row for each output."""

    def __init__(self, params, lr, momentum=0.95, weight_decay=0.02):
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for weight in group["params"]:
                self.move(weight, group)

    def move(self, weight, group):
        state = self.state[weight]
        if not state:
            state["momentum"] = torch.zeros_like(weight)
        kept = state["momentum"]
        kept.lerp_(weight.grad, 1 - group["momentum"])
        matrix = weight.grad.lerp(kept, group["momentum"]).flatten(1)
        update = orthogonal(matrix).view_as(weight)
        weight.mul_(1 - group["lr"] * group["weight_decay"])
        weight.add_(update, alpha=-group["lr"] * LENGTH * max(matrix.shape) ** 0.5)


class Together:
    """Several optimizers as one."""

    def __init__(self, *parts):
        self.parts = parts

    @property
    def param_groups(self):
        return [group for part in self.parts for group in part.param_groups]

    def zero_grad(self):
        for part in self.parts:
            part.zero_grad()

    def step(self):
        for part in self.parts:
            part.step()

    def state_dict(self):
        return [part.state_dict() for part in self.parts]

    def load_state_dict(self, states):
        for part, state in zip(self.parts, states):
            part.load_state_dict(state)


def for_student(net, rate, decay):
    """Muon for the matrices of the blocks and the hidden layer; AdamW for the first and the last layers, biases and norms."""
    inside = [p for name, p in net.named_parameters() if name.startswith(("blocks", "hidden")) and p.ndim > 1 and p.shape[1] > 3]
    known = {id(p) for p in inside}
    rest = [p for p in net.parameters() if id(p) not in known]
    matrices = Muon([{"params": inside, "share": 1.0}], rate, weight_decay=decay)
    return Together(matrices, torch.optim.AdamW([{"params": rest, "share": 1.0}], rate, weight_decay=0.0))
