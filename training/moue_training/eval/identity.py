"""Whether embeddings follow the expression or the person who shows it.

A triple is an anchor, the same expression of another person, and another expression of the same
person; the expression wins where the second is nearer than the third.
"""

import csv
import zipfile
from typing import Any

import numpy as np

from ..data.paths import data_root
from ..data.sources import MUXSPACE, archive_path
from .moue_cli import embed_pictures

TRIPLES = 6000
EXPRESSIONS = ("neutral", "happiness")

Triple = tuple[str, str, str]


def people_triples() -> tuple[list[Triple], int]:
    """Returns triples of files of muxspace, and the number of people with both expressions."""
    with (data_root() / "muxspace" / "muxspace.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["emotion"] in EXPRESSIONS]
    files: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        files.setdefault(row["identity"], {}).setdefault(row["emotion"], []).append(row["file"])
    both = {who: kinds for who, kinds in files.items() if len(kinds) == 2 and who}
    random = np.random.default_rng(1)
    names = sorted(both)

    def pick(person: int, expression: str) -> str:
        return str(random.choice(both[names[person]][expression]))

    triples = []
    for _ in range(TRIPLES):
        who, other = random.choice(len(names), 2, replace=False)
        same, different = (EXPRESSIONS, EXPRESSIONS[::-1])[random.integers(2)]
        triples.append((pick(who, same), pick(other, same), pick(who, different)))
    return triples, len(both)


def expression_wins(triples: list[Triple], table: np.ndarray, position: dict[str, int]) -> float:
    """Returns the share of triples in which the expression wins, where all three have embeddings.

    `position` is the row in `table` (N×64) of each file.
    """
    a, p, n = (table[[position[triple[i]] for triple in triples]] for i in range(3))
    known = ~np.isnan(a[:, 0] + p[:, 0] + n[:, 0])
    wins = np.linalg.norm(a - p, axis=1) < np.linalg.norm(a - n, axis=1)
    return float(wins[known].mean())


def people_wins(moue: str) -> tuple[float, int]:
    """Returns `expression_wins` of muxspace through the program, and the number of people."""
    triples, count = people_triples()
    files = sorted({file for triple in triples for file in triple})
    with zipfile.ZipFile(archive_path(MUXSPACE)) as archive:
        table = embed_pictures(moue, [archive.read(file) for file in files])
    return expression_wins(triples, table, {file: i for i, file in enumerate(files)}), count


def drawing_wins(table: np.ndarray, rows: list[dict[str, Any]]) -> float:
    """Returns the same of drawings, whose expressions are known exactly; `rows` describe them."""
    random = np.random.default_rng(1)
    position = {(row["character"], row["pose"]): i for i, row in enumerate(rows)}
    names = sorted({row["character"] for row in rows})
    poses = sorted({row["pose"] for row in rows})
    wins = []
    for _ in range(TRIPLES):
        who, other = random.choice(names, 2, replace=False)
        same, different = random.choice(poses, 2, replace=False)
        keys = ((who, same), (other, same), (who, different))
        a, p, n = (table[position[key]] for key in keys)
        wins.append(np.linalg.norm(a - p) < np.linalg.norm(a - n))
    return float(np.mean(wins))
