"""Checks what is learned from heads, and that a student's file can be read back."""

import numpy as np
import torch
import torch.nn.functional as F

from ..data.drawn_expressions import EXPRESSIONS, KISS, NO_EXPRESSION, expressions_of_heads
from ..data.heads import NAMES
from ..export.networks import export_expression
from ..export.restore import restore_student
from ..models.expression import EMOTION_SIZE, ExpressionStudent
from ..models.inference import embed_all
from ..train.distill import KEEP_WEIGHT, DistillationBatches, DistillationLoss
from ..train.head_targets import (
    HEAD_KEEP_WEIGHT,
    KISS_SHARE,
    PHOTOS_PER_PAIR,
    HeadFaces,
    expression_weights,
    head_roots,
    neighbor_loss,
    pairs_of,
    photo_faces,
    photo_kiss_weight,
)
from ..train.losses import kept_error
from ..train.targets import DIRECTIONS, first_of_pairs, unit_emotions
from .tiny_data import gray_faces, tiny_target_sets


def check_head_features() -> str:
    """Raises an `AssertionError` where mirrored or different expressions have the wrong roots."""
    wink, mirrored, neutral = (np.zeros((1, len(NAMES)), np.float32) for _ in range(3))
    wink[0, NAMES.index("eyeBlinkLeft")] = 1
    mirrored[0, NAMES.index("eyeBlinkRight")] = 1
    roots = [head_roots(values) for values in (wink, mirrored, neutral)]
    assert np.allclose(roots[0], roots[1]), "a mirrored wink is another expression"
    assert np.linalg.norm(roots[0] - roots[2]) > 1, "a wink is a neutral face"
    assert pairs_of(np.array([4, 4, 5, 6, 6])).tolist() == [[0, 1], [3, 4]]
    return "heads have the same features when mirrored"


def check_neighbor_loss() -> str:
    """Raises an `AssertionError` where right neighbors do not cost less than wrong ones."""
    features = torch.eye(8).repeat_interleave(2, 0)
    right = neighbor_loss(features, features)
    wrong = neighbor_loss(features.roll(1, 0), features)
    assert float(right) < 0.1 * float(wrong), f"{right:.3f} for right, {wrong:.3f} for wrong"
    return f"the loss of neighbors is {right:.3f} where they are right, {wrong:.3f} where wrong"


def tiny_heads(count: int = 24) -> HeadFaces:
    """Returns pairs of heads with random labels."""
    rng = np.random.default_rng(5)
    values = rng.random((count // 2, len(NAMES))).astype(np.float32).repeat(2, 0)
    roots = head_roots(values)
    directions = rng.standard_normal((count, DIRECTIONS)).astype(np.float32)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    pairs = np.arange(count).reshape(-1, 2)
    features = np.concatenate([roots, np.zeros((count, 1), np.float32)], 1)
    is_kiss = np.arange(count) < 2
    photos = photo_faces(gray_faces(rng, count, 72), roots, roots[0], is_kiss)
    expressions = (np.arange(count) // 2) % 3
    images = gray_faces(rng, count, 80)
    return HeadFaces(images, roots, features, pairs, directions, expressions, photos)


def check_expression_weights() -> str:
    """Raises an `AssertionError` where a rare expression counts less than a common one."""
    heads = tiny_heads(8)
    heads.photos = None
    heads.expressions = np.array([0, 0, 0, 0, 0, 0, KISS, KISS])
    weights = expression_weights(heads)
    assert weights[0] * 6 == weights[KISS] * 2 == 4, "each expression counts the same"
    assert weights[NO_EXPRESSION] == 0, "others do not count"
    kisses = KISS_SHARE * PHOTOS_PER_PAIR * len(heads.pairs) * photo_kiss_weight(heads)
    assert np.isclose(kisses, weights[KISS] * 2), "kisses of photos count as those of heads"
    shown = {pose for _, poses in EXPRESSIONS.values() for pose in poses}
    prototypes = [number for numbers, _ in EXPRESSIONS.values() for number in numbers]
    assert len(shown) == sum(len(poses) for _, poses in EXPRESSIONS.values()), "a pose shows one"
    assert len(set(prototypes)) == len(prototypes) and max(prototypes) < 31
    assert expressions_of_heads(np.array([12, 21]))[1] == NO_EXPRESSION
    return "expressions count the same, however rare"


def check_heads_in_batches() -> str:
    """Raises an `AssertionError` where heads have no loss or no gradient."""
    torch.manual_seed(1)
    net = ExpressionStudent()
    batches = DistillationBatches(tiny_target_sets(), net.input_size, 48, heads=tiny_heads())
    batch = batches.draw()
    # A photo for each pair of heads.
    assert batch.heads is not None and len(batch.heads.faces) == 10 + 5
    assert len(batch.heads.directions) == 10, "directions of heads alone"
    assert abs(len(batch.faces) + 10 - 48) <= 2, "heads take the place of others"
    losses = DistillationLoss()(net, batch)
    of_heads = sum(loss for name, loss in losses.items() if name.startswith("head_"))
    of_heads.backward()
    gradient = float(net.blocks[0].conv.weight.grad.abs().sum())
    assert np.isfinite(gradient) and gradient > 0
    return "heads are a fifth of a batch and have losses of their own"


def check_kept_emotions() -> str:
    """Raises an `AssertionError` where photos do not keep the emotions that they are given."""
    torch.manual_seed(3)
    net = ExpressionStudent()
    sets = tiny_target_sets()
    wanted = F.normalize(torch.randn(EMOTION_SIZE), dim=0)
    for name in ("own", "aligned", "unlabeled"):
        sets[name].kept = wanted.repeat(len(sets[name].images), 1).numpy()
    batch = DistillationBatches(sets, net.input_size, 24).draw()
    assert batch.kept is not None and batch.parameters is not None
    assert len(batch.kept) + len(batch.parameters) == len(batch.faces), "all but the drawings"
    losses = DistillationLoss()(net, batch)
    emotion, _ = net.parts(net.pooled_features(batch.faces[: len(batch.kept)]))
    error = float((emotion.detach() - wanted).square().sum(1).mean())
    assert abs(float(losses["kept"].detach()) / KEEP_WEIGHT - error) < 0.05, "the squared distance"
    return "photos keep the emotions that a student has learned"


def check_kept_heads() -> str:
    """Raises an `AssertionError` where heads do not keep the emotions that they are given."""
    torch.manual_seed(4)
    net = ExpressionStudent().eval()
    heads = tiny_heads()
    emotions = unit_emotions(embed_all(net, torch.from_numpy(heads.images)))
    heads.kept = first_of_pairs(emotions, heads.pairs)
    assert np.array_equal(heads.kept[0::2], heads.kept[1::2]), "a pair has one emotion"
    sets = tiny_target_sets()
    whole = DistillationBatches(sets, net.input_size, 48, heads=heads).draw()
    batch = whole.heads
    assert batch and batch.kept is not None and len(batch.kept) == 10, "of heads, not of photos"
    with torch.no_grad():
        loss = float(DistillationLoss()(net, whole)["head_kept"])
        emotion, _ = net.parts(net.pooled_features(batch.faces[:10]))
    error = float(kept_error(emotion, batch.kept))
    assert abs(loss / HEAD_KEEP_WEIGHT - error) < 0.05, "the squared distance"
    assert float(kept_error(batch.kept, batch.kept)) < 1e-6, "what is kept has no loss"
    assert float(kept_error(-batch.kept, batch.kept)) > 3.9, "the opposite has the largest"
    return "heads keep the emotions that a student sees in them"


def check_restoring() -> str:
    """Raises an `AssertionError` where a student that is read back embeds otherwise."""
    torch.manual_seed(2)
    net = ExpressionStudent()
    rng = np.random.default_rng(6)
    for block in net.blocks:
        # As training leaves it: not the identity.
        block.norm.running_mean.uniform_(-0.2, 0.2)
        block.norm.running_var.uniform_(0.5, 1.5)
    faces = gray_faces(rng, 16, 64)
    restored = restore_student(export_expression(net.eval()), faces)
    x = torch.from_numpy(faces)[:, None].float() / 127.5 - 1
    with torch.no_grad():
        difference = float((net.embed(x) - restored.embed(x)).abs().max())
    # Weights are stored in half precision.
    assert difference < 0.02, f"embeddings differ by {difference:.3f}"
    return f"a student is read back from its file (largest difference {difference:.4f})"
