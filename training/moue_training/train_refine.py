"""Trains the net that looks at each proposed face once more; can be stopped and gone on with.

    python -m moue_training.train_refine --detector runs/face.pt --faces runs/faces.npz --drawings runs/drawings.npz \\
        --objects runs/objects.npz --steps 4000 --out runs/refine.pt

It learns from what the detector proposes in scenes made on the fly, so that it sees the detector's own mistakes.
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

from . import scenes
from .nets import FaceNet, RefineNet
from .course import average, load
from .train_face import CENTERS

# Scenes are larger than the detector sees them: the second look is taken at the picture itself.
SCENE = 192
# Overlap of a proposal with a face from which on it is one, and up to which it is none.
FACE, NO_FACE = 0.35, 0.2
# Angles from the vertical up to which a face in a crop is one, and from which on it is none, in radians.
UPRIGHT, LYING = 0.8, 1.15


class Stream(torch.utils.data.IterableDataset):
    def __init__(self, args, seed, held_out=False):
        self.args, self.seed, self.held_out = args, seed, held_out

    def __iter__(self):
        cv2.setNumThreads(1)
        scenes.SIZE = SCENE
        info = torch.utils.data.get_worker_info()
        rng = np.random.default_rng([self.seed, info.id if info else 0])
        make = scenes.Scenes(
            scenes.Faces(self.args.faces), scenes.Faces(self.args.drawings), self.held_out, scenes.Objects(self.args.objects)
        )
        while True:
            picture, faces = make(rng)
            rows = np.zeros((scenes.MAX_FACES, 15), np.float32)
            rows[: len(faces)] = faces
            yield picture, rows, int(rng.integers(1 << 31))


def suppress(boxes, scores, most):
    """Indices of the best boxes (center x, y, size) that do not overlap much."""
    kept = []
    for i in np.argsort(-scores):
        if len(kept) == most or scores[i] < 0.08:
            break
        if all(overlap(boxes[i], boxes[j]) < 0.3 for j in kept):
            kept.append(i)
    return kept


def overlap(a, b):
    """Intersection over union of two squares."""
    wide = [max(0.0, min(a[k] + a[2] / 2, b[k] + b[2] / 2) - max(a[k] - a[2] / 2, b[k] - b[2] / 2)) for k in range(2)]
    shared = wide[0] * wide[1]
    return shared / (a[2] ** 2 + b[2] ** 2 - shared + 1e-9)


def proposals(detector, pictures, most):
    """For each scene rows of center x, y, size and roll that the detector suggests, in 0..1."""
    small = np.stack([cv2.resize(p, (128, 128), interpolation=cv2.INTER_AREA) for p in pictures])[..., ::-1]
    with torch.no_grad():
        logits, values = detector(torch.from_numpy(np.ascontiguousarray(small)).permute(0, 3, 1, 2).float() / 127.5 - 1)
    scores, values = torch.sigmoid(logits).numpy(), values.numpy()
    rows = []
    for score, value in zip(scores, values):
        at = np.argsort(-score)[:80]
        boxes = np.concatenate([value[at, :2] + CENTERS[at], np.sqrt(np.clip(value[at, 2:3] * value[at, 3:4], 1e-6, None))], 1)
        eyes = value[at, 6:8] - value[at, 4:6]
        roll = np.arctan2(eyes[:, 1], eyes[:, 0])
        roll[(np.abs(roll) < 0.15) | (np.hypot(*eyes.T) < 0.2 * boxes[:, 2])] = 0
        kept = suppress(boxes, score[at], most)
        rows.append(np.concatenate([boxes[kept], roll[kept, None]], 1))
    return rows


def around(faces, rng):
    """Places that are no proposals: each face roughly, some of it, and anywhere."""
    rows = []
    for face in faces:
        shift = rng.normal(0, 0.12, 2) * face[2]
        rows.append([*(face[:2] + shift), face[2] * math.exp(rng.normal(0, 0.18)), rng.normal(0, 0.12)])
        if rng.random() < 0.5:
            way = rng.uniform(0, 2 * math.pi)
            size = face[2] * math.exp(rng.uniform(-1.2, 0.8))
            apart = rng.uniform(0.35, 0.9) * max(face[2], size)
            rows.append([face[0] + apart * math.cos(way), face[1] + apart * math.sin(way), size, 0])
    for _ in range(2):
        size = math.exp(rng.uniform(math.log(0.1), math.log(0.7)))
        rows.append([*rng.uniform(0.1, 0.9, 2), size, 0])
    if len(faces) and rng.random() < 0.4:
        # Lying on a side or upside down: the detector looks at turned pictures, and must tell which way is up.
        face = faces[int(rng.integers(len(faces)))]
        rows.append([*face[:3], rng.choice([-0.5, 0.5, 1.0]) * math.pi + rng.normal(0, 0.15)])
    return np.array(rows, np.float32).reshape(-1, 4)


def crop(picture, place):
    """What the net is shown of a place, and the map from the scene's pixels to it."""
    x, y, size, roll = place
    scale = RefineNet.INPUT / (RefineNet.SHOWN * max(size, 0.01) * SCENE)
    turn = cv2.getRotationMatrix2D((float(x * SCENE), float(y * SCENE)), math.degrees(roll), scale)
    turn[:, 2] += RefineNet.INPUT / 2 - np.array([x, y]) * SCENE
    if scale < 0.6:
        # Areas are averaged where the picture shrinks.
        picture = cv2.blur(picture, (int(1 / scale), int(1 / scale)))
    return cv2.warpAffine(picture, turn, (RefineNet.INPUT,) * 2, flags=cv2.INTER_LINEAR), turn


def target(place, faces, turn):
    """(kind, 16 numbers): kind 1 is a face, 0 none, -1 neither."""
    best, row = 0.0, None
    for face in faces:
        share = overlap(place[:3], face[:3])
        if share > best:
            best, row = share, face
    if best < NO_FACE:
        return 0, np.zeros(16, np.float32)
    points = np.concatenate([row[:2], row[3:]]).reshape(-1, 2) * SCENE
    placed = (points @ turn[:, :2].T + turn[:, 2]) / RefineNet.INPUT - 0.5
    # Which way the chin is: the eyes of a profile say little.
    lean = abs(math.atan2(*(placed[4] - (placed[1] + placed[2]) / 2)))
    if lean > LYING:
        return 0, np.zeros(16, np.float32)
    size = row[2] * SCENE * math.hypot(turn[0, 0], turn[0, 1]) / RefineNet.INPUT
    return (1 if best >= FACE and lean < UPRIGHT else -1), np.concatenate([placed[0], [size, size], placed[1:].ravel()]).astype(np.float32)


def examples(detector, batch, most=5):
    """Crops (N×96×96×3), kinds (N) and numbers (N×16) of a batch of scenes."""
    pictures, faces, seeds = (t.numpy() for t in batch)
    crops, kinds, values = [], [], []
    for picture, rows, seed, found in zip(pictures, faces, seeds, proposals(detector, pictures, most)):
        rng = np.random.default_rng(int(seed))
        rows = rows[rows[:, 2] > 0]
        for place in np.concatenate([found, around(rows[:3], rng)]):
            shown, turn = crop(picture, place)
            kind, numbers = target(place, rows, turn)
            if kind >= 0 and (kind or rng.random() < 0.85):
                crops.append(shown[..., ::-1])
                kinds.append(kind)
                values.append(numbers)
    return torch.from_numpy(np.stack(crops)), torch.tensor(kinds), torch.from_numpy(np.stack(values))


def loss_of(net, crops, kinds, values):
    out = net((crops.permute(0, 3, 1, 2).float() / 127.5 - 1).to(memory_format=torch.channels_last))
    faces = kinds == 1
    plain = F.binary_cross_entropy_with_logits(out[:, 0], kinds.float(), reduction="none")
    # Focal loss (Lin et al. 2017): what is clear already counts little.
    score = (plain * (1 - torch.exp(-plain))).mean() * 4
    off = F.smooth_l1_loss(out[faces, 1:], values[faces], reduction="none", beta=0.01)
    weight = torch.tensor([1.0] * 4 + [4.0] * 8 + [0.7] * 4)
    fit = (off * weight).sum(1).mean() * 4
    return score, fit, out


def report(net, detector, check):
    """Held-out share of faces and of others that are told right at a score of one half, and the error of eyes, nose, mouth."""
    net.eval()
    right, points = [[], []], []
    with torch.no_grad():
        for crops, kinds, values in check:
            out = loss_of(net, crops, kinds, values)[2]
            for kind in (0, 1):
                right[kind].append(((out[:, 0] > 0) == bool(kind))[kinds == kind].float())
            faces = kinds == 1
            apart = (out[faces, 5:13] - values[faces, 4:12]).reshape(-1, 4, 2).norm(dim=2).mean(1)
            points.append(apart / (values[faces, 6:8] - values[faces, 4:6]).norm(dim=1).clamp(min=0.05))
    none, face = (torch.cat(r).mean() for r in right)
    return f"faces {face:.4f} others {none:.4f} points {torch.cat(points).median():.4f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("detector", "faces", "drawings", "objects"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--batch", type=int, default=24, help="scenes; each gives about eight examples")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--start", type=Path, help="weights to begin with, as an earlier run left them")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/refine.pt"))
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    detector = load(FaceNet(), args.detector).eval()
    net = RefineNet().to(memory_format=torch.channels_last)
    if args.start:
        load(net, args.start)
    slow = copy.deepcopy(net)
    optimizer = torch.optim.AdamW(net.parameters(), args.rate, weight_decay=0.02)
    first = 0
    if args.out.exists():
        saved = torch.load(args.out)
        net.load_state_dict(saved["fast"])
        slow.load_state_dict(saved["net"])
        optimizer.load_state_dict(saved["optimizer"])
        first = saved["step"]
    held = iter(torch.utils.data.DataLoader(Stream(args, 999, True), args.batch))
    check = [examples(detector, next(held)) for _ in range(12)]
    stream = torch.utils.data.DataLoader(Stream(args, args.seed + 1000 * first), args.batch, num_workers=1, prefetch_factor=4)
    start, total = time.time(), np.zeros(2)
    for step, batch in enumerate(stream, first):
        if step >= args.steps:
            break
        net.train()
        for group in optimizer.param_groups:
            group["lr"] = args.rate * min(1, (step + 1) / 200) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * step / args.steps)))
        score, fit, _ = loss_of(net, *examples(detector, batch))
        optimizer.zero_grad()
        (score + fit).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 10.0)
        optimizer.step()
        average(slow, net, min(0.998, step / (step + 20)))
        total += float(score.detach()), float(fit.detach())
        if (step + 1) % 100 == 0 or step + 1 == args.steps:
            print(f"step {step + 1} loss {total / 100} {report(slow, detector, check)} {time.time() - start:.0f} s", flush=True)
            total[:] = 0
            state = {"net": slow.state_dict(), "fast": net.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1}
            torch.save(state, args.out.with_suffix(".tmp"))
            args.out.with_suffix(".tmp").replace(args.out)


if __name__ == "__main__":
    main()
