"""Measures on rendered heads, Yale's faces and clips: turned heads, fine expressions, drawn or not.

The heads are of persons that no training set has: their seed is kept for evaluation.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score

from ..data.drawn_expressions import (
    UNMISTAKABLE,
    expressions_of_drawings,
    expressions_of_heads,
)
from ..data.ferplus import load_triplets, triplet_accuracy
from ..data.heads import Heads, render_heads
from ..data.paths import data_root
from ..data.style_samples import CLASSES
from ..train.validation import nearest_shows_same
from .clips import clip_shares
from .embedders import Embedder, NetworkEmbedder, ProgramEmbedder, clear_photos
from .false_expressions import false_expression_rows
from .metrics import has_embedding
from .moue_cli import run_moue
from .style import Labeled, overlap

# No set for training is rendered with this seed.
SEED = 20_001
# Persons of the sets of turned heads and of smiles.
TURNED_PEOPLE, SMILING_PEOPLE = 60, 80
YAWS = (0, 30, 45, 60, 75, 90)
# 14 persons with 31 expressions.
EXPRESSION_HEADS = 14 * 31
# A found box is the head's where it overlaps the true one by more (intersection over union): half
# is usual for faces of one convention of boxes, but profiles have as many as data sets.
MIN_OVERLAP = 0.35
SMILE_TRIALS = 4000
# States of Yale's faces that a wink is told from.
YALE_OTHERS = ("normal", "sleepy", "sad")
PROBE_FOLDS = 5


@dataclass
class HeadsOptions:
    """The two programs: moue, and the renderer of heads.

    With `network`, a `.tflite` file, its embeddings are measured in place of the program's; this
    needs the folder of drawings too.
    """

    moue: str
    renderer: str
    network: Path | None = None
    drawings: Path = Path("runs/drawings")

    def embedder(self) -> Embedder:
        """Returns what embeds."""
        if self.network:
            return NetworkEmbedder(self.moue, self.network, self.drawings)
        return ProgramEmbedder(self.moue)


def head_lines(options: HeadsOptions) -> Iterator[str]:
    """Yields the lines of the report."""
    embedder = options.embedder()
    photos, drawings = clear_photos(embedder), embedder.drawings()
    yield "\n| heads, Yale, and drawn or not | |\n|---|---|"
    with tempfile.TemporaryDirectory() as folder:

        def rendered(kind: str, count: int) -> Heads:
            return render_heads(options.renderer, Path(folder) / "set.npz", kind, count, SEED)

        if not options.network:
            yield from turned_lines(options.moue, rendered("turned", TURNED_PEOPLE * len(YAWS)))
        heads = rendered("expressions", EXPRESSION_HEADS)
        table = embedder.pictures([p.tobytes() for p in heads.pictures])
        share = same_expression(heads, table)
        yield row("31 expressions: nearest head of another person shows the same", share)
        shown = same_as_drawn(heads, table, drawings)
        yield row("winks, kisses, puffed cheeks, tongues: the nearest drawing shows it", shown)
        of_heads = table[has_embedding(table)]
        heads = rendered("smiles", 2 * SMILING_PEOPLE)
        table = embedder.pictures([p.tobytes() for p in heads.pictures])
        yield row("closed smiles told from neutral faces of other persons", smiles_told(table))
    yale = yale_faces(embedder)
    for other, share in winks_told(yale).items():
        yield row(f"Yale: wink told from {other} (triplets)", share)
    yield row("Yale: winks whose nearest drawing winks", winks_drawn(yale, drawings))
    for title, share in clip_shares(embedder, drawings):
        yield row(title, share)
    yield from false_expression_rows(embedder, drawings)
    accuracy = drawn_probe(photos, drawings)
    yield row("linear probe tells drawn from photo (accuracy; lower is better)", accuracy)
    for name, faces in (("heads", of_heads), ("photos", photos.embeddings)):
        distance = median_nearest(faces, drawings.embeddings)
        yield row(f"{name}: median distance to the nearest drawing (lower is better)", distance)
    yield row("FER+ vote triplets, test", ferplus_triplets(embedder))


def median_nearest(faces: np.ndarray, drawings: np.ndarray) -> float:
    """Returns the median distance of a face (N×64) to the nearest drawing (M×64), unit vectors.

    Where heads are much farther than photos, the network tells rendered faces from others: what it
    learned from heads does not hold for photos, and a search answers rendered faces badly.
    """
    cosines = (faces @ drawings.T).max(1)
    return float(np.median(np.sqrt(np.maximum(2 - 2 * cosines, 0))))


def turned_lines(moue: str, heads: Heads) -> Iterator[str]:
    """Yields how many turned heads are found."""
    for effort in ("thorough", "live"):
        shares = found_by_yaw(moue, heads, effort)
        cells = ", ".join(f"{yaw}°: {share:.2f}" for yaw, share in shares.items())
        yield f"| heads found, {effort}, by yaw | {cells} |"


def ferplus_triplets(embedder: Embedder) -> float:
    """Returns the share of FER+'s test triplets that the embeddings get right."""
    rows, types = load_triplets("test")
    used = np.unique(rows)
    table = np.full((used.max() + 1, 64), np.nan, np.float32)
    table[used] = embedder.ferplus(used)
    return triplet_accuracy(table, rows, types)["mean"]


def row(title: str, value: float) -> str:
    """Returns a row of the table."""
    return f"| {title} | {value:.3f} |"


def found_by_yaw(moue: str, heads: Heads, effort: str) -> dict[int, float]:
    """Returns the share of heads that are found at each yaw."""
    found = np.zeros(len(heads.pictures), bool)
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for i, picture in enumerate(heads.pictures):
            paths.append(Path(folder) / f"{i}.png")
            paths[-1].write_bytes(picture.tobytes())
        for line in run_moue(moue, "detect", "--json", "--effort", effort, *map(str, paths)):
            i = int(Path(line["picture"]).stem)
            x, y, width, height = heads.marks[i, 1:5]
            mark = [x - width / 2, y - height / 2, width, height]
            found[i] = any(overlap(face["box"], mark) > MIN_OVERLAP for face in line["faces"])
    yaws = np.round(np.abs(heads.pose[:, 0])).astype(int)
    return {yaw: float(found[yaws == yaw].mean()) for yaw in YAWS}


def same_expression(heads: Heads, table: np.ndarray) -> float:
    """Returns how often the nearest head of another person shows the same expression.

    A head without an embedding is wrong, and never the nearest.
    """
    return nearest_shows_same(table, heads.group, heads.prototype)


def same_as_drawn(heads: Heads, table: np.ndarray, drawings: Labeled) -> float:
    """Returns how often the drawing nearest to an `UNMISTAKABLE` head shows the same.

    A head without an embedding (N×64) is wrong.
    """
    expressions = expressions_of_heads(heads.prototype)
    asked = np.isin(expressions, UNMISTAKABLE)
    rows = np.flatnonzero(asked & has_embedding(table))
    nearest = (table[rows] @ drawings.embeddings.T).argmax(1)
    shown = expressions_of_drawings(drawings.kinds)[nearest]
    return float((shown == expressions[rows]).sum() / asked.sum())


def smiles_told(table: np.ndarray) -> float:
    """Returns how often the face of another person that shows the same is the nearer one.

    Neutral faces and closed smiles alternate in `table` (2N×64), a person's two after each other.
    A trial has a face of one person, the same of a second and the other of a third. Chance is 0.5.
    """
    random = np.random.default_rng(1)
    people = len(table) // 2
    wins = 0
    for trial in range(SMILE_TRIALS):
        shown = trial % 2
        a, b, c = random.choice(people, 3, replace=False)
        anchor, alike, other = table[2 * a + shown], table[2 * b + shown], table[2 * c + 1 - shown]
        # A missing embedding compares as not nearer.
        wins += int(np.linalg.norm(anchor - alike) < np.linalg.norm(anchor - other))
    return wins / SMILE_TRIALS


def yale_faces(embedder: Embedder) -> dict[str, np.ndarray]:
    """Returns the embeddings (64) of Yale's faces by `person.state`; NaN where no face is found."""
    paths = sorted((data_root() / "yale").glob("*.png"))
    table = embedder.pictures([path.read_bytes() for path in paths])
    return dict(zip((path.stem for path in paths), table, strict=True))


def winks_told(faces: dict[str, np.ndarray]) -> dict[str, float]:
    """Returns the share of triplets of winks and another state whose odd one is right.

    Two of three persons wink, or two show the other state; both occur equally often. Chance is a
    third.
    """
    people = sorted({name.split(".")[0] for name in faces})
    return {
        state: (odd_ones(faces, people, "wink", state) + odd_ones(faces, people, state, "wink")) / 2
        for state in YALE_OTHERS
    }


def winks_drawn(faces: dict[str, np.ndarray], drawings: Labeled) -> float:
    """Returns how often the drawing nearest to a wink of Yale's faces winks."""
    winks = np.stack([face for name, face in faces.items() if name.endswith(".wink")])
    nearest = (winks @ drawings.embeddings.T).argmax(1)
    return float((has_embedding(winks) & (drawings.kinds[nearest] == "wink")).mean())


def odd_ones(faces: dict[str, np.ndarray], people: list[str], pair: str, other: str) -> float:
    """Returns how often two persons' faces of one state are nearer than either to a third's."""
    right = []
    for a, b in combinations(people, 2):
        one, two = faces[f"{a}.{pair}"], faces[f"{b}.{pair}"]
        near = np.linalg.norm(one - two)
        for who in people:
            if who not in (a, b):
                odd = faces[f"{who}.{other}"]
                far = min(np.linalg.norm(one - odd), np.linalg.norm(two - odd))
                right.append(bool(near < far))
    return float(np.mean(right))


def drawn_probe(photos: Labeled, drawn: Labeled) -> float:
    """Returns how often a linear function of the embedding tells drawings from photos.

    Logistic regression, cross-validated. Both styles have as many faces of each class, so that the
    classes tell nothing. Chance is 0.5.
    """
    random = np.random.default_rng(1)
    rows, labels = [], []
    for name in CLASSES:
        own = [np.flatnonzero(style.classes == name) for style in (photos, drawn)]
        count = min(map(len, own))
        for is_drawn, style in enumerate((photos, drawn)):
            rows.append(style.embeddings[random.permutation(own[is_drawn])[:count]])
            labels += [is_drawn] * count
    probe = LogisticRegression(C=10.0, max_iter=2000)
    folds = StratifiedKFold(PROBE_FOLDS, shuffle=True, random_state=1)
    scores = cross_val_score(probe, np.concatenate(rows), np.array(labels), cv=folds)
    return float(scores.mean())
