"""The 52 blendshapes of MediaPipe (named as in ARKit), and how drawings' parameters map to them."""

import numpy as np

# In the order of the network's output.
NAMES = (
    "_neutral browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff "
    "cheekSquintLeft cheekSquintRight eyeBlinkLeft eyeBlinkRight eyeLookDownLeft eyeLookDownRight "
    "eyeLookInLeft eyeLookInRight eyeLookOutLeft eyeLookOutRight eyeLookUpLeft eyeLookUpRight "
    "eyeSquintLeft eyeSquintRight eyeWideLeft eyeWideRight jawForward jawLeft jawOpen jawRight "
    "mouthClose mouthDimpleLeft mouthDimpleRight mouthFrownLeft mouthFrownRight mouthFunnel "
    "mouthLeft mouthLowerDownLeft mouthLowerDownRight mouthPressLeft mouthPressRight mouthPucker "
    "mouthRight mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper mouthSmileLeft "
    "mouthSmileRight mouthStretchLeft mouthStretchRight mouthUpperUpLeft mouthUpperUpRight "
    "noseSneerLeft noseSneerRight"
).split()


def mirror_invariant(blendshapes: np.ndarray) -> np.ndarray:
    """Returns half the sums and the absolute differences of left and right: N×52 → N×52.

    A mirrored face has the same values. The unpaired blendshapes come first, then the sums, then
    the differences.
    """
    left = [
        i for i, n in enumerate(NAMES) if n.endswith("Left") and n.replace("Left", "Right") in NAMES
    ]
    right = [NAMES.index(NAMES[i].replace("Left", "Right")) for i in left]
    middle = [i for i in range(len(NAMES)) if i not in left and i not in right]
    sums = blendshapes[:, left] + blendshapes[:, right]
    differences = np.abs(blendshapes[:, left] - blendshapes[:, right])
    return np.concatenate([blendshapes[:, middle], sums / 2, differences], axis=1)


def invariant_roots(blendshapes: np.ndarray) -> np.ndarray:
    """Returns square roots of the mirror-invariant blendshapes: N×52 → N×52 in 0..1.

    Roots, since most blendshapes of most faces are near 0, where small differences show most.
    """
    return np.sqrt(mirror_invariant(blendshapes.astype(np.float32)).clip(0))


def from_drawing_parameters(names: list[str], values: np.ndarray) -> np.ndarray:
    """Converts the parameters of drawings (N×P, named `names`) to blendshapes (N×52 in 0..1)."""
    at = {name: values[:, i] for i, name in enumerate(names)}
    # One signed parameter of a drawing is two blendshapes or four.
    split = {
        "eyeLookOutLeft": at["eyeLookLeft"],
        "eyeLookInRight": at["eyeLookLeft"],
        "eyeLookInLeft": -at["eyeLookLeft"],
        "eyeLookOutRight": -at["eyeLookLeft"],
        "eyeLookUpLeft": at["eyeLookUp"],
        "eyeLookUpRight": at["eyeLookUp"],
        "eyeLookDownLeft": -at["eyeLookUp"],
        "eyeLookDownRight": -at["eyeLookUp"],
        "jawLeft": at["jawLeft"],
        "jawRight": -at["jawLeft"],
        "mouthLeft": at["mouthLeft"],
        "mouthRight": -at["mouthLeft"],
    }
    for name in ("mouthUpperUp", "mouthLowerDown", "mouthPress"):
        split[name + "Left"] = split[name + "Right"] = at[name]
    zero = np.zeros(len(values), np.float32)
    return np.stack([np.clip(split.get(n, at.get(n, zero)), 0, 1) for n in NAMES], 1)
