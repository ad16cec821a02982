"""The course of a training: epochs of steps, a rate that warms up and fades out, averaged weights, and going on where it was stopped."""

import copy
import math
import time
from dataclasses import dataclass
from pathlib import Path

import torch


@dataclass
class Course:
    """`steps` of an epoch; the weights of the newest epoch are kept in `out`."""

    epochs: int
    steps: int
    rate: float
    seed: int
    out: Path
    warm: int = 200

    def rate_at(self, step):
        return self.rate * min(1, (step + 1) / self.warm) * 0.5 * (1 + math.cos(math.pi * step / (self.epochs * self.steps)))


def average(slow, net, keep):
    """Moves the averaged weights towards the newest ones."""
    with torch.no_grad():
        for a, b in zip(slow.state_dict().values(), net.state_dict().values()):
            a.copy_(a * keep + b * (1 - keep) if a.is_floating_point() else b)


def groups(net, decay, gentle=1.0):
    """For the optimizer: biases and norms do not decay; a pretrained `base` learns at the share `gentle` of the rate."""
    found = []
    for base in (False, True):
        of = [p for name, p in net.named_parameters() if name.startswith("base.") == base]
        share = {"share": gentle if base else 1.0}
        found += [{"params": [p for p in of if p.ndim > 1], "weight_decay": decay, **share}]
        found += [{"params": [p for p in of if p.ndim <= 1], "weight_decay": 0.0, **share}]
    return [group for group in found if group["params"]]


def load(net, path):
    """The net with the averaged weights that a course kept."""
    net.load_state_dict(torch.load(path, map_location="cpu")["net"])
    return net


def resume(path, net, slow, optimizer):
    """Takes over what an earlier call kept; how many epochs that were."""
    if not path.exists():
        return 0
    state = torch.load(path, map_location="cpu")
    net.load_state_dict(state["last"])
    slow.load_state_dict(state["net"])
    optimizer.load_state_dict(state["optimizer"])
    return state["epoch"]


def keep(path, state):
    partial = path.with_suffix(".part")
    torch.save(state, partial)
    partial.replace(path)


def learn(net, optimizer, rate, loss):
    """One step; the loss as a number."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group["share"]
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    optimizer.step()
    return float(loss.detach())


def follow(course, net, optimizer, batches, loss_of, measure):
    """Trains `net` on the batches of each epoch (`batches()`), prints what `measure` says of the averaged weights, and returns them."""
    slow, start = copy.deepcopy(net), time.process_time()
    for epoch in range(resume(course.out, net, slow, optimizer), course.epochs):
        torch.manual_seed(course.seed * 1000 + epoch)
        net.train()
        total = 0.0
        for step, batch in zip(range(epoch * course.steps, (epoch + 1) * course.steps), batches()):
            total += learn(net, optimizer, course.rate_at(step), loss_of(net, batch))
            average(slow, net, min(0.998, step / (step + 20)))
        valid = {name: round(value, 4) for name, value in measure(slow).items()}
        print(f"epoch {epoch + 1} loss {total / course.steps:.4f} valid {valid} cpu {time.process_time() - start:.0f} s", flush=True)
        state = {"net": slow.state_dict(), "last": net.state_dict(), "optimizer": optimizer.state_dict()}
        keep(course.out, {**state, "epoch": epoch + 1, "valid": valid})
    return slow
