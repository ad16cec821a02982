"""Photos that are made to wink, to close both eyes, and to purse their lips.

The file has `winks` (N×4×72×72 u8: a face with open eyes, two of its winks, and both eyes closed)
and `kisses` (M×2×72×72: closed lips, and pursed ones).
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from .eye_transplants import transplant_eye
from .face_crops import CROP_SIZE
from .made_kisses import purse_lips
from .made_winks import EyeMotion, move_eye, random_twitch, random_wink
from .portraits import Portrait, Portraits

PEOPLE, KISSING_PEOPLE = 9000, 3000
# Most eyes come from another person. Open ones too, so that the seam is no sign of a wink.
TRANSPLANTED = 0.6
TRIES = 4
# Of the faces with open eyes so many are left as they are, and so many have both eyes changed.
UNCHANGED, BOTH_CHANGED = 0.35, 0.3
# Of the first winks so many have the other, open eye changed.
OTHER_CHANGED = 0.4
# Widths and heights of pursed lips, in those of closed ones.
PURSED_WIDTH, PURSED_HEIGHT = (0.45, 0.65), (1.0, 1.35)


@dataclass
class EyeMaker:
    """Changes the right eye of a portrait."""

    portraits: Portraits
    rng: np.random.Generator

    def closed(self, face: Portrait) -> Portrait:
        """Closes it."""
        return self._changed(face, self.portraits.closed, random_wink(self.rng))

    def open(self, face: Portrait) -> Portrait:
        """Changes it, but leaves it open."""
        return self._changed(face, self.portraits.open, random_twitch(self.rng))

    def _changed(
        self, face: Portrait, donors: list[tuple[int, int]], motion: EyeMotion
    ) -> Portrait:
        if self.rng.random() < TRANSPLANTED:
            for _ in range(TRIES):
                donor = self.any_of(donors)
                picture = transplant_eye(face.picture, face.marks, donor.picture, donor.marks)
                if picture is not None:
                    return face.with_picture(picture)
        return face.with_picture(move_eye(face.picture, face.marks, motion))

    def any_of(self, rows: list[tuple[int, int]]) -> Portrait:
        """Returns one of these portraits, every second time its mirror image."""
        face = self.portraits.load(rows[self.rng.integers(len(rows))])
        return face.mirror() if self.rng.random() < 0.5 else face


def winking_person(maker: EyeMaker) -> np.ndarray:
    """Returns open eyes, two winks and closed eyes of one person (4×72×72 u8)."""
    face = maker.any_of(maker.portraits.open)
    chance = maker.rng.random()
    opened = face if chance < UNCHANGED else maker.open(face)
    if chance > 1 - BOTH_CHANGED:
        opened = maker.open(opened.mirror())
    other = maker.open(face.mirror()).mirror() if maker.rng.random() < OTHER_CHANGED else face
    asleep = maker.closed(maker.closed(face).mirror())
    return crops([opened, maker.closed(other), maker.closed(face), asleep])


def kissing_person(maker: EyeMaker) -> np.ndarray:
    """Returns closed lips and pursed lips of one person (2×72×72 u8)."""
    face = maker.any_of(maker.portraits.lips)
    width, height = maker.rng.uniform(*PURSED_WIDTH), maker.rng.uniform(*PURSED_HEIGHT)
    kiss = face.with_picture(purse_lips(face.picture, face.marks, width, height))
    return crops([face, kiss])


def crops(faces: list[Portrait]) -> np.ndarray:
    """Returns portraits (N×72×72 u8) as the expression network learns from them."""
    size = (CROP_SIZE, CROP_SIZE)
    return np.stack([cv2.resize(f.picture, size, interpolation=cv2.INTER_AREA) for f in faces])


def write_made_faces(crops_file: Path, shapes: Path, out: Path, share: float = 1.0) -> None:
    """Writes a share of the faces to `out`: some six minutes of CPU for all."""
    maker = EyeMaker(Portraits(crops_file, shapes), np.random.default_rng(1))
    winks = np.stack([winking_person(maker) for _ in range(round(share * PEOPLE))])
    kisses = np.stack([kissing_person(maker) for _ in range(round(share * KISSING_PEOPLE))])
    np.savez(out, allow_pickle=False, winks=winks, kisses=kisses)
