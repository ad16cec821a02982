"""How annotators might vote on a face whose blendshapes are known, after the action units of FACS.

Emotions have combinations of action units (AU) that stand for them: the prototypes and variants of
the FACS investigator's guide (Ekman, Friesen, Hager 2002) and of EMFACS. Votes are soft: each
combination, at some strength, is the center of a Gaussian, and an emotion has the share of its
combinations. What shows none of them, such as a kiss or a wink, is mostly neutral.
"""

import numpy as np

from .ferplus import EMOTIONS

# Blendshapes that show an action unit; of a pair it is the mean of both sides.
UNITS = {
    1: "browInnerUp",
    2: "browOuterUp",
    4: "browDown",
    5: "eyeWide",
    6: "cheekSquint",
    7: "eyeSquint",
    9: "noseSneer",
    10: "mouthUpperUp",
    12: "mouthSmile",
    14: "mouthDimple",
    15: "mouthFrown",
    16: "mouthLowerDown",
    17: "mouthShrugLower",
    20: "mouthStretch",
    23: "mouthPress",
    26: "jawOpen",
}
# Units of one side: the difference of left and right. They tell contempt from a smile.
ONE_SIDED = (12, 14)
# How much a unit counts: speech opens the jaw and moves the lips without an emotion, and cheeks and
# lids follow the mouth.
WEIGHTS = {6: 0.6, 7: 0.6, 16: 0.5, 17: 0.7, 26: 0.6}
COMBINATIONS: dict[str, tuple[tuple[int, ...], ...]] = {
    "neutral": ((),),
    "happiness": ((6, 12), (12,), (6, 7, 10, 12), (6, 7, 10, 12, 26)),
    "surprise": ((1, 2, 5, 26), (1, 2, 26), (1, 2, 5), (1, 2)),
    "sadness": ((1, 4, 15), (1, 15, 17), (1, 4), (15, 17), (15,)),
    "anger": ((4, 5, 7, 23), (4, 7, 23), (4, 7), (4, 9, 10, 16, 26), (4, 17, 23)),
    "disgust": ((9, 15, 16), (9, 10), (4, 7, 9, 10), (9,), (10, 17)),
    "fear": ((1, 2, 4, 5, 20, 26), (1, 2, 4, 5, 20), (1, 2, 5, 20), (1, 4, 5)),
}
# Contempt has units of one side alone, by their numbers and, negative, those of one side.
CONTEMPT = ((-12, -14), (-14,), (-12,))
# The value of a blendshape of a unit at its full strength; one side alone is half of the mean.
FULL = 0.8
STRENGTHS = (0.4, 0.7, 1.0)
# Width of the Gaussians in blendshapes; by eye, so that half strengths are voted on as mixed.
WIDTH = 0.2
# People call a face neutral before they see an emotion in it, and rarely name the last three.
PRIORS = {"neutral": 4.0, "disgust": 0.6, "fear": 0.6, "contempt": 0.4}


def units(names: list[str], blendshapes: np.ndarray) -> np.ndarray:
    """Returns the weighted action units (N×18) of blendshapes (N×B, of these names)."""
    columns = []
    for unit, shape in UNITS.items():
        columns.append(WEIGHTS.get(unit, 1.0) * _sides(names, blendshapes, shape).mean(1))
    for unit in ONE_SIDED:
        sides = _sides(names, blendshapes, UNITS[unit])
        columns.append(np.abs(sides[:, 0] - sides[:, 1]))
    return np.stack(columns, 1)


def _sides(names: list[str], blendshapes: np.ndarray, shape: str) -> np.ndarray:
    """Returns the columns of both sides (N×2), or twice the one that has no sides."""
    wanted = [shape, shape] if shape in names else [shape + "Left", shape + "Right"]
    return blendshapes[:, [names.index(name) for name in wanted]].astype(np.float32)


def centers() -> tuple[np.ndarray, np.ndarray]:
    """Returns the units (C×18) of all combinations at all strengths, and their emotions (C)."""
    rows, emotions = [], []
    for emotion, combinations in {**COMBINATIONS, "contempt": CONTEMPT}.items():
        for combination in combinations:
            for strength in STRENGTHS if combination else (0.0,):
                rows.append(_center(combination, strength * FULL))
                emotions.append(EMOTIONS.index(emotion))
    return np.array(rows, np.float32), np.array(emotions)


def _center(combination: tuple[int, ...], value: float) -> list[float]:
    both = {u: value if u in combination else 0.5 * value * (-u in combination) for u in UNITS}
    row = [WEIGHTS.get(unit, 1.0) * both[unit] for unit in UNITS]
    return row + [value * (-unit in combination) for unit in ONE_SIDED]


def facs_votes(names: list[str], blendshapes: np.ndarray) -> np.ndarray:
    """Returns the vote shares (N×8) of faces by their blendshapes (N×B, of these names)."""
    rows, emotions = centers()
    squares = (units(names, blendshapes)[:, None] - rows).astype(np.float64) ** 2
    logits = -squares.sum(2) / (2 * WIDTH**2)
    # An emotion counts by its nearest combination, however many it has.
    best = np.stack([logits[:, emotions == e].max(1) for e in range(len(EMOTIONS))], 1)
    best += np.log([PRIORS.get(emotion, 1.0) for emotion in EMOTIONS])
    shares = np.exp(best - best.max(1, keepdims=True))
    votes: np.ndarray = (shares / shares.sum(1, keepdims=True)).astype(np.float32)
    return votes
