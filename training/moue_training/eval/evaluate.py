"""Measures the expression model through the program itself, in one table with its peers.

FER+ triplets are derived from annotators' votes; nobody judged them as triplets. A missing
embedding counts as wrong. Peers whose package (`fer`, `facex`) or file is absent are skipped and
named.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..data.drawings import drawing_table
from ..data.ferplus import FerPlus, load_ferplus, load_triplets
from ..train.validation import SPREAD_FACES, spread
from .drawing_agreement import clear_rows, drawing_agreement
from .emotions import emotion_lines
from .heads import HeadsOptions, head_lines
from .identity import drawing_wins, people_wins
from .metrics import has_embedding, triplet_row
from .moue_cli import EMBEDDING_SIZE, embed_pictures, encode_gray_png
from .peers import peer_rows
from .robustness import group_rows, robustness
from .style import style_lines


@dataclass
class EvaluateOptions:
    """Options of evaluation: the program, the split of the triplets, and the files of the recipe.

    `quick` measures the triplets of moue alone, `emotions` the emotions alone. `heads` is the
    renderer of heads; without it their rows are left out.
    """

    moue: str = "moue"
    split: str = "test"
    shapes: Path = Path("runs/shapes2.npz")
    drawings: Path = Path("runs/drawings")
    quick: bool = False
    emotions: bool = False
    heads: str | None = None


def evaluate(options: EvaluateOptions) -> Iterator[str]:
    """Yields the lines of the report."""
    if options.emotions:
        yield from emotion_lines(options.moue)
        return
    data = load_ferplus()
    rows, types = load_triplets(options.split)
    used = np.unique(rows)
    table = np.full((len(data.images), EMBEDDING_SIZE), np.nan, np.float32)
    pictures = [encode_gray_png(data.images[i]) for i in used]
    table[used] = embed_pictures(options.moue, pictures, cropped=True)
    title = f"FER+ vote triplets, {options.split}"
    yield f"| {title:<44} | one class | two | three | mean | 95 % |\n|---|---|---|---|---|---|"
    yield triplet_row("moue, through `moue embed --cropped`", table, rows, types)
    if options.quick:
        return
    yield from peer_rows(data, options.shapes, rows, types)
    yield from drawing_lines(options, data, table, used)
    yield from emotion_lines(options.moue)
    yield from style_lines(options.moue)
    if options.heads:
        yield from head_lines(HeadsOptions(options.moue, options.heads))


def drawing_lines(
    options: EvaluateOptions, data: FerPlus, table: np.ndarray, used: np.ndarray
) -> Iterator[str]:
    """Yields the measures with the drawings as a gallery; `table` has FER+'s embeddings."""
    drawn = drawing_table(options.drawings)["drawings"]
    pictures = [(options.drawings / f"{row['name']}.png").read_bytes() for row in drawn]
    gallery = embed_pictures(options.moue, pictures)
    found = has_embedding(gallery)
    yield f"\ndrawings found: {found.sum()} of {len(drawn)}"
    drawn = [row for row, is_found in zip(drawn, found, strict=True) if is_found]
    gallery = gallery[found]
    yield from spread_lines(table, used, gallery)
    wins, count = people_wins(options.moue)
    yield (
        f"identity: the expression wins in {wins:.3f} ({count} people of muxspace), "
        f"{drawing_wins(gallery, drawn):.3f} (drawings)"
    )
    clear = clear_rows(data)
    clear = clear[has_embedding(table[clear])]
    agreement = drawing_agreement(gallery, drawn, table[clear], data.votes[clear])
    yield (
        f"drawings: rank correlation {agreement.correlation:.3f}; own emotion first "
        f"{agreement.own_emotion_first:.3f} of {len(clear)} clear faces: {agreement.by_emotion}"
    )
    yield from robustness_lines(options.moue, gallery)


def spread_lines(table: np.ndarray, used: np.ndarray, gallery: np.ndarray) -> Iterator[str]:
    """Yields how well FER+ test faces and drawings use the space of embeddings."""
    dimensions, of_drawings = spread(table, gallery)
    sample = table[used][has_embedding(table[used])]
    sample = sample[np.random.default_rng(1).permutation(len(sample))[:SPREAD_FACES]]
    yield f"spread: {dimensions} dimensions hold 90 % of the variance of FER+ test"
    yield (
        f"ever in a top 3: {spread(table, sample)[1]:.3f} of {len(sample)} FER+ test faces, "
        f"{of_drawings:.3f} of the drawings"
    )


def robustness_lines(moue: str, gallery: np.ndarray) -> Iterator[str]:
    """Yields the tables of changes and of UTKFace's groups."""
    yield "\n| change | same face nearest | same drawing nearest | distance moved | embedded |"
    yield "|---|---|---|---|---|"
    changes, count = robustness(moue, gallery)
    for row in changes:
        yield (
            f"| {row.change:<16} | {row.same_face:.3f} | {row.same_drawing:.3f} "
            f"| {row.distance:.3f} | {row.embedded:.3f} |"
        )
    yield f"({count} meme faces)\n"
    yield "| UTKFace group | faces | found | same drawing when mirrored | distance moved |"
    yield "|---|---|---|---|---|"
    yield from group_rows(moue, gallery)
