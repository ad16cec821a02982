"""How often photos of people who hardly ever wink or kiss get a drawing that does.

Lips are fuller in some groups of people than in others, and a network that sees kisses in clips may
see them in those too: a share for each group tells it, where one for all people hides it. UTKFace's
faces were trained on as those that show neither, so the shares of other people are higher.
"""

import zipfile
from collections.abc import Iterator

import numpy as np

from ..data.sources import UTKFACE, archive_path
from .embedders import Embedder
from .metrics import has_embedding
from .robustness import utkface_rows
from .style import Labeled

# Adults of UTKFace: children's lips and old people's lids are for their own measures.
AGES = range(20, 60)
FACES_OF_GROUP = 500
KINDS = ("wink", "kiss")


def false_expression_rows(embedder: Embedder, drawings: Labeled) -> Iterator[str]:
    """Yields a row for each kind: the mean of the groups, and the group with most."""
    kinds = {group: first_kinds(embedder, drawings, files) for group, files in adults().items()}
    for kind in KINDS:
        shares = [float((of_group == kind).mean()) for of_group in kinds.values()]
        cells = f"{np.mean(shares):.4f}, {max(shares):.4f}"
        title = f"UTKFace: adults whose nearest drawing is a {kind}, mean and worst group"
        yield f"| {title} | {cells} |"


def first_kinds(embedder: Embedder, drawings: Labeled, files: list[str]) -> np.ndarray:
    """Returns the pose of the drawing nearest to each face that is found."""
    with zipfile.ZipFile(archive_path(UTKFACE)) as archive:
        table = embedder.pictures([archive.read(file) for file in files])
    nearest = (table[has_embedding(table)] @ drawings.embeddings.T).argmax(1)
    return drawings.kinds[nearest]


def adults() -> dict[str, list[str]]:
    """Returns some files of adults of each group that UTKFace names as a race."""
    groups: dict[str, list[str]] = {}
    for row in utkface_rows():
        if row["race"] and int(row["age"]) in AGES:
            groups.setdefault(row["race"], []).append(row["file"])
    random = np.random.default_rng(1)
    return {
        group: random.choice(files, min(FACES_OF_GROUP, len(files)), replace=False).tolist()
        for group, files in sorted(groups.items())
    }
