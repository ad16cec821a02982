"""Compares input sizes, gray and color, kinds of blocks at about the same multiply-adds, and optimizers, all with the same short schedule.

    python -m moue_training.choices --teachers runs/teacher*.pt --work ../target/release/work

Every net learns from nothing what the shipped one learns (`distill`). The table has the share of the validation triplets, how far
UTKFace faces move and whether they keep their nearest among the others when their colors are taken away, and the time in
moue beside the shipped net's, floats, where `--work` (`cargo build --release -p moue-bench`) is given. A net whose weights are there
already is only measured.
"""

import argparse
import json
import math
import subprocess
import tempfile
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from . import augment, course
from .crop_faces import MUXSPACE, UTKFACE
from .data import load_ferplus
from .distill import Mixture, loss_of, teach
from .drawn import crop
from .export import chain, export_expression
from .label_expressions import pictures
from .nets import ExpressionStudent, FoldedBlock, folded
from .score import score
from .targets import load_sets
from .tflite_writer import RELU, Writer


class SeparableBlock(nn.Module):
    """Depthwise 3×3 and pointwise 1×1, batch norm and ReLU after each, as in MobileNet; the first layer is a full convolution."""

    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        between, parts = (inputs, inputs) if inputs > 3 else (outputs, 1)
        self.spatial = nn.Conv2d(inputs, between, 3, stride, 1, groups=parts, bias=False)
        self.spatial_norm = nn.BatchNorm2d(self.spatial.out_channels)
        self.point = nn.Conv2d(self.spatial.out_channels, outputs, 1, bias=False)
        self.point_norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return F.relu(self.point_norm(self.point(F.relu(self.spatial_norm(self.spatial(x))))))


def separable_chain(writer, name, x, blocks):
    for i, block in enumerate(blocks):
        spatial, point = (map(torch.Tensor.numpy, folded(*pair)) for pair in ((block.spatial, block.spatial_norm), (block.point, block.point_norm)))
        convolve = writer.conv if block.spatial.groups == 1 else writer.depthwise
        x = convolve(f"{name}_{i}_spatial", x, *spatial, block.spatial.stride[0], RELU)
        x = writer.conv(f"{name}_{i}_point", x, *point, 1, RELU)
    return x


def net(size=64, channels=1, widths=(24, 40, 88, 192), depths=(1, 3, 5, 3), block=FoldedBlock):
    """The student with other sizes: `depths` blocks of each of the `widths`, the first of which halves height and width."""
    layout = [(width, 2 if i == 0 else 1) for width, depth in zip(widths, depths) for i in range(depth)]
    kind = type("Variant", (ExpressionStudent,), {"INPUT": size, "CHANNELS": channels, "LAYOUT": layout, "BLOCK": block})
    return kind()


# A quarter of the rate, as AdamW's updates are several times as large.
ADAMW_SHARE = 0.25
MOBILENET = {"block": SeparableBlock, "widths": (32, 96, 256, 512), "depths": (1, 3, 4, 5)}
# What is unlike the shipped net, and whether AdamW trains it.
VARIANTS = {
    "as shipped: 3×3, 64 pixels, gray": ({}, False),
    "the same, trained by AdamW": ({}, True),
    "48 pixels, wider": ({"size": 48, "widths": (32, 56, 116, 256)}, False),
    "80 pixels, narrower": ({"size": 80, "widths": (20, 32, 70, 152)}, False),
    "MobileNet blocks": (MOBILENET, False),
    "color": ({"channels": 3}, False),
    "MobileNet blocks, trained by AdamW": (MOBILENET, True),
}
HEADER = "| net | multiply-adds, M | weights, M | validation triplets | without colors: same | moved | time |\n|---|---|---|---|---|---|---|"


def colored(bank):
    """The crops of UTKFace and muxspace (N×3×72×72) in color, in the order of `targets.unlabeled`."""
    # Every access to an archive's array reads it anew.
    source, index, points, size = bank["source"], bank["index"], bank["points"], bank["crops"].shape[1]
    found = []
    for kind in (UTKFACE, MUXSPACE):
        at = {int(index[i]): points[i].reshape(-1, 2) for i in np.flatnonzero(source == kind)}
        for i, data, _ in pictures(kind):
            if i in at:
                picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
                found.append(crop(np.ascontiguousarray(picture), at[i], size).transpose(2, 0, 1))
    return np.stack(found)


def gray_of(images):
    """Color crops (N×3×H×W) without their colors."""
    weights = np.array([0.299, 0.587, 0.114], np.float32).reshape(1, 3, 1, 1)
    return np.repeat((images * weights).sum(1, keepdims=True).round().astype(np.uint8), 3, 1)


def train(student, adamw, sets, data, path, args):
    torch.manual_seed(args.seed)
    student = student.to(memory_format=torch.channels_last)
    rate = args.rate * (ADAMW_SHARE if adamw else 1)
    optimizer = torch.optim.AdamW(course.groups(student, 0.02), rate) if adamw else None
    plan = course.Course(1, args.steps, rate, args.seed, path)
    return teach(plan, student, Mixture(sets, student.INPUT, args.batch, []), loss_of, lambda slow: score(slow, data, "valid"), optimizer)


def without_colors(student, faces):
    """(share that keeps its nearest, mean distance moved) of color crops that lose their colors."""
    def embed(images):
        images = images if student.CHANNELS == 3 else gray_of(images)[:, 0]
        with torch.no_grad():
            return student.both_sides(augment.plain(torch.from_numpy(images), student.INPUT))

    before, after = embed(faces), embed(gray_of(faces))
    same = ((after @ before.T).argmax(1) == torch.arange(len(faces))).float().mean()
    return float(same), float((before - after).norm(dim=1).mean())


def export(student):
    wanted = separable_chain if student.BLOCK is SeparableBlock else chain
    return export_expression(student, Writer, wanted)


def milliseconds(work, student):
    """The least CPU time of a run in moue, and its multiply-adds in millions."""
    with tempfile.NamedTemporaryFile(suffix=".tflite") as file:
        file.write(export(student))
        file.flush()
        isa = torch.backends.cpu.get_cpu_capability().lower()
        said = json.loads(subprocess.run([work, "network", file.name, isa, "1", "2"], capture_output=True, text=True, check=True).stdout)
    return min(said["cpu_ms"]), said["multiply_adds"] / 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teachers", type=Path, nargs="+", required=True)
    parser.add_argument("--crops", type=Path, default=Path("runs/crops.npz"))
    parser.add_argument("--work", type=Path, help="path of the benchmarks' `work`")
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=8e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/choices"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    data, bank = load_ferplus(), np.load(args.crops)
    sets = load_sets(args.crops, "runs/shapes.npz", "runs/drawings", args.teachers)
    colors, base, table = colored(bank), None, [HEADER]
    for i, (name, (options, adamw)) in enumerate(VARIANTS.items()):
        student, path = net(**options), args.out / f"{i}.pt"
        if path.exists():
            course.load(student, path)
        else:
            seen = color_sets(sets, colors) if student.CHANNELS == 3 else sets
            student = train(student, adamw, seen, data, path, args)
        student.eval()
        valid = score(student, data, "valid")["mean"]
        same, moved = without_colors(student, colors[:: len(colors) // 1000])
        ms, adds = milliseconds(args.work, student) if args.work else (math.nan, math.nan)
        base = base or ms
        weights = sum(p.numel() for p in student.parameters()) / 1e6
        table.append(f"| {name} | {adds:.0f} | {weights:.2f} | {valid:.3f} | {same:.3f} | {moved:.3f} | {ms / base:.2f} |")
    print("\n".join(table))


def color_sets(sets, colors):
    """The sets with three channels: in color what there is in color, gray the rest."""
    def three(name, faces):
        images = colors if name == "unlabeled" else np.repeat(faces.images[:, None], 3, 1)
        return type(faces)(images, faces.votes, faces.points, faces.shapes)

    return {name: three(name, faces) for name, faces in sets.items()}


if __name__ == "__main__":
    main()
