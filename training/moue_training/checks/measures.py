"""Checks the measures on heads, on embeddings whose right figure is known."""

import numpy as np

from ..data.heads import Heads
from ..data.style_samples import CLASSES
from ..eval.heads import drawn_probe, median_nearest, odd_ones, same_expression, smiles_told
from ..eval.style import Labeled

PEOPLE, EXPRESSIONS = 6, 5


def heads_of(people: int, expressions: int) -> Heads:
    """Returns heads without pictures: each person with each expression."""
    count = people * expressions
    group, prototype = np.divmod(np.arange(count), expressions)
    zeros = np.zeros(count, int)
    return Heads(
        [], np.zeros((count, 17)), zeros[:, None], zeros[:, None], zeros, prototype, group, zeros
    )


def check_measures() -> str:
    """Raises an `AssertionError` where embeddings of persons do as well as those of expressions."""
    random = np.random.default_rng(1)
    heads = heads_of(PEOPLE, EXPRESSIONS)
    by_expression = np.eye(EXPRESSIONS)[heads.prototype]
    by_person = np.eye(PEOPLE)[heads.group]
    assert same_expression(heads, by_expression) == 1
    noisy = by_person + 0.01 * random.standard_normal(by_person.shape)
    assert same_expression(heads, noisy) < 0.5, "persons are not expressions"
    half = by_expression.copy()
    half[heads.group < PEOPLE // 2] = np.nan
    assert same_expression(heads, half) == 0.5, "a face that is not found is wrong"

    assert median_nearest(np.eye(3), np.eye(3)[1:]) == 0
    assert median_nearest(np.eye(3)[:1], np.eye(3)[1:]) == np.sqrt(2)

    smiles = np.tile(np.eye(2), (20, 1))
    assert smiles_told(smiles) == 1
    assert abs(smiles_told(random.standard_normal((400, 8))) - 0.5) < 0.05
    people = [f"p{i}" for i in range(PEOPLE)]
    faces = {
        f"{who}.{state}": np.eye(2)[i] for who in people for i, state in enumerate(("wink", "sad"))
    }
    assert odd_ones(faces, people, "wink", "sad") == 1
    return "measures on heads tell expressions from persons"


def check_probe() -> str:
    """Raises an `AssertionError` where a style is not told, or where the same style is."""
    random = np.random.default_rng(2)
    classes = np.array(CLASSES).repeat(60)
    poses = np.array([f"{name}{i % 6}" for i, name in enumerate(classes)])

    def faces(offset: float) -> Labeled:
        rows = random.standard_normal((len(classes), 8))
        rows[:, 0] += offset
        return Labeled(rows, classes, poses)

    told, untold = drawn_probe(faces(0), faces(4)), drawn_probe(faces(0), faces(0))
    assert told > 0.9, f"{told:.3f} where it is plain"
    assert untold < 0.6, f"{untold:.3f} where there is no difference"
    return f"a probe tells styles that differ ({told:.2f}), and no others ({untold:.2f})"
