"""Trains the detector on scenes made on the fly; can be stopped and gone on with.

    python -m moue_training.train_face --faces runs/faces.npz --steps 20000 --out runs/face.pt
"""

import argparse
import copy
import math
import time
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from .nets import FaceNet
from .scenes import Faces, Objects, Scenes
from .course import average, load

# Sizes of faces, as shares of the picture's side, that each grid is responsible for.
RANGES = ((0.05, 0.18), (0.13, 0.42), (0.32, 1.5))


def centers():
    rows = [np.stack(np.meshgrid(np.arange(g), np.arange(g)), -1).reshape(-1, 2)[:, :] for g in FaceNet.GRIDS]
    return np.concatenate([(r + 0.5) / g for r, g in zip(rows, FaceNet.GRIDS)]).astype(np.float32)


CENTERS = centers()


def targets(faces):
    """Heat (1344, -1 where it does not count) and regression targets with their weights."""
    heat = np.zeros(len(CENTERS), np.float32)
    values = np.zeros((len(CENTERS), 17), np.float32)
    start = 0
    for grid, (low, high) in zip(FaceNet.GRIDS, RANGES):
        cells = slice(start, start + grid * grid)
        start += grid * grid
        own, at = heat[cells], CENTERS[cells]
        for face in faces:
            size = face[2]
            apart = np.hypot(*(at - face[:2]).T)
            if not low <= size <= high:
                if low / 1.35 <= size <= high * 1.35:
                    own[(apart < 0.35 * size) & (own == 0)] = -1
                continue
            near = np.exp(-((apart / max(0.13 * size, 0.5 / grid)) ** 2) / 2)
            near[apart.argmin()] = 1.0
            better = near > np.maximum(own, 0.02)
            own[better] = near[better]
            chosen = better & (near > 0.25)
            row = np.concatenate([face[:2], [size, size], face[3:]])
            values[cells][chosen, :16] = row
            values[cells][chosen, 16] = 1 / size
    values[:, [0, 4, 6, 8, 10, 12, 14]] -= CENTERS[:, :1]
    values[:, [1, 5, 7, 9, 11, 13, 15]] -= CENTERS[:, 1:]
    return heat, values


class Stream(torch.utils.data.IterableDataset):
    def __init__(self, args, seed, held_out=False):
        self.args, self.seed, self.held_out = args, seed, held_out

    def __iter__(self):
        cv2.setNumThreads(1)
        info = torch.utils.data.get_worker_info()
        rng = np.random.default_rng([self.seed, info.id if info else 0])
        drawings = Faces(self.args.drawings) if self.args.drawings else None
        objects = Objects(self.args.objects) if self.args.objects else None
        scenes = Scenes(Faces(self.args.faces), drawings, self.held_out, objects)
        while True:
            picture, faces = scenes(rng)
            heat, values = targets(faces)
            yield np.ascontiguousarray(picture[..., ::-1]), heat, values


def prepare(pictures):
    return pictures.permute(0, 3, 1, 2).float() / 127.5 - 1


def loss_of(net, pictures, heat, values):
    logits, found = net(pictures)
    p = torch.sigmoid(logits).clamp(1e-4, 1 - 1e-4)
    sure = heat >= 0.999
    count = sure.sum().clamp(min=1)
    # Focal loss on a heat map, as in "Objects as Points" (Zhou et al. 2019): gentle near the centers.
    hit = -((1 - p) ** 2 * torch.log(p))[sure].sum()
    rest = (heat >= 0) & ~sure
    miss = -((1 - heat) ** 4 * p**2 * torch.log(1 - p))[rest].sum()
    weight = values[..., 16] * heat.clamp(min=0)
    off = F.smooth_l1_loss(found, values[..., :16], reduction="none", beta=0.02)
    box, points = off[..., :4].sum(-1), off[..., 4:].sum(-1)
    fit = ((box + 0.5 * points) * weight).sum() / (heat.clamp(min=0) * (weight > 0)).sum().clamp(min=1)
    return (hit + miss) / count, fit


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", type=Path, required=True)
    parser.add_argument("--drawings", type=Path)
    parser.add_argument("--objects", type=Path)
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument("--out", type=Path, default=Path("runs/face.pt"))
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    net = FaceNet().to(memory_format=torch.channels_last)
    if args.start:
        load(net, args.start)
    slow = copy.deepcopy(net)
    optimizer = torch.optim.AdamW(net.parameters(), args.rate, weight_decay=0.01)
    first = 0
    if args.out.exists():
        saved = torch.load(args.out)
        net.load_state_dict(saved["fast"])
        slow.load_state_dict(saved["net"])
        optimizer.load_state_dict(saved["optimizer"])
        first = saved["step"]
    held = iter(torch.utils.data.DataLoader(Stream(args, 999, True), args.batch))
    check = [next(held) for _ in range(16)]
    stream = torch.utils.data.DataLoader(Stream(args, args.seed + 1000 * first), args.batch, num_workers=1, prefetch_factor=4)
    start, total = time.time(), np.zeros(2)
    for step, (pictures, heat, values) in enumerate(stream, first):
        if step >= args.steps:
            break
        net.train()
        for group in optimizer.param_groups:
            group["lr"] = args.rate * min(1, (step + 1) / 400) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / args.steps)))
        score, fit = loss_of(net, prepare(pictures).to(memory_format=torch.channels_last), heat, values)
        optimizer.zero_grad()
        (score + fit).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 10.0)
        optimizer.step()
        average(slow, net, 0.998 if args.start else min(0.998, step / (step + 20)))
        total += float(score.detach()), float(fit.detach())
        if (step + 1) % 250 == 0 or step + 1 == args.steps:
            slow.eval()
            with torch.no_grad():
                held_out = np.mean([[float(v) for v in loss_of(slow, prepare(p), h, r)] for p, h, r in check], 0)
            print(f"step {step + 1} loss {total / 250} held out {held_out} {time.time() - start:.0f} s", flush=True)
            total[:] = 0
            state = {"net": slow.state_dict(), "fast": net.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1}
            torch.save(state, args.out.with_suffix(".tmp"))
            args.out.with_suffix(".tmp").replace(args.out)


if __name__ == "__main__":
    main()
