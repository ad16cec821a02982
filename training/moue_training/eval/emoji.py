"""Measures whether a face gets an emoji of its emotion, with FER+ faces that are clear.

The gallery is the program's own `emoji`, the faces are embedded by the program. A face is clear if
at least eight annotators agree; an emoji that shows sleep, a yawn, a thought or a kiss counts for
no class, though its pose has a nearest emotion.
"""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..data.ferplus import EMOTIONS, label_table, load_ferplus
from .metrics import CENTERING, has_embedding
from .moue_cli import embed_pictures, encode_gray_png

CLASSES = EMOTIONS[:5]
CLEAR_VOTES = 8
NO_CLASS = "😴🥱🤔😗"
# Faces whose mean centers the query: the mean moves by less than 0.01 beyond a few thousand.
POPULATION = 5000


@dataclass
class EmojiGallery:
    """The emoji: characters (N), classes (N), embeddings (N×64, unit length)."""

    characters: list[str]
    classes: np.ndarray
    embeddings: np.ndarray


def evaluate_emoji(moue: str, usage: str) -> Iterator[str]:
    """Yields the lines of the report for one split of FER+."""
    gallery = export_emoji(moue)
    center = population_mean(moue)
    rows = clear_faces(usage)
    table = {name: embed_faces(moue, rows[name]) for name in CLASSES}
    for title, mean in (("distance", None), ("centered query", CENTERING * center)):
        shares = []
        for name in CLASSES:
            first = nearest(table[name], gallery, mean)
            share = float((gallery.classes[first] == name).mean())
            shares.append(share)
            yield f"{title:<15} {name:<10} {share:.3f} of {len(first):>3}: {most(first, gallery)}"
        yield f"{title:<15} mean of classes {np.mean(shares):.4f} ({usage})"


def export_emoji(moue: str) -> EmojiGallery:
    """Reads the program's emoji with their embeddings."""
    with tempfile.TemporaryDirectory() as folder:
        command = [moue, "gallery", "export", "emoji", folder]
        subprocess.run(command, check=True, capture_output=True)
        lines = (Path(folder) / "pictures.jsonl").read_text(encoding="utf-8").splitlines()
        embeddings = np.load(Path(folder) / "expressions.npy")
    pictures = [json.loads(line) for line in lines]
    characters = [picture["path"].removeprefix("emoji:") for picture in pictures]
    classes = [
        "" if character in NO_CLASS else picture["tags"][0]
        for character, picture in zip(characters, pictures, strict=True)
    ]
    order = [picture["faces"][0]["row"] for picture in pictures]
    return EmojiGallery(characters, np.array(classes), embeddings[order])


def clear_faces(usage: str) -> dict[str, np.ndarray]:
    """Returns the FER+ rows of a split that are clear, for each class; no picture twice."""
    table = label_table()
    chosen = [
        (i, row)
        for i, row in enumerate(table)
        if row["usage"] == usage and row["is_first_in_dup_group"] == "1"
    ]
    return {
        name: np.array([i for i, row in chosen if int(row[name]) >= CLEAR_VOTES], np.int64)
        for name in CLASSES
    }


def population_mean(moue: str) -> np.ndarray:
    """Returns the mean embedding (64) of some training faces, what a centered query leaves out."""
    data = load_ferplus()
    rows = np.flatnonzero(data.trainable)
    rows = np.random.default_rng(0).permutation(rows)[:POPULATION]
    return np.asarray(embed_faces(moue, rows).mean(0))


def embed_faces(moue: str, rows: np.ndarray) -> np.ndarray:
    """Embeds FER+ pictures as the face crops that they are (N×64)."""
    images = load_ferplus().images
    pictures = [encode_gray_png(images[row]) for row in rows]
    table = embed_pictures(moue, pictures, cropped=True)
    return table[has_embedding(table)]


def nearest(faces: np.ndarray, gallery: EmojiGallery, mean: np.ndarray | None) -> np.ndarray:
    """Returns the nearest emoji of each face, by distance or from `faces - mean`.

    All vectors have unit length, so the least distance is the largest dot product; a query's own
    length changes no order.
    """
    query = faces if mean is None else faces - mean
    return np.asarray((query @ gallery.embeddings.T).argmax(1))


def most(first: np.ndarray, gallery: EmojiGallery, count: int = 8) -> str:
    """Returns the emoji that come first most often, with their counts."""
    counts = np.bincount(first, minlength=len(gallery.characters))
    order = np.argsort(-counts, kind="stable")[:count]
    return " ".join(f"{gallery.characters[i]}{counts[i]}" for i in order if counts[i])
