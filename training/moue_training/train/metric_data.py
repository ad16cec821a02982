"""What the metric is learned from: embeddings of all sources by the exported network."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ..data.blendshapes import from_drawing_parameters
from ..data.drawings import Drawings, drawing_table, load_drawings
from ..data.drawn_expressions import expressions_of_drawings
from ..data.expression_labels import labels_path
from ..data.eyes import eye_states
from ..data.ferplus import load_ferplus
from ..data.heads import crop_heads, render_heads
from ..data.mouths import drawn_mouth_states, mouth_states
from ..data.sources import FERPLUS
from .head_targets import CROP_SIZE, HeadFaces, load_head_faces
from .targets import TargetFiles, clear_classes, drawing_classes, load_crops, unlabeled_rows

# Persons who smile with closed lips, each beside the same neutral face, and the seed of their set,
# which no evaluation has.
SMILING_PEOPLE, SMILES_SEED = 300, 778
# Of the faces without votes every third is enough to keep their distances.
UNLABELED_STEP = 3

# Returns the embeddings (N×64) of gray crops (N×H×W u8), before the linear step.
Embed = Callable[[np.ndarray], np.ndarray]


@dataclass
class Photos:
    """Embeddings (N×64) of FER+'s training faces in both framings, and what they show.

    `votes` (N×8); `classes` (N) of clear faces; `eyes` and `mouths` (N), open or closed.
    """

    embeddings: torch.Tensor
    votes: torch.Tensor
    classes: torch.Tensor
    eyes: torch.Tensor
    mouths: torch.Tensor

    def at(self, rows: torch.Tensor) -> "Photos":
        """Returns these rows."""
        return Photos(*(column[rows] for column in vars(self).values()))

    def sampling_weights(self) -> torch.Tensor:
        """Returns weights (N) by which rare emotions are drawn more often than they occur."""
        leading = self.votes.argmax(1)
        return torch.bincount(leading, minlength=8).float()[leading].rsqrt()


@dataclass
class DrawnFaces:
    """Embeddings (M×64) of drawings, and what they show (M each)."""

    embeddings: torch.Tensor
    classes: torch.Tensor
    expressions: torch.Tensor
    eyes: torch.Tensor
    mouths: torch.Tensor


@dataclass
class RenderedFaces:
    """Embeddings (H×64) and expressions (H) of heads.

    `smiles` (S×2×64) are a neutral face and a closed smile of each person.
    """

    embeddings: torch.Tensor
    expressions: torch.Tensor
    smiles: torch.Tensor


@dataclass
class MetricData:
    """All sources; `unlabeled` (U×64) are faces without votes."""

    photos: Photos
    unlabeled: torch.Tensor
    drawings: DrawnFaces
    heads: RenderedFaces


@dataclass
class MetricFaces:
    """Gray crops (u8) of all sources, before anything embeds them, and where they are from.

    `own` (N×48×48) and `aligned` (M×72×72) are FER+'s training faces in both framings; `rows`
    (N+M) are theirs in FER+, and `votes` (N+M×8) the annotators'. `smiles` (S×2×80×80) are a
    neutral face and a closed smile of each person.
    """

    own: np.ndarray
    aligned: np.ndarray
    rows: np.ndarray
    votes: np.ndarray
    unlabeled: np.ndarray
    drawings: Drawings
    heads: HeadFaces
    smiles: np.ndarray


def load_metric_faces(files: TargetFiles, renderer: str) -> MetricFaces:
    """Loads all sources; the renderer makes the smiles."""
    bank, data = load_crops(files.crops), load_ferplus()
    own = np.flatnonzero(data.trainable)
    aligned = np.flatnonzero((bank["source"] == FERPLUS) & np.isin(bank["index"], own))
    rows = np.concatenate([own, bank["index"][aligned]])
    return MetricFaces(
        data.images[own],
        bank["crops"][aligned],
        rows,
        data.votes[rows].astype(np.float32),
        bank["crops"][unlabeled_rows(bank)[::UNLABELED_STEP]],
        load_drawings(files.drawings),
        load_head_faces(files.heads),
        closed_smiles(renderer),
    )


def load_metric_data(embed: Embed, files: TargetFiles, renderer: str) -> MetricData:
    """Embeds all sources, and smiles that the renderer makes: some three minutes."""
    return embedded(load_metric_faces(files, renderer), embed, files)


def embedded(faces: MetricFaces, embed: Embed, files: TargetFiles) -> MetricData:
    """Embeds all faces."""
    smiles = embed(faces.smiles.reshape(-1, *faces.smiles.shape[2:])).reshape(-1, 2, 64)
    heads = (embed(faces.heads.images), faces.heads.expressions, smiles)
    return MetricData(
        photo_faces(embed, faces, files.shapes),
        torch.from_numpy(embed(faces.unlabeled)),
        drawn_faces(embed, faces.drawings, files.drawings),
        RenderedFaces(*map(torch.from_numpy, heads)),
    )


def photo_faces(embed: Embed, faces: MetricFaces, shapes: Path) -> Photos:
    """Embeds FER+'s training faces in its own framing and in moue's."""
    tables = embed(faces.own), embed(faces.aligned)
    with np.load(labels_path(shapes, FERPLUS)) as labels:
        estimated = labels["shapes"][faces.rows], labels["presence"][faces.rows]
    return Photos(
        torch.from_numpy(np.concatenate(tables)),
        torch.from_numpy(faces.votes),
        torch.from_numpy(clear_classes(faces.votes)),
        torch.from_numpy(eye_states(*estimated)),
        torch.from_numpy(mouth_states(*estimated)),
    )


def drawn_faces(embed: Embed, drawings: Drawings, folder: Path) -> DrawnFaces:
    """Embeds the drawings of a folder."""
    eyes, mouths = drawn_states(drawings, drawing_table(folder)["blendshapes"])
    return DrawnFaces(
        torch.from_numpy(embed(drawings.images)),
        torch.from_numpy(drawing_classes(drawings)),
        torch.from_numpy(expressions_of_drawings(drawings.poses)),
        torch.from_numpy(eyes),
        torch.from_numpy(mouths),
    )


def drawn_states(drawings: Drawings, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Returns the states of eyes and mouths (M each) of drawings by their parameters."""
    blendshapes = from_drawing_parameters(names, drawings.parameters)
    certain = np.ones(len(blendshapes))
    return eye_states(blendshapes, certain), drawn_mouth_states(blendshapes)


def closed_smiles(renderer: str) -> np.ndarray:
    """Renders persons (S×2×80×80) who are neutral, and smile with closed lips."""
    with tempfile.TemporaryDirectory() as folder:
        out, count = Path(folder) / "smiles.npz", 2 * SMILING_PEOPLE
        heads = render_heads(renderer, out, "smiles", count, SMILES_SEED)
    crops = crop_heads(heads, np.arange(len(heads.pictures)), CROP_SIZE)
    return crops.reshape(-1, 2, CROP_SIZE, CROP_SIZE)
