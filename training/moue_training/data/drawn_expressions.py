"""Which drawings show what a rendered head or a photo shows, where there is one word for both."""

from collections.abc import Mapping
from typing import Any

import numpy as np

# Shows none of the expressions below.
NO_EXPRESSION = -1
# For each expression the prototypes of heads, by their numbers in `tools/heads/src/expression.rs`,
# and the poses of drawings.
EXPRESSIONS: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "neutral": ((0,), ("calm", "attentive", "patient", "quiet", "relaxed", "listening")),
    "closed smile": ((1,), ("smile", "content", "pleased")),
    "laugh": ((2, 3), ("grin", "laugh", "cheer")),
    "sad": ((4,), ("sad", "gloomy", "downcast", "tearful", "sob")),
    "pout": ((5,), ("pout",)),
    "angry": ((6, 25), ("angry", "cross")),
    "shout": ((7,), ("furious",)),
    "surprised": ((8,), ("surprised", "shocked")),
    "afraid": ((9,), ("scared", "worried", "yikes")),
    "disgusted": ((10,), ("disgusted",)),
    "contempt": ((11,), ("smirk", "doubt")),
    "wink": ((12, 13), ("wink",)),
    "eyes closed": ((14,), ("asleep",)),
    "yawn": ((15,), ("yawn",)),
    "kiss": ((16,), ("kiss",)),
    "oh": ((17,), ("whistle",)),
    "puffed": ((18,), ("puffed",)),
    "tongue": ((19, 20), ("tongue", "bleh")),
}
NUMBERS = {name: number for number, name in enumerate(EXPRESSIONS)}
KISS = NUMBERS["kiss"]
# Annotators of emotions have no word for these, and a network that learned from them knows no
# emotion for them.
NO_EMOTIONS = [
    NUMBERS[n] for n in ("wink", "eyes closed", "yawn", "kiss", "oh", "puffed", "tongue")
]

# What only a drawing of it shows, whatever its emotion.
UNMISTAKABLE = [NUMBERS[name] for name in ("wink", "kiss", "puffed", "tongue")]


def expressions_of_heads(prototypes: np.ndarray) -> np.ndarray:
    """Returns the expressions (N) of heads by the prototypes (N) that they are near to."""
    return _numbers(prototypes, {p: NUMBERS[n] for n, (own, _) in EXPRESSIONS.items() for p in own})


def expressions_of_drawings(poses: np.ndarray) -> np.ndarray:
    """Returns the expressions (N) of drawings by their poses."""
    return _numbers(poses, {p: NUMBERS[n] for n, (_, own) in EXPRESSIONS.items() for p in own})


def _numbers(keys: np.ndarray, table: Mapping[Any, int]) -> np.ndarray:
    return np.array([table.get(key, NO_EXPRESSION) for key in keys.tolist()], np.int64)
