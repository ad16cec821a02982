"""Round things that are no faces, drawn at random: plates, cups, clocks, wheels, badges.

Beside faces that are round and of one color they teach what makes a face: two eyes above a mouth.
Shares were set by hand, by looking at a sheet of them.
"""

import math
from collections.abc import Callable

import cv2
import numpy as np

from .picture_effects import random_color, relight
from .round_faces import EYES, MOUTHS, SCALE, SIDE, RoundFace


class RoundThing(RoundFace):
    """A disc with something else on it than a face."""

    def draw(self) -> None:
        """Draws the disc, then one of the things."""
        if self.rng.random() < 0.5:
            self.color = random_color(self.rng)
        self.draw_head()
        THINGS[int(self.rng.integers(len(THINGS)))](self)

    def rings(self) -> None:
        """Rings inside each other, as plates, cups and lids have, and the gleam of some."""
        x, y = self.rng.normal(0, 0.08, 2)
        for share in np.sort(self.rng.uniform(0.15, 0.95, int(self.rng.integers(1, 5))))[::-1]:
            self.fill(x, y, share, share * self.rng.uniform(0.8, 1), random_color(self.rng))
        if self.rng.random() < 0.5:
            self.curve(self.arc(x, y - 0.2, self.rng.uniform(0.3, 0.7), -0.5), (255, 255, 255))

    def spoon(self) -> None:
        """A ring with one or two things beside it, as a cup with handle and spoon."""
        self.rings()
        for _ in range(int(self.rng.integers(1, 3))):
            angle = self.rng.uniform(0, 2 * math.pi)
            x, y = 0.7 * math.cos(angle), 0.7 * math.sin(angle)
            color = random_color(self.rng)
            self.fill(x, y, *self.rng.uniform(0.08, 0.25, 2), color)
            self.curve(np.array([(x, y), (1.2 * x, 1.2 * y)]), color)

    def clock(self) -> None:
        """Marks around the edge and two or three hands."""
        for hour in range(12):
            angle = hour * math.pi / 6
            way = np.array([math.cos(angle), math.sin(angle)])
            self.curve(np.array([0.78 * way, 0.9 * way]), self.ink)
        for length in self.rng.uniform(0.3, 0.75, int(self.rng.integers(2, 4))):
            angle = self.rng.uniform(0, 2 * math.pi)
            end = (length * math.cos(angle), length * math.sin(angle))
            self.curve(np.array([(0, 0), end]), self.ink)

    def wheel(self) -> None:
        """Spokes and a hub."""
        count = int(self.rng.integers(3, 13))
        for angle in np.arange(count) * 2 * math.pi / count + self.rng.uniform(0, 1):
            self.curve(
                np.array([(0, 0), (0.85 * math.cos(angle), 0.85 * math.sin(angle))]), self.ink
            )
        self.fill(0, 0, 0.15, 0.15, self.ink)

    def badge(self) -> None:
        """A letter or a number."""
        text = "".join(chr(int(c)) for c in self.rng.integers(48, 91, int(self.rng.integers(1, 4))))
        place = tuple(int(v) for v in self.at(-0.28 * len(text), 0.3))
        size = float(self.rng.uniform(2.0, 3.5))
        cv2.putText(self.canvas, text, place, 2, size, (*self.ink, 255), self.width, cv2.LINE_AA)

    def spots(self) -> None:
        """Many spots anywhere, as pizzas, buttons and beetles have."""
        for _ in range(int(self.rng.integers(6, 16))):
            length, angle = 0.75 * math.sqrt(self.rng.random()), self.rng.uniform(0, 2 * math.pi)
            size = self.rng.uniform(0.05, 0.2)
            color = self.ink if self.rng.random() < 0.5 else random_color(self.rng)
            self.fill(length * math.cos(angle), length * math.sin(angle), size, size, color)

    def lone_part(self) -> None:
        """One eye in the middle or one mouth, which alone are no face."""
        if self.rng.random() < 0.5:
            EYES[int(self.rng.integers(len(EYES)))](self, 0.01, 0.0)
        else:
            self.mouth[1] = 0.0
            MOUTHS[int(self.rng.integers(len(MOUTHS)))](self)

    def nothing(self) -> None:
        """A disc alone, as balls and traffic signs are."""


THINGS: tuple[Callable[[RoundThing], None], ...] = (
    *[RoundThing.rings] * 3,
    *[RoundThing.spoon] * 2,
    RoundThing.clock,
    RoundThing.wheel,
    RoundThing.badge,
    RoundThing.spots,
    RoundThing.lone_part,
    RoundThing.nothing,
)


def paste_round_thing(canvas: np.ndarray, rng: np.random.Generator) -> None:
    """Pastes one anywhere into a scene, a tenth of its side to all of it large."""
    thing = RoundThing(rng)
    thing.draw()
    side = float(canvas.shape[0])
    scale = side * math.exp(rng.uniform(math.log(0.1), 0)) / (SIDE * SCALE)
    middle = thing.canvas.shape[0] / 2
    matrix = cv2.getRotationMatrix2D((middle, middle), float(rng.uniform(0, 360)), scale)
    # Seen from the side, as plates on a table are.
    matrix[1] *= rng.uniform(0.55, 1)
    matrix[:, 2] = rng.uniform(0, side, 2) - matrix[:, :2] @ (middle, middle)
    warped = cv2.warpAffine(thing.canvas, matrix, canvas.shape[1::-1], flags=cv2.INTER_AREA)
    alpha = warped[..., 3:].astype(np.float32) / 255
    lit = relight(warped[..., :3], rng).astype(np.float32)
    canvas[:] = canvas + (lit - canvas) * alpha
