"""Whether photos, drawings, emoji and memes of one expression are near to each other.

Every row is measured on FER+ test faces on which 8 of 10 annotators agree, by two rankings: the
Euclidean distance of the 64 numbers, and that from the *centered query* normalize(z − μ / 4), with
μ the mean of FER+ training faces, which counters hubs (Suzuki et al. 2013).
"""

import csv
import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..data.emoji import absent_for_emoji, emoji_pictures
from ..data.ferplus import EMOTIONS, label_table, load_ferplus, test_rows
from ..data.paths import data_root
from ..data.style_samples import CLASSES, CLEAR_VOTES, OTHER_STATES
from .metrics import CENTERING, has_embedding
from .moue_cli import embed_pictures, encode_all, encode_gray_png, run_moue

# Calm and sad people are counted among the first so many clear faces of each class.
COUNTED = 120
# A slight smile: neutral by its tag, and a right answer to a happy face too.
SLIGHTLY_HAPPY = "pleased"
# Poses with closed eyes, which a smile with open eyes should not get.
EYES_CLOSED = ("asleep", "proud")
# Emotions that hardly ten annotators of a face agree on.
RARE = ("fear", "disgust")
CLOSED_SMILES = Path(__file__).with_name("closed_smiles.txt")
# μ is estimated on every so many of FER+'s training faces.
MEAN_STEP = 8
CROSS_TRIPLETS = 2000
MEMES = Path(__file__).with_name("meme_expressions.tsv")
# A marked face is the one whose box overlaps it by more (intersection over union).
MIN_OVERLAP = 0.4


@dataclass
class Labeled:
    """Embeddings (N×64) with the class of each, and what else is known of it."""

    embeddings: np.ndarray
    classes: np.ndarray
    kinds: np.ndarray


@dataclass
class Ranking:
    """How queries are compared with a gallery; `center`, if any, is subtracted from them."""

    name: str
    center: np.ndarray | None = None

    def first(self, queries: np.ndarray, gallery: np.ndarray) -> np.ndarray:
        """Returns the index of each query's (N×64) first match in a gallery (M×64)."""
        if self.center is not None:
            queries = queries - self.center
            queries = queries / np.linalg.norm(queries, axis=1, keepdims=True)
        # Of vectors of unit length the nearest has the largest product.
        return np.argmax(queries @ gallery.T, 1)


def style_lines(moue: str) -> Iterator[str]:
    """Yields the lines of the report."""
    faces = clear_faces(moue)
    rankings = [Ranking("Euclidean"), Ranking("centered query", CENTERING * training_mean(moue))]
    drawn = builtin_drawings(moue)
    yield f"\n| photos and other styles | {' | '.join(r.name for r in rankings)} |\n|---|---|---|"
    for title, one, other in (
        ("a drawing of its class nearer than a photo of another", faces, drawn),
        ("a photo of its class nearer than a drawing of another", drawn, faces),
    ):
        yield f"| {title} | {cross_style(one, other):.3f} | – |"
    yield from drawing_rows(faces, drawn, rankings)
    yield from happy_rows(faces, drawn, rankings)
    yield from rare_rows(moue, drawn, rankings)
    yield closed_smile_row(moue, drawn, rankings)
    yield from emoji_rows(moue, faces, rankings)
    yield from meme_rows(moue, faces, rankings)


def row(title: str, cells: Sequence[str]) -> str:
    """Returns a row of the table."""
    return f"| {title} | {' | '.join(cells)} |"


def clear_face_rows() -> tuple[np.ndarray, np.ndarray]:
    """Returns the rows of FER+'s clear test faces, pixel copies once, and the class of each."""
    found = []
    for line in label_table():
        if line["usage"] == "PrivateTest" and line["is_first_in_dup_group"] == "1":
            names = [name for name in (*CLASSES, "fear") if int(line[name]) >= CLEAR_VOTES]
            found += [(int(line["npz_index"]), name) for name in names]
    rows, classes = zip(*found, strict=True)
    return np.array(rows), np.array(classes)


def clear_faces(moue: str) -> Labeled:
    """Returns FER+'s clear test faces, in the file's order."""
    rows, classes = clear_face_rows()
    images = load_ferplus().images
    pictures = [encode_gray_png(images[row]) for row in rows]
    return Labeled(embed_pictures(moue, pictures, cropped=True), classes, classes)


def training_mean(moue: str) -> np.ndarray:
    """Returns the mean embedding of FER+'s training faces."""
    data = load_ferplus()
    rows = np.flatnonzero(data.trainable)[::MEAN_STEP]
    pictures = [encode_gray_png(data.images[i]) for i in rows]
    mean: np.ndarray = embed_pictures(moue, pictures, cropped=True).mean(0)
    return mean


def builtin_drawings(moue: str) -> Labeled:
    """Returns the built-in gallery; `kinds` are the poses."""
    with tempfile.TemporaryDirectory() as folder:
        command = [moue, "gallery", "export", "builtin", folder + "/builtin"]
        subprocess.run(command, capture_output=True, check=True)
        table = np.load(f"{folder}/builtin/expressions.npy")
        lines = Path(f"{folder}/builtin/pictures.jsonl").read_text().splitlines()
    # Tags are character, pose and emotion.
    tags = np.array([json.loads(line)["tags"][:3] for line in lines])
    return Labeled(table, tags[:, 2], tags[:, 1])


def cross_style(one: Labeled, other: Labeled) -> float:
    """Returns how often the other style's picture of the same class is nearer.

    The alternative is a picture of the own style and another class; classes are balanced.
    """
    random = np.random.default_rng(1)
    own = {name: np.flatnonzero(one.classes == name) for name in CLASSES}
    across = {name: np.flatnonzero(other.classes == name) for name in CLASSES}
    wins = 0
    for number in range(CROSS_TRIPLETS):
        name = CLASSES[number % len(CLASSES)]
        different = random.choice([other_name for other_name in CLASSES if other_name != name])
        anchor = one.embeddings[random.choice(own[name])]
        same = other.embeddings[random.choice(across[name])]
        wrong = one.embeddings[random.choice(own[different])]
        wins += int(np.linalg.norm(anchor - same) < np.linalg.norm(anchor - wrong))
    return wins / CROSS_TRIPLETS


def drawing_rows(faces: Labeled, drawn: Labeled, rankings: list[Ranking]) -> Iterator[str]:
    """Yields how many calm and sad people get calm and sad drawings, and who gets sleeping ones."""
    for name in ("neutral", "sadness"):
        rows = np.flatnonzero(faces.classes == name)
        cells = []
        for ranking in rankings:
            first = ranking.first(faces.embeddings[rows], drawn.embeddings)
            right = (drawn.classes[first] == name) & ~np.isin(drawn.kinds[first], OTHER_STATES)
            cells.append(f"{right[:COUNTED].sum()} ({right.mean():.3f} of {len(rows)})")
        yield row(f"{name}: of {COUNTED} first a drawing of it, not bored, tired or asleep", cells)
    awake = np.isin(faces.classes, ("neutral", "surprise", "anger", "fear"))
    firsts = (ranking.first(faces.embeddings[awake], drawn.embeddings) for ranking in rankings)
    asleep = [np.isin(drawn.kinds[first], ("asleep", "yawn")).sum() for first in firsts]
    yield row("awake faces with asleep or yawn first", [f"{n} of {awake.sum()}" for n in asleep])
    yield row(
        "drawings that are ever in a top 3 of the clear faces",
        [f"{ever_in_top(faces, drawn, ranking):.3f}" for ranking in rankings],
    )


def happy_rows(faces: Labeled, drawn: Labeled, rankings: list[Ranking]) -> Iterator[str]:
    """Yields how many happy people get a happy drawing, and how many one that smiles at all."""
    happy = faces.embeddings[faces.classes == "happiness"]
    firsts = [ranking.first(happy, drawn.embeddings) for ranking in rankings]
    tagged = [drawn.classes[first] == "happiness" for first in firsts]
    slight = [drawn.kinds[first] == SLIGHTLY_HAPPY for first in firsts]
    title = f"happiness ({len(happy)}): a happy drawing first"
    yield row(title, [f"{right.mean():.3f}" for right in tagged])
    either = [(a | b).mean() for a, b in zip(tagged, slight, strict=True)]
    yield row(f"{title}, or `{SLIGHTLY_HAPPY}`", [f"{share:.3f}" for share in either])


def rare_rows(moue: str, drawn: Labeled, rankings: list[Ranking]) -> Iterator[str]:
    """Yields how many faces of a rare emotion, half of whose votes name it, get a drawing of it."""
    data, rows = load_ferplus(), test_rows("PrivateTest", CLEAR_VOTES)
    for name in RARE:
        chosen = rows[data.votes[rows, EMOTIONS.index(name)] >= 0.5]
        pictures = [encode_gray_png(data.images[i]) for i in chosen]
        faces = embed_pictures(moue, pictures, cropped=True)
        faces = faces[has_embedding(faces)]
        firsts = [ranking.first(faces, drawn.embeddings) for ranking in rankings]
        shares = [(drawn.classes[first] == name).mean() for first in firsts]
        title = f"{name} ({len(faces)}): a drawing of it first"
        yield row(title, [f"{share:.3f}" for share in shares])


def closed_smile_row(moue: str, drawn: Labeled, rankings: list[Ranking]) -> str:
    """Returns which poses people get first who smile with closed lips."""
    lines = CLOSED_SMILES.read_text().splitlines()
    rows = [int(n) for line in lines if not line.startswith("#") for n in line.split()]
    images = load_ferplus().images
    pictures = [encode_gray_png(images[i]) for i in rows]
    smiles = embed_pictures(moue, pictures, cropped=True)
    cells = []
    for ranking in rankings:
        first = ranking.first(smiles, drawn.embeddings)
        poses = drawn.kinds[first]
        right = (drawn.classes[first] == "happiness") | (poses == SLIGHTLY_HAPPY)
        closed = ", ".join(f"{name} {(poses == name).sum()}" for name in EYES_CLOSED)
        cells.append(f"{right.sum()} ({closed})")
    return row(f"closed smiles ({len(rows)}): a drawing that smiles first (eyes closed)", cells)


def ever_in_top(faces: Labeled, drawn: Labeled, ranking: Ranking) -> float:
    """Returns the share of drawings that are among the three nearest of any face."""
    queries = faces.embeddings - (0 if ranking.center is None else ranking.center)
    top = np.argpartition(-(queries @ drawn.embeddings.T), 3, axis=1)[:, :3]
    return len(np.unique(top)) / len(drawn.embeddings)


def first_of_class(faces: Labeled, gallery: Labeled, ranking: Ranking) -> tuple[float, float]:
    """Returns in how many faces the first match has their class: of all, and mean of classes."""
    known = np.isin(faces.classes, CLASSES)
    classes = faces.classes[known]
    first = ranking.first(faces.embeddings[known], gallery.embeddings)
    right = gallery.classes[first] == classes
    return float(right.mean()), float(np.mean([right[classes == name].mean() for name in CLASSES]))


def emoji_rows(moue: str, faces: Labeled, rankings: list[Ranking]) -> Iterator[str]:
    """Yields how many faces get an emoji of their class, where the font is installed."""
    absent = absent_for_emoji()
    if absent:
        yield f"(emoji skipped: {absent} is not installed)"
        return
    pictures, names = emoji_pictures()
    table = embed_pictures(moue, encode_all(pictures))
    found = has_embedding(table)
    classes = np.array(names)[found]
    gallery = Labeled(table[found], classes, classes)
    shares = [first_of_class(faces, gallery, ranking)[1] for ranking in rankings]
    title = f"Noto's emoji ({found.sum()} of {len(found)} found): class right, mean of classes"
    yield row(title, [f"{share:.3f}" for share in shares])


def meme_rows(moue: str, faces: Labeled, rankings: list[Ranking]) -> Iterator[str]:
    """Yields for how many faces the first meme has their class."""
    memes, marked = meme_faces(moue)
    photos = memes.kinds == "photo"
    chosen = {"all": np.ones(len(photos), bool), "photos alone": photos}
    for name, rows in chosen.items():
        gallery = Labeled(memes.embeddings[rows], memes.classes[rows], memes.kinds[rows])
        shares = [first_of_class(faces, gallery, ranking) for ranking in rankings]
        title = f"memes, {name} ({rows.sum()} of {marked} labeled): class right (mean of classes)"
        yield row(title, [f"{all_:.3f} ({mean:.3f})" for all_, mean in shares])


def meme_faces(moue: str) -> tuple[Labeled, int]:
    """Returns the labeled faces of memes that moue finds, and how many are labeled."""
    with MEMES.open(newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        marks = list(csv.reader(lines, delimiter="\t"))
    names = sorted({mark[0] for mark in marks})
    paths = [str(data_root() / name) for name in names]
    faces = {line["picture"]: line["faces"] for line in run_moue(moue, "embed", "--json", *paths)}
    found = []
    for name, box, label, kind in marks:
        corners = [float(value) for value in box.split()]
        for face in faces.get(str(data_root() / name), []):
            if "embedding" in face and overlap(face["box"], corners) > MIN_OVERLAP:
                found.append((face["embedding"], label, kind))
                break
    table = np.array([face[0] for face in found], np.float32)
    labels, kinds = (np.array([face[i] for face in found]) for i in (1, 2))
    return Labeled(table, labels, kinds), len(marks)


def overlap(box: dict[str, float], mark: Sequence[float]) -> float:
    """Returns the intersection over union of a found box and a mark (left, top, width, height)."""
    left, top, width, height = mark
    x = min(box["xmin"] + box["width"], left + width) - max(box["xmin"], left)
    y = min(box["ymin"] + box["height"], top + height) - max(box["ymin"], top)
    shared = max(x, 0.0) * max(y, 0.0)
    return shared / (box["width"] * box["height"] + width * height - shared)
