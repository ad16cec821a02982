"""Checks what the expression network is fine-tuned by."""

import tempfile
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from ..data.augment import resize
from ..data.drawings import Drawings
from ..data.eyes import OPEN
from ..data.ferplus import EMOTIONS
from ..data.jitter import jittered
from ..export.embedding import embed_crops
from ..export.litert import LiteRtNetwork
from ..export.networks import KINDS
from ..export.style_removal import with_projection
from ..models.expression import ExpressionStudent
from ..train.averaging import mean_state
from ..train.checkpoint import load_checkpoint
from ..train.cross_style import NO_CLASS
from ..train.fine_tune import FineTuneOptions, fit_tuned
from ..train.fine_tune_batches import TuningData
from ..train.fine_tune_head import TunedHead, both_sides, fit_head
from ..train.fine_tune_losses import WINK, avoids, picks, rare_emotions_loss, told_apart
from ..train.fine_tune_network import TunedNetwork
from ..train.head_targets import HeadFaces
from ..train.metric_data import DrawnFaces, MetricData, MetricFaces, Photos, RenderedFaces
from ..train.targets import TargetFiles
from .tiny_data import gray_faces, random_votes
from .training import no_figures

COUNT = 130


def check_tuning_losses() -> str:
    """Raises an `AssertionError` if a loss is not lowest where it should be."""
    torch.manual_seed(1)
    one, two = F.normalize(torch.randn(2, 1, 64), dim=2).expand(2, 20, 64)
    assert told_apart(one, one, two) < 1e-3, "those who show the same are alike"
    assert told_apart(one, two, one) > 0.5
    drawings = tiny_drawings(torch.cat([one[:1], two[:1]]), torch.tensor([WINK, WINK + 1]))
    assert picks(one, drawings, WINK) < 1e-3 and avoids(two, drawings, WINK) < 1e-3
    assert picks(two, drawings, WINK) > 5 and avoids(one, drawings, WINK) > 5
    check_rare_emotions(one[0], two[0])
    return "winks are told apart from other faces, and pick drawings that wink"


def check_rare_emotions(one: torch.Tensor, two: torch.Tensor) -> None:
    """Raises an `AssertionError` unless a face of fear is to pick a drawing of it."""
    drawn = torch.stack([one, two])
    fear, states = EMOTIONS.index("fear"), torch.full((2,), OPEN)
    drawings = DrawnFaces(drawn, torch.tensor([fear, 0]), states, states, states)
    votes = torch.zeros(1, 8)
    votes[0, fear] = 1.0

    def loss_of(face: torch.Tensor, face_votes: torch.Tensor) -> float:
        known = torch.tensor([OPEN])
        photos = Photos(face[None], face_votes, torch.tensor([NO_CLASS]), known, known)
        return float(rare_emotions_loss(photos, drawings))

    assert loss_of(one, votes) < 1e-3 and loss_of(two, votes) > 5
    assert loss_of(two, votes.roll(1 - fear, 1)) == 0, "other emotions are not asked for"


def check_fine_tuning() -> str:
    """Tunes a network for two steps; raises an `AssertionError` if the export has other values."""
    rng = np.random.default_rng(5)
    torch.manual_seed(5)
    matrix = np.eye(64) + 0.1 * rng.standard_normal((64, 64))
    net = TunedNetwork(ExpressionStudent(), matrix)
    data = tiny_tuning_data(rng)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "tuning.pt"
        options = FineTuneOptions(
            start=out,
            made=out,
            emoji=out,
            files=TargetFiles(),
            renderer="",
            out=out,
            steps=2,
            epoch_steps=2,
        )
        tuned = fit_tuned(net, data, options, no_figures).eval()
        assert load_checkpoint(out)["step"] == 2
    statistics = tuned.student.state_dict()["blocks.0.norm.running_mean"]
    assert (statistics == 0).all(), "batch norm keeps its statistics"
    assert not np.array_equal(tuned.matrix.detach().numpy(), matrix.astype(np.float32))
    check_head(tuned, data)
    check_mean(tuned, net)
    exported = KINDS["expression"].export(tuned.student)
    network = LiteRtNetwork(with_projection(exported, tuned.matrix.detach().numpy()))
    crops = gray_faces(rng, 3, 64)
    with torch.no_grad():
        expected = tuned.embed(torch.from_numpy(crops).float()[:, None] / 127.5 - 1).numpy()
    difference = np.abs(embed_crops(network, crops) - expected).max()
    # The file has weights of 16 bits.
    assert difference < 5e-3, f"the exported network differs by {difference:.4f}"
    return f"a tuned network is exported (difference {difference:.1e})"


def check_head(tuned: TunedNetwork, data: TuningData) -> None:
    """Trains the last layers for a step; raises an `AssertionError` if other layers change."""
    crops = data.emoji
    before = both_sides(tuned, crops)
    projection = tuned.student.project.weight.detach().clone()
    fit_head(tuned, data, seed=1, steps=1)
    assert not torch.equal(tuned.student.project.weight, projection), "the last layers learn"
    after = both_sides(tuned, crops)
    assert np.array_equal(before, after), "the blocks stay"
    with torch.no_grad():
        expected = tuned.embed(resize(torch.from_numpy(crops), 64))
        found = TunedHead(tuned)(torch.from_numpy(after))
    assert torch.allclose(found, expected, atol=1e-5), "features have the pictures' embeddings"


def check_mean(one: TunedNetwork, two: TunedNetwork) -> None:
    """Raises an `AssertionError` if a mean of weights is not what the shares ask for."""
    states = one.state_dict(), two.state_dict()
    mean = mean_state(states, (0.75, 0.25))
    expected = 0.75 * states[0]["matrix"] + 0.25 * states[1]["matrix"]
    assert torch.allclose(mean["matrix"], expected)
    counts = "student.blocks.0.norm.num_batches_tracked"
    assert mean[counts].dtype == torch.int64 and torch.equal(mean[counts], states[0][counts])


def check_jitter() -> str:
    """Raises an `AssertionError` if crops change not at all, too much, or differently each time."""
    crops = gray_faces(np.random.default_rng(6), 8, 72)
    changed = jittered(crops, 1)
    assert np.array_equal(changed, jittered(crops, 1)) and changed.shape == crops.shape
    moved = np.abs(changed.astype(float) - crops).mean((1, 2))
    assert (moved > 0).all() and moved.mean() < 64, f"crops change by {moved.mean():.0f}"
    return f"jittered crops change by {moved.mean():.0f} gray levels"


def tiny_drawings(embeddings: torch.Tensor, expressions: torch.Tensor) -> DrawnFaces:
    """Returns drawings of all classes in turn, with open eyes."""
    numbers = torch.arange(len(embeddings))
    states = torch.full((len(embeddings),), OPEN)
    return DrawnFaces(embeddings, numbers % 5, expressions, states, states)


def tiny_tuning_data(rng: np.random.Generator) -> TuningData:
    """Returns some faces of each source."""

    def embeddings(count: int) -> torch.Tensor:
        return F.normalize(torch.from_numpy(rng.standard_normal((count, 64))).float(), dim=1)

    def people(count: int, each: int) -> np.ndarray:
        return gray_faces(rng, count * each, 72).reshape(count, each, 72, 72)

    votes = random_votes(rng, 2 * COUNT)
    numbers = torch.arange(2 * COUNT)
    open_eyes = torch.full((2 * COUNT,), OPEN)
    photos = Photos(
        embeddings(2 * COUNT), torch.from_numpy(votes), numbers % 5, open_eyes, open_eyes
    )
    drawn = gray_faces(rng, COUNT, 64)
    pairs = np.arange(COUNT).reshape(-1, 2)
    expressions = np.arange(COUNT) % 20
    zeros = np.zeros((COUNT, 53), np.float32)
    heads = HeadFaces(gray_faces(rng, COUNT, 80), zeros, zeros, pairs, zeros, expressions)
    names = np.array(["calm"] * COUNT)
    parameters = np.zeros((COUNT, 34), np.float32)
    drawings = Drawings(drawn, votes[:COUNT], parameters, names, names)
    faces = MetricFaces(
        gray_faces(rng, COUNT, 48),
        gray_faces(rng, COUNT, 72),
        np.arange(2 * COUNT),
        votes,
        gray_faces(rng, COUNT, 72),
        drawings,
        heads,
        people(20, 2),
    )
    before = MetricData(
        photos,
        embeddings(COUNT),
        tiny_drawings(embeddings(COUNT), torch.arange(COUNT) % 20),
        RenderedFaces(embeddings(COUNT), torch.from_numpy(expressions), embeddings(40)),
    )
    kept = (gray_faces(rng, COUNT, 72), embeddings(COUNT)), (drawn, embeddings(COUNT))
    return TuningData(faces, before, *kept[0], *kept[1], people(20, 4), people(20, 2))
