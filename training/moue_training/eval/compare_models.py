"""Compares students of other sizes, colors, blocks and optimizers at about the same cost.

Every net learns from random weights what the one that ships learns (`train.distill`, without the
loss against hubness), with the same short schedule.
"""

import json
import math
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from ..data.alignment import aligned_crop
from ..data.augment import resize
from ..data.ferplus import FerPlus, load_ferplus
from ..data.sources import MUXSPACE, UTKFACE, decode, source_pictures
from ..export.networks import export_expression
from ..models.blocks import SeparableBlock
from ..models.expression import ExpressionStudent
from ..train.checkpoint import load_weights
from ..train.distill import DistillationBatches, DistillationLoss, fit_student
from ..train.optimizers import parameter_groups
from ..train.targets import TargetFaces, TargetFiles, load_crops, load_target_sets
from ..train.trainer import CosineSchedule, TrainerOptions
from ..train.validation import triplet_scores

WIDTHS, DEPTHS = (24, 40, 88, 192), (1, 3, 5, 3)
# AdamW's rate as a share of Muon's, as its updates are several times as large.
ADAMW_RATE_SHARE = 0.25
WARMUP_STEPS = 200
# Faces whose colors are removed.
COLOR_FACES = 1000


def layout(widths: Sequence[int], depths: Sequence[int]) -> list[tuple[int, int]]:
    """Returns (channels, stride) of all blocks: at each width the first halves the resolution."""
    return [
        (width, 2 if i == 0 else 1)
        for width, depth in zip(widths, depths, strict=True)
        for i in range(depth)
    ]


@dataclass(frozen=True)
class Variant:
    """How a net differs from the one that ships, as arguments of `ExpressionStudent`."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    has_adamw: bool = False

    def make(self) -> ExpressionStudent:
        """Returns a net with random weights."""
        return ExpressionStudent(**self.arguments)


MOBILENET = {
    "block": SeparableBlock,
    "layout": layout((32, 96, 256, 512), (1, 3, 4, 5)),
}
VARIANTS = [
    Variant("as shipped: 3×3, 64 pixels, gray"),
    Variant("the same, trained by AdamW", has_adamw=True),
    Variant("48 pixels, wider", {"input_size": 48, "layout": layout((32, 56, 116, 256), DEPTHS)}),
    Variant("80 pixels, narrower", {"input_size": 80, "layout": layout((20, 32, 70, 152), DEPTHS)}),
    Variant("MobileNet blocks", MOBILENET),
    Variant("color", {"channels": 3}),
    Variant("MobileNet blocks, trained by AdamW", MOBILENET, has_adamw=True),
]
HEADER = (
    "| net | multiply-adds, M | weights, M | validation triplets | without colors: same | moved "
    "| time |\n|---|---|---|---|---|---|---|"
)


@dataclass
class CompareOptions:
    """How to train and measure; a net whose weights are in `out` is only measured.

    `work` is the path of the benchmarks' program `work`; without it no times are measured.
    """

    teachers: Sequence[Path]
    crops: Path = Path("runs/crops.npz")
    work: Path | None = None
    steps: int = 1200
    batch: int = 128
    rate: float = 8e-3
    seed: int = 1
    out: Path = Path("runs/compare_models")


def color_crops(bank: dict[str, np.ndarray]) -> np.ndarray:
    """Returns the crops of UTKFace and muxspace in RGB (N×3×72×72), as `unlabeled_crops` orders."""
    source, index, points = bank["source"], bank["index"], bank["points"]
    size = bank["crops"].shape[1]
    crops = []
    for kind in (UTKFACE, MUXSPACE):
        at = {int(index[i]): points[i].reshape(-1, 2) for i in np.flatnonzero(source == kind)}
        for i, data, _ in source_pictures(kind):
            picture = decode(data) if i in at else None
            if picture is not None:
                rgb = np.ascontiguousarray(picture[..., ::-1])
                crops.append(aligned_crop(rgb, at[i], size).transpose(2, 0, 1))
    return np.stack(crops)


def remove_colors(images: np.ndarray) -> np.ndarray:
    """Returns RGB crops (N×3×H×W u8) in gray, by the luma weights of BT.601."""
    weights = np.array([0.299, 0.587, 0.114], np.float32).reshape(1, 3, 1, 1)
    gray = (images * weights).sum(1, keepdims=True).round().astype(np.uint8)
    return np.repeat(gray, 3, 1)


def color_sets(sets: dict[str, TargetFaces], colors: np.ndarray) -> dict[str, TargetFaces]:
    """Returns the sets with three channels; only the unlabeled faces have colors."""
    found = {}
    for name, faces in sets.items():
        gray = np.repeat(faces.images[:, None], 3, 1)
        images = colors if name == "unlabeled" else gray
        found[name] = TargetFaces(images, faces.votes, faces.points, faces.parameters)
    return found


def train_variant(
    variant: Variant,
    sets: dict[str, TargetFaces],
    data: FerPlus,
    path: Path,
    options: CompareOptions,
) -> None:
    """Trains a variant; its weights are kept in `path`."""
    torch.manual_seed(options.seed)
    net = variant.make().to(memory_format=torch.channels_last)
    rate = options.rate * (ADAMW_RATE_SHARE if variant.has_adamw else 1)
    optimizer = None
    if variant.has_adamw:
        optimizer = torch.optim.AdamW(parameter_groups(net, 0.02), rate)
    schedule = CosineSchedule(rate, options.steps, WARMUP_STEPS)
    trainer_options = TrainerOptions(path, schedule, options.steps, options.seed)
    batches = DistillationBatches(sets, net.input_size, options.batch)
    fit_student(
        net,
        batches,
        DistillationLoss(),
        trainer_options,
        lambda average: triplet_scores(average, data, "valid"),
        optimizer,
    )


def without_colors(net: nn.Module, faces: np.ndarray) -> tuple[float, float]:
    """Returns what removing the colors of crops (N×3×H×W u8) does to their embeddings.

    The share whose nearest among the others stays the same face, and the mean distance moved.
    """

    def embed(images: np.ndarray) -> torch.Tensor:
        pictures = images if net.channels == 3 else remove_colors(images)[:, 0]
        with torch.no_grad():
            return net.embed(resize(torch.from_numpy(pictures), net.input_size))

    before, after = embed(faces), embed(remove_colors(faces))
    same = ((after @ before.T).argmax(1) == torch.arange(len(faces))).float().mean()
    return float(same), float((before - after).norm(dim=1).mean())


def measure_work(work: Path | None, net: ExpressionStudent) -> tuple[float, float]:
    """Returns the least CPU time in moue (ms) and multiply-adds (M); NaN without `work`."""
    if work is None:
        return math.nan, math.nan
    with tempfile.NamedTemporaryFile(suffix=".tflite") as file:
        file.write(export_expression(net))
        file.flush()
        isa = torch.backends.cpu.get_cpu_capability().lower()
        command = [str(work), "network", file.name, isa, "1", "2"]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    report = json.loads(output)
    return min(report["cpu_ms"]), report["multiply_adds"] / 1e6


def compare_models(options: CompareOptions) -> Iterator[str]:
    """Yields the lines of the table; time is relative to the first net, in floats."""
    options.out.mkdir(parents=True, exist_ok=True)
    data, bank = load_ferplus(), load_crops(options.crops)
    sets, _ = load_target_sets(TargetFiles(crops=options.crops), options.teachers)
    colors = color_crops(bank)
    base_ms: float | None = None
    yield HEADER
    for i, variant in enumerate(VARIANTS):
        path = options.out / f"{i}.pt"
        if not path.exists():
            has_colors = variant.arguments.get("channels") == 3
            own_sets = color_sets(sets, colors) if has_colors else sets
            train_variant(variant, own_sets, data, path, options)
        net = load_weights(variant.make(), path).eval()
        ms, multiply_adds = measure_work(options.work, net)
        base_ms = ms if base_ms is None else base_ms
        valid = triplet_scores(net, data, "valid")["mean"]
        same, moved = without_colors(net, colors[:: len(colors) // COLOR_FACES])
        weights = sum(p.numel() for p in net.parameters()) / 1e6
        yield (
            f"| {variant.name} | {multiply_adds:.0f} | {weights:.2f} | {valid:.3f} "
            f"| {same:.3f} | {moved:.3f} | {ms / base_ms:.2f} |"
        )
