"""Where the student is to put every face: votes and blendshapes together, as one point in space.

The distance of two points is the distance of their votes (to a power below 1, so that the rarer votes count)
and, to a smaller part, the direction of their blendshapes, left and right taken together so that a mirrored face is the same.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from . import augment
from .crop_faces import FERPLUS
from .data import load_ferplus
from .drawn import load_drawn
from .landmarker import NAMES, symmetric
from .pretrained import FaceTeacher, ResidualTeacher

POWER = 0.35
# Directions of the blendshapes that are kept, how far they are evened out, and their weight beside the votes.
DIRECTIONS, EVENED, WEIGHT = 16, 0.5, 0.35
# Share of the annotators' votes in the target of a face that has them; the rest is the teachers'.
VOTED = 0.4


@dataclass
class Faces:
    """Pictures (N×H×W u8) with vote shares (N×8), points (N×D) and how far to trust the points' blendshapes."""

    images: np.ndarray
    votes: np.ndarray
    points: np.ndarray
    shapes: np.ndarray | None = None


class Space:
    """Turns blendshapes into directions on a sphere: which way a face differs from others, whatever how far.

    On a sphere no face is nearer to the middle than others, so that none becomes everybody's neighbor; and as most directions
    are about as far from each other, the votes alone decide between faces that differ in more than nuance.
    """

    def __init__(self, shapes):
        roots = roots_of(shapes)
        self.mean = roots.mean(0)
        values, vectors = np.linalg.eigh(np.cov((roots - self.mean).T))
        best = np.argsort(values)[::-1][:DIRECTIONS]
        self.matrix = (vectors[:, best] * values[best] ** -EVENED).astype(np.float32)
        # Faces that hardly differ from the mean have no direction to speak of.
        self.soft = 0.3 * np.median(np.linalg.norm((roots - self.mean) @ self.matrix, axis=1))

    def points(self, votes, roots, weight=WEIGHT):
        apart = (roots - self.mean) @ self.matrix
        length = np.sqrt((apart**2).sum(1, keepdims=True) + self.soft**2)
        return np.concatenate([votes**POWER, weight * apart / length], 1).astype(np.float32)


def roots_of(shapes):
    return np.sqrt(symmetric(shapes.astype(np.float32)).clip(0))


def rarity(votes):
    """How often to draw each face: those of rare emotions more often, by the root of how rare they are."""
    return (votes / votes.mean(0).clamp(1e-3).sqrt()).sum(1)


def predict(net, images, batch=256):
    """The mean of what the net says of each picture and of its mirror image."""
    net.eval()
    votes = []
    with torch.no_grad():
        for i in range(0, len(images), batch):
            x = augment.plain(torch.from_numpy(images[i : i + batch]), net.INPUT).to(memory_format=torch.channels_last)
            both = [net.emotions(net(side)).softmax(1) for side in (x, x.flip(3))]
            votes.append((both[0] + both[1]) / 2)
    return torch.cat(votes).numpy()


def kind_of(state):
    """The class of the teacher that has these weights."""
    return ResidualTeacher if "base.3.first.weight" in state else FaceTeacher


def load_teachers(paths):
    nets = []
    for path in paths:
        state = torch.load(path, map_location="cpu")["net"]
        net = kind_of(state)()
        net.load_state_dict(state)
        nets.append(net.to(memory_format=torch.channels_last))
    return nets


def told(net, images, cache=Path("runs")):
    """What one teacher says of the pictures; kept in `cache`, as other runs ask the same."""
    key = hashlib.sha256(images.tobytes())
    for value in net.state_dict().values():
        key.update(value.numpy().tobytes())
    path = cache / f"told-{key.hexdigest()[:16]}.npy"
    if not path.exists():
        np.save(path, predict(net, images))
    return np.load(path)


def taught(nets, images):
    """The teachers' mean opinion."""
    return np.mean([told(net, images) for net in nets], axis=0)


def mediapipe_shapes(names, values):
    """The parameters of drawings (N×34) under MediaPipe's 52 names."""
    at = {name: values[:, i] for i, name in enumerate(names)}
    both = ("mouthUpperUp", "mouthLowerDown", "mouthPress")
    split = {
        "eyeLookOutLeft": at["eyeLookLeft"], "eyeLookInRight": at["eyeLookLeft"],
        "eyeLookInLeft": -at["eyeLookLeft"], "eyeLookOutRight": -at["eyeLookLeft"],
        "eyeLookUpLeft": at["eyeLookUp"], "eyeLookUpRight": at["eyeLookUp"],
        "eyeLookDownLeft": -at["eyeLookUp"], "eyeLookDownRight": -at["eyeLookUp"],
        "jawLeft": at["jawLeft"], "jawRight": -at["jawLeft"],
        "mouthLeft": at["mouthLeft"], "mouthRight": -at["mouthLeft"],
    }  # fmt: skip
    for name in both:
        split[name + "Left"] = split[name + "Right"] = at[name]
    zero = np.zeros(len(values), np.float32)
    return np.stack([np.clip(split.get(n, at.get(n, zero)), 0, 1) for n in NAMES], 1)


def unlabeled(bank):
    """The crops (N×80×80) of UTKFace and muxspace, in the order of their blendshapes."""
    of = [np.flatnonzero(bank["source"] == kind) for kind in range(FERPLUS)]
    return bank["crops"][np.concatenate([rows[np.argsort(bank["index"][rows], kind="stable")] for rows in of])]


def load_sets(crops, shapes_stem, drawings, teachers):
    """FER+ in its own framing, FER+ as moue crops it, unlabeled faces, and drawings, all with targets."""
    data, bank = load_ferplus(), np.load(crops)
    read = [np.load(Path(shapes_stem).with_name(f"{Path(shapes_stem).stem}{i}.npz")) for i in range(3)]
    rows = np.flatnonzero(data.trainable)
    sure = read[FERPLUS]["presence"][rows] > 0.5
    space = Space(read[FERPLUS]["shapes"][rows][sure])
    roots = roots_of(read[FERPLUS]["shapes"][rows])
    roots[~sure] = space.mean
    nets = load_teachers(teachers)
    votes = data.votes[rows]
    if nets:
        votes = VOTED * votes + (1 - VOTED) * taught(nets, data.images[rows])
    points = space.points(votes, roots)
    own = Faces(data.images[rows], votes, points)

    place = {int(r): i for i, r in enumerate(rows)}
    seen = np.flatnonzero((bank["source"] == FERPLUS) & np.isin(bank["index"], rows))
    match = np.array([place[int(r)] for r in bank["index"][seen]])
    aligned = Faces(bank["crops"][seen], votes[match], points[match])

    other_roots = np.concatenate([roots_of(read[i]["shapes"]) for i in range(2)])
    images = unlabeled(bank)
    assert len(images) == len(other_roots), "crops and blendshapes are of the same faces"
    guessed = taught(nets, images) if nets else np.full((len(images), 8), 1 / 8, np.float32)
    others = Faces(images, guessed, space.points(guessed, other_roots))

    drawn = load_drawn(drawings)
    names = json.loads((Path(drawings) / "drawings.json").read_text())["blendshapes"]
    shown = roots_of(mediapipe_shapes(names, drawn.shapes))
    # What MediaPipe reads off a face at rest is not 0: drawings at rest are moved to where such faces are.
    rest = shown[drawn.votes[:, 0] > 0.9].mean(0)
    shown = np.clip(shown - rest + roots[(data.votes[rows][:, 0] > 0.8) & sure].mean(0), 0, 1)
    drawings = Faces(drawn.images, drawn.votes, space.points(drawn.votes, shown), drawn.shapes)
    return {"own": own, "aligned": aligned, "unlabeled": others, "drawings": drawings}
