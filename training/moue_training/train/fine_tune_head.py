"""The last stage of the fine-tuning: the layers behind the pooled features, and the linear step.

What the stage before changed in the blocks stays. Their features are computed once, so that a step
sees thousands of faces, and the distances of photos come back to those of the network before: on
them depends how much the expression counts beside the person.
"""

from dataclasses import replace

import numpy as np
import torch
from torch import nn

from ..data.jitter import jittered
from ..models.inference import run_batches
from .descent import descend
from .fine_tune_batches import BatchSizes, TuningBatches, TuningData
from .fine_tune_losses import HEAD_WEIGHTS, TuningWeights
from .fine_tune_network import TunedNetwork, TuningLoss
from .metric import transformed
from .trainer import Losses

# Features take no convolutions, so a batch has many more faces than one of pictures.
HEAD_SIZES = BatchSizes(
    photos=1536,
    unlabeled=1024,
    cartoons=256,
    drawings=940,
    emoji=256,
    head_pairs=192,
    smiling=96,
    winking=256,
    kissing=128,
)
STEPS, LAST_STEPS, RATE = 300, 150, 6e-4
# Weight of the distances of photos to the same ones changed a little, and how many there are: how
# much the two sides of a face differ tells a wink from open eyes, but it changes with the crop too.
STEADY, STEADY_FACES, STEADY_BATCH = 40.0, 6000, 1024


class TunedHead(nn.Module):
    """The layers of a tuned network that come after its blocks."""

    def __init__(self, net: TunedNetwork):
        super().__init__()
        self.net = net

    def trained(self) -> list[nn.Parameter]:
        """Returns what is trained."""
        student = self.net.student
        layers = (student.hidden, student.project)
        return [self.net.matrix, *(p for layer in layers for p in layer.parameters())]

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Returns the embeddings (N×64) of the features of faces and mirror images (N×2×192)."""
        student = self.net.student
        sides = student.join(*student.parts(features.flatten(0, 1)))
        mean = sides.reshape(len(features), 2, -1).mean(1)
        return transformed(mean, self.net.matrix)


def fit_head(
    net: TunedNetwork,
    data: TuningData,
    seed: int,
    steps: int = STEPS,
    weights: TuningWeights = HEAD_WEIGHTS,
) -> TunedNetwork:
    """Trains the layers behind the features of the network, in place; returns it."""
    torch.manual_seed(seed)
    features = with_features(net, data)
    head, loss = TunedHead(net), TuningLoss(features, weights)
    batches, pairs = TuningBatches(features, HEAD_SIZES), changed_pairs(net, data, seed)

    def losses() -> Losses:
        return {**loss(head, batches.draw()), "steady": STEADY * steadiness_loss(head, pairs)}

    descend(head.trained(), RATE, steps, losses)
    return net


def changed_pairs(net: TunedNetwork, data: TuningData, seed: int) -> torch.Tensor:
    """Returns the features (N×2×2×192) of some photos, and of these changed a little."""
    photos = data.faces.unlabeled
    crops = photos[torch.randperm(len(photos))[:STEADY_FACES].numpy()]
    return torch.stack(
        [torch.from_numpy(both_sides(net, faces)) for faces in (crops, jittered(crops, seed))], 1
    )


def steadiness_loss(head: TunedHead, pairs: torch.Tensor) -> torch.Tensor:
    """Returns the mean squared distance of some photos to the changed ones."""
    chosen = pairs[torch.randperm(len(pairs))[:STEADY_BATCH]]
    photos, changed = head(chosen.flatten(0, 1)).unflatten(0, (-1, 2)).unbind(1)
    return (photos - changed).square().sum(1).mean()


def with_features(net: TunedNetwork, data: TuningData) -> TuningData:
    """Returns the data with the features of all pictures (…×2×192) in their place."""

    def features(crops: np.ndarray) -> np.ndarray:
        people, size = crops.shape[:-2], crops.shape[-2:]
        return both_sides(net, crops.reshape(-1, *size)).reshape(*people, 2, -1)

    faces = data.faces
    drawings = replace(faces.drawings, images=features(faces.drawings.images))
    heads = replace(faces.heads, images=features(faces.heads.images))
    names = ("own", "aligned", "unlabeled", "smiles")
    others = {name: features(getattr(faces, name)) for name in names}
    return replace(
        data,
        faces=replace(faces, drawings=drawings, heads=heads, **others),
        cartoons=features(data.cartoons),
        emoji=features(data.emoji),
        winks=features(data.winks),
        kisses=features(data.kisses),
    )


def both_sides(net: TunedNetwork, crops: np.ndarray) -> np.ndarray:
    """Returns the pooled features (N×2×192) of gray crops (N×H×W u8) and of their mirror images."""
    student = net.student.eval()

    def pooled(faces: torch.Tensor) -> torch.Tensor:
        sides = [student.pooled_features(side) for side in (faces, faces.flip(3))]
        return torch.stack(sides, 1).float()

    return run_batches(pooled, torch.from_numpy(crops), student.input_size).numpy()
