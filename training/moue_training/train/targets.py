"""The student's targets: vote shares and directions of blendshapes, as one point for each face.

The distance of two points is the distance of their votes, to a power below 1 so that the rarer
votes count, and, to a smaller part, that of their blendshapes' directions. A mirrored face has the
same target.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import nn

from ..data.blendshapes import from_drawing_parameters, invariant_roots
from ..data.drawings import Drawings, drawing_table, load_drawings
from ..data.drawn_expressions import NO_EXPRESSION, expressions_of_drawings
from ..data.expression_labels import labels_path
from ..data.ferplus import EMOTIONS as EMOTION_NAMES
from ..data.ferplus import FerPlus, load_ferplus
from ..data.kisses import is_kiss
from ..data.sources import FERPLUS, MUXSPACE, UTKFACE
from ..data.style_samples import CLASSES, CLEAR_SHARE, OTHER_STATES
from ..models.expression import EMOTION_SIZE
from .cross_style import NO_CLASS
from .head_targets import HeadFaces, load_head_faces, photo_faces
from .predictions import cached_embeddings, load_student, load_teachers, mean_predictions

EMOTIONS = 8
# Exponent of the vote shares. The Hellinger distance has 0.5; with a lower one a single vote of
# ten counts for more. Chosen by hand.
VOTE_POWER = 0.35
# Principal directions of the blendshapes that are kept: as many as the embedding's nuance has
# dimensions.
DIRECTIONS = 16
# Exponent of the whitening: 0.5 evens out the variance of the directions fully.
WHITENING = 0.5
# Length of the direction beside the votes, whose points are about 1 long: votes decide first.
DIRECTION_WEIGHT = 0.35
# Share of the annotators' votes in the target of a labeled face; the rest is the teachers'. Ten
# votes are a noisy estimate of the distribution.
ANNOTATOR_SHARE = 0.4


@dataclass
class TargetFaces:
    """Pictures (N×H×W or N×3×H×W u8) with vote shares (N×8) and target points (N×24).

    Drawings have their parameters (N×P) too, aligned photos the roots (N×52) of their blendshapes.
    `kept` (N×48) are the emotions of photos that a trained network has already learned. `classes`
    (N) are the emotions that a clear face shows, or a drawing is an answer to; the others have
    `NO_CLASS`. `expressions` (N) of drawings are as those of heads.
    """

    images: np.ndarray
    votes: np.ndarray
    points: np.ndarray
    parameters: np.ndarray | None = None
    roots: np.ndarray | None = None
    kept: np.ndarray | None = None
    classes: np.ndarray | None = None
    expressions: np.ndarray | None = None

    def known_classes(self) -> np.ndarray:
        """Returns the classes (N), `NO_CLASS` for all where none is known."""
        return np.full(len(self.images), NO_CLASS) if self.classes is None else self.classes

    def known_expressions(self) -> np.ndarray:
        """Returns the expressions (N), `NO_EXPRESSION` for all where none is known."""
        unknown = np.full(len(self.images), NO_EXPRESSION)
        return unknown if self.expressions is None else self.expressions


@dataclass
class TargetFiles:
    """Where crops, blendshape labels and drawings are; each default is the recipe's."""

    crops: Path = Path("runs/crops.npz")
    shapes: Path = Path("runs/shapes.npz")
    drawings: Path = Path("runs/drawings")
    # Written by the renderer of heads; none are used without it.
    heads: Sequence[Path] = ()
    # Crops of cartoon frames; none are used without it.
    cartoons: Path | None = None


class BlendshapeSphere:
    """Maps blendshapes to a sphere: the direction in which a face differs from the mean face.

    The directions are whitened principal components. On a sphere no face is nearer to the center
    than others, so none becomes a hub; and most directions are about equally far from each other,
    so the votes alone decide between faces that differ in more than nuance.
    """

    def __init__(self, roots: np.ndarray):
        self.mean = roots.mean(0)
        values, vectors = np.linalg.eigh(np.cov((roots - self.mean).T))
        best = np.argsort(values)[::-1][:DIRECTIONS]
        self.matrix = (vectors[:, best] * values[best] ** -WHITENING).astype(np.float32)
        # The direction of a face near the mean is mostly noise: it is shorter.
        lengths = np.linalg.norm((roots - self.mean) @ self.matrix, axis=1)
        self.softening = 0.3 * np.median(lengths)

    def directions(self, roots: np.ndarray) -> np.ndarray:
        """Returns the directions (N×16, at most 1 long) of invariant roots (N×52)."""
        offsets = (roots - self.mean) @ self.matrix
        length = np.sqrt((offsets**2).sum(1, keepdims=True) + self.softening**2)
        found: np.ndarray = (offsets / length).astype(np.float32)
        return found

    def points(self, votes: np.ndarray, roots: np.ndarray) -> np.ndarray:
        """Returns the targets (N×24) of vote shares (N×8) and invariant roots (N×52)."""
        directions = DIRECTION_WEIGHT * self.directions(roots)
        return np.concatenate([votes**VOTE_POWER, directions], 1).astype(np.float32)


@dataclass
class LabeledFaces:
    """The trainable FER+ faces: pictures, FER+ rows, votes and roots of blendshapes.

    `is_present` (N) tells where the landmarker saw a face; elsewhere the roots are the mean.
    """

    images: np.ndarray
    rows: np.ndarray
    annotator_votes: np.ndarray
    votes: np.ndarray
    roots: np.ndarray
    is_present: np.ndarray


def unlabeled_rows(bank: dict[str, np.ndarray]) -> np.ndarray:
    """Returns the rows (N) of UTKFace and muxspace, in the order of their blendshapes."""
    ordered = []
    for source in (UTKFACE, MUXSPACE):
        rows = np.flatnonzero(bank["source"] == source)
        ordered.append(rows[np.argsort(bank["index"][rows], kind="stable")])
    return np.concatenate(ordered)


def unlabeled_crops(bank: dict[str, np.ndarray]) -> np.ndarray:
    """Returns the crops (N×72×72) of UTKFace and muxspace, in the order of their blendshapes."""
    return bank["crops"][unlabeled_rows(bank)]


def load_crops(path: Path) -> dict[str, np.ndarray]:
    """Loads the file of `face_crops`; every access to an open archive would read it again."""
    with np.load(path) as bank:
        return dict(bank)


def load_target_sets(
    files: TargetFiles, teachers: Sequence[Path], keep: Path | None = None
) -> tuple[dict[str, TargetFaces], HeadFaces | None]:
    """Loads all faces that the student learns from, with targets, and the heads, if any.

    The sets are `own` (FER+ in its own framing), `aligned` (FER+ as moue crops it), `unlabeled`
    (UTKFace and muxspace, as moue crops them) and `drawings`. With `keep`, a student's checkpoint,
    photos have its emotions.
    """
    bank = load_crops(files.crops)
    nets = load_teachers(teachers)
    heads = load_head_faces(files.heads) if files.heads else None
    labeled, sphere = load_labeled(load_ferplus(), files.shapes, nets, heads)
    points = sphere.points(labeled.votes, labeled.roots)
    drawings = drawn_faces(files.drawings, neutral_roots(labeled), sphere)
    poses = np.array([row["pose"] for row in drawing_table(files.drawings)["drawings"]])
    drawings.expressions = expressions_of_drawings(poses)
    sets = {
        "own": TargetFaces(
            labeled.images, labeled.votes, points, classes=clear_classes(labeled.annotator_votes)
        ),
        "aligned": aligned_faces(labeled, points, bank),
        "unlabeled": unlabeled_faces(files.shapes, nets, bank, sphere),
    }
    if files.cartoons:
        sets["cartoons"] = cartoon_faces(files.cartoons, nets, sphere)
    # They come last in a batch.
    sets["drawings"] = drawings
    if heads:
        neutral = neutral_roots(labeled)
        heads.directions = sphere.directions(np.clip(heads.roots + neutral, 0, 1))
        faces, rows = sets["unlabeled"], unlabeled_rows(bank)
        assert faces.roots is not None
        kisses = is_kiss(bank["source"][rows], bank["index"][rows])
        heads.photos = photo_faces(faces.images, faces.roots, neutral, kisses)
    if keep:
        keep_emotions(sets, heads, keep)
    return sets, heads


def keep_emotions(sets: dict[str, TargetFaces], heads: HeadFaces | None, path: Path) -> None:
    """Gives all photos and heads the emotions (N×48) of the student of this checkpoint."""
    net = load_student(path)
    for faces in sets.values():
        if faces.parameters is None:
            faces.kept = unit_emotions(cached_embeddings(net, faces.images))
    if heads:
        emotions = unit_emotions(cached_embeddings(net, heads.images))
        heads.kept = first_of_pairs(emotions, heads.pairs)


def first_of_pairs(emotions: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Returns the emotions (N×48) of heads, where the second head of a pair (P×2) has the first's.

    The first is like a photo: a student knows it better than a drawn one.
    """
    shared = emotions.copy()
    shared[pairs[:, 1]] = emotions[pairs[:, 0]]
    return shared


def unit_emotions(embeddings: np.ndarray) -> np.ndarray:
    """Returns the emotions (N×48) of embeddings (N×64), of unit length."""
    emotion = embeddings[:, :EMOTION_SIZE]
    unit: np.ndarray = emotion / np.linalg.norm(emotion, axis=1, keepdims=True)
    return unit


def neutral_roots(labeled: LabeledFaces) -> np.ndarray:
    """Returns the mean roots (52) of neutral faces: estimated blendshapes are not 0 there."""
    is_neutral = (labeled.annotator_votes[:, 0] > 0.8) & labeled.is_present
    mean: np.ndarray = labeled.roots[is_neutral].mean(0)
    return mean


def load_labeled(
    data: FerPlus, shapes: Path, nets: Sequence[nn.Module], heads: HeadFaces | None = None
) -> tuple[LabeledFaces, BlendshapeSphere]:
    """Returns the labeled faces, and the sphere that blendshapes define: theirs, and the heads'.

    Among faces of films and news winks, kisses and puffed cheeks are so rare that they are no
    principal directions; among heads they are.
    """
    rows = np.flatnonzero(data.trainable)
    with np.load(labels_path(shapes, FERPLUS)) as labels:
        blendshapes = labels["shapes"][rows]
        is_present = labels["presence"][rows] > 0.5
    roots = invariant_roots(blendshapes)
    roots[~is_present] = roots[is_present].mean(0)
    annotators = data.votes[rows]
    votes = annotators
    if nets:
        predicted = mean_predictions(nets, data.images[rows])
        votes = ANNOTATOR_SHARE * votes + (1 - ANNOTATOR_SHARE) * predicted
    labeled = LabeledFaces(data.images[rows], rows, annotators, votes, roots, is_present)
    seen = roots[is_present]
    if heads:
        # As many as there are faces, so that each counts half.
        some = np.arange(len(seen)) % len(heads.roots)
        moved = np.clip(heads.roots[some] + neutral_roots(labeled), 0, 1)
        seen = np.concatenate([seen, moved])
    return labeled, BlendshapeSphere(seen)


def aligned_faces(
    labeled: LabeledFaces, points: np.ndarray, bank: dict[str, np.ndarray]
) -> TargetFaces:
    """Returns the labeled faces that moue found, as it crops them."""
    position = {int(row): i for i, row in enumerate(labeled.rows)}
    seen = np.flatnonzero((bank["source"] == FERPLUS) & np.isin(bank["index"], labeled.rows))
    match = np.array([position[int(row)] for row in bank["index"][seen]])
    roots = labeled.roots[match]
    classes = clear_classes(labeled.annotator_votes[match])
    images, votes = bank["crops"][seen], labeled.votes[match]
    return TargetFaces(images, votes, points[match], roots=roots, classes=classes)


def unlabeled_faces(
    shapes: Path,
    nets: Sequence[nn.Module],
    bank: dict[str, np.ndarray],
    sphere: BlendshapeSphere,
) -> TargetFaces:
    """Returns the faces that no annotator has seen, with the teachers' votes."""
    tables = [np.load(labels_path(shapes, source))["shapes"] for source in (UTKFACE, MUXSPACE)]
    roots = np.concatenate([invariant_roots(table) for table in tables])
    images = unlabeled_crops(bank)
    if len(images) != len(roots):
        raise ValueError("crops and blendshapes are not of the same faces")
    if nets:
        votes = mean_predictions(nets, images)
    else:
        votes = np.full((len(images), EMOTIONS), 1 / EMOTIONS, np.float32)
    return TargetFaces(images, votes, sphere.points(votes, roots), roots=roots)


def cartoon_faces(path: Path, nets: Sequence[nn.Module], sphere: BlendshapeSphere) -> TargetFaces:
    """Returns the faces of cartoon frames, with the teachers' votes.

    The landmarker was not made for them: their blendshapes are the mean face's, which has no
    direction, so the nuance is free.
    """
    images = load_crops(path)["crops"]
    votes = mean_predictions(nets, images)
    roots = np.tile(sphere.mean, (len(images), 1))
    return TargetFaces(images, votes, sphere.points(votes, roots))


def drawn_faces(folder: Path, neutral: np.ndarray, sphere: BlendshapeSphere) -> TargetFaces:
    """Returns the drawings, their parameters converted to blendshapes.

    `neutral` (52) are the roots of the other sets' neutral faces.
    """
    drawings = load_drawings(folder)
    names = drawing_table(folder)["blendshapes"]
    roots = invariant_roots(from_drawing_parameters(names, drawings.parameters))
    # Blendshapes estimated from a neutral face are not 0: neutral drawings are moved to where
    # neutral faces are.
    neutral_drawings = roots[drawings.votes[:, 0] > 0.9].mean(0)
    roots = np.clip(roots - neutral_drawings + neutral, 0, 1)
    points = sphere.points(drawings.votes, roots)
    return TargetFaces(
        drawings.images,
        drawings.votes,
        points,
        drawings.parameters,
        classes=drawing_classes(drawings),
    )


def clear_classes(votes: np.ndarray) -> np.ndarray:
    """Returns the emotion (N) of faces that the annotators' votes (N×8) agree on."""
    known = np.isin(EMOTION_NAMES, CLASSES)[votes.argmax(1)] & (votes.max(1) >= CLEAR_SHARE)
    return np.where(known, votes.argmax(1), NO_CLASS)


def drawing_classes(drawings: Drawings) -> np.ndarray:
    """Returns the emotion (N) whose clear faces each drawing answers; `NO_CLASS` for none."""
    emotions = np.array([EMOTION_NAMES.index(name) for name in drawings.emotions])
    return np.where(np.isin(drawings.poses, OTHER_STATES), NO_CLASS, emotions)
