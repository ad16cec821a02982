"""How often scenes show what."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SceneShares:
    """What scenes show how often; the defaults are the detector's, chosen by hand."""

    # Of scenes: parts of frames of cartoons, and everyday photos without a face.
    frames: float = 0.22
    photos: float = 0.1
    # Of faces.
    drawings: float = 0.18
    # Round faces of one color, as emoji have them; the detector finds them as it is.
    round_faces: float = 0.0
    # Of photos of faces: partly covered.
    covered: float = 0.15


DETECTOR_SHARES = SceneShares()
