"""Round faces of one color, drawn at random: what emoji, stickers and toys have in common.

Proportions, colors and shares were set by hand, by looking at a sheet of them. No font and no
picture is used.
"""

import math
from collections.abc import Callable

import cv2
import numpy as np

from .picture_effects import random_color

# The picture, and how much larger it is drawn: OpenCV leaves jagged edges on filled shapes.
SIDE, SCALE = 160, 2
# Largest radius of a head in the drawn picture; the rest is room for what is turned or sticks out.
RADIUS = 0.44 * SIDE * SCALE
# Brows to chin, in radii, as the box of our own round character.
BOX = 1.5
# Ink of eyes and mouths, BGR: brown and black.
INKS = ((20, 45, 90), (15, 30, 60), (0, 0, 0), (40, 40, 40), (60, 20, 20))
WHITE, RED, BLUE = (255, 255, 255), (70, 70, 220), (245, 190, 90)

Color = tuple[int, ...]
Polygon = np.ndarray


def round_face(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float]:
    """Returns a face (BGRA), its box center and six key points (7×2, pixels), and its size."""
    drawing = RoundFace(rng)
    drawing.draw()
    picture = cv2.resize(drawing.canvas, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return picture, drawing.points() / SCALE, BOX * drawing.size() / SCALE


def head_color(rng: np.random.Generator) -> Color:
    """Returns yellow in three of five cases, red as anger has it, or any strong color."""
    kind = rng.random()
    if kind < 0.6:
        hue, saturation = rng.uniform(20, 30), rng.uniform(110, 255)
    elif kind < 0.7:
        hue, saturation = rng.uniform(0, 14), rng.uniform(120, 255)
    else:
        hue, saturation = rng.uniform(0, 180), rng.uniform(0, 255)
    tone = np.array([[[hue, saturation, rng.uniform(170, 255)]]], np.uint8)
    return tuple(int(c) for c in cv2.cvtColor(tone, cv2.COLOR_HSV2BGR)[0, 0])


class RoundFace:
    """One face; its parts are placed in radii around the middle of the head."""

    def __init__(self, rng: np.random.Generator):
        side = SIDE * SCALE
        self.rng = rng
        self.canvas = np.zeros((side, side, 4), np.uint8)
        self.radii = RADIUS * np.array([rng.uniform(0.75, 1), rng.uniform(0.8, 1)])
        if rng.random() < 0.7:
            self.radii[:] = self.radii.max()
        self.color = head_color(rng)
        self.ink: Color = INKS[int(rng.integers(len(INKS)))]
        # Where the head looks moves all parts, as on a ball.
        self.gaze = rng.normal(0, (0.08, 0.06))
        self.eye = np.array([rng.uniform(0.26, 0.44), rng.uniform(-0.3, -0.02)])
        self.eye_size = rng.uniform(0.08, 0.2)
        self.mouth = np.array([rng.normal(0, 0.03), self.eye[1] + rng.uniform(0.46, 0.7)])
        self.width = max(2, int(rng.uniform(0.04, 0.1) * RADIUS))

    def size(self) -> float:
        """Returns the radius of a disc as large as the head, in drawn pixels."""
        return float(math.sqrt(self.radii.prod()))

    def at(self, x: float, y: float) -> np.ndarray:
        """Returns the drawn pixel of a place in radii."""
        middle = self.canvas.shape[0] / 2
        return (np.array([x, y]) + self.gaze) * self.radii + middle

    def points(self) -> np.ndarray:
        """Returns box center, right and left eye, nose, mouth, right and left ear (7×2)."""
        x, y = self.eye
        middle = (y + self.mouth[1]) / 2
        ears = [self.at(side * 0.95 - self.gaze[0], y + 0.12) for side in (-1, 1)]
        face = [self.at(0, middle), self.at(-x, y), self.at(x, y), self.at(0, middle)]
        return np.array([*face, self.at(*self.mouth), *ears], np.float32)

    # Shapes

    def fill(self, x: float, y: float, width: float, height: float, color: Color) -> None:
        """Fills an ellipse of these half axes, in radii."""
        axes = tuple(float(v) for v in 2 * self.radii * (width, height))
        place = tuple(float(v) for v in self.at(x, y))
        cv2.ellipse(self.canvas, (place, axes, 0), (*color, 255), -1, cv2.LINE_AA)

    def curve(self, places: np.ndarray, color: Color, width: int | None = None) -> None:
        """Draws a line through places (N×2, radii)."""
        pixels = np.array([self.at(*p) for p in places]).round().astype(np.int32)
        cv2.polylines(self.canvas, [pixels], False, (*color, 255), width or self.width, cv2.LINE_AA)

    def polygon(self, places: np.ndarray, color: Color) -> None:
        """Fills a polygon of places (N×2, radii)."""
        pixels = np.array([self.at(*p) for p in places]).round().astype(np.int32)
        cv2.fillPoly(self.canvas, [pixels], (*color, 255), cv2.LINE_AA)

    def arc(self, x: float, y: float, width: float, height: float) -> Polygon:
        """Returns half an ellipse (17×2, radii) that hangs down, or up for a negative height."""
        angles = np.linspace(0, math.pi, 17)
        return np.stack([x + width * np.cos(angles), y + height * np.sin(angles)], 1)

    # Parts

    def draw(self) -> None:
        """Draws the head, then what is on it."""
        self.draw_head()
        if self.rng.random() < 0.25:
            for side in (-1, 1):
                self.fill(side * 0.62, self.eye[1] + 0.3, 0.16, 0.11, self.shade(0.2, RED))
        kinds = self.rng.integers(len(EYES), size=2)
        same = self.rng.random() < 0.85
        for side in (-1, 1):
            EYES[kinds[0] if same or side < 0 else kinds[1]](self, side * self.eye[0], self.eye[1])
        MOUTHS[int(self.rng.integers(len(MOUTHS)))](self)
        if self.rng.random() < 0.45:
            self.draw_brows()
        if self.rng.random() < 0.3:
            EXTRAS[int(self.rng.integers(len(EXTRAS)))](self)

    def draw_head(self) -> None:
        """Draws the disc with light from above, and an outline around some."""
        middle = tuple(float(v) for v in np.array(self.canvas.shape[:2]) / 2)
        axes = tuple(float(v) for v in 2 * self.radii)
        cv2.ellipse(self.canvas, (middle, axes, 0), (*self.color, 255), -1, cv2.LINE_AA)
        if self.rng.random() < 0.6:
            rows = np.linspace(0, 1, self.canvas.shape[0])[:, None, None]
            light = 1 + self.rng.uniform(0, 0.25) * (0.5 - rows)
            lit = self.canvas[..., :3] * light
            self.canvas[..., :3] = np.clip(lit, 0, 255).astype(np.uint8)
        if self.rng.random() < 0.35:
            color = self.ink if self.rng.random() < 0.5 else self.shade(0.4, (0, 0, 0))
            cv2.ellipse(
                self.canvas, (middle, axes, 0), (*color, 255), max(2, self.width // 2), cv2.LINE_AA
            )

    def shade(self, share: float, color: Color) -> Color:
        """Returns the head's color with a share of another in it."""
        mixed = np.array(self.color) * (1 - share) + np.array(color) * share
        return tuple(int(c) for c in mixed)

    def draw_brows(self) -> None:
        """Draws brows that slope in, out or not at all."""
        slope, bend = self.rng.normal(0, 0.12), self.rng.uniform(0, 0.1)
        y, half = self.eye[1] - self.rng.uniform(0.22, 0.36), self.rng.uniform(0.12, 0.2)
        steps = np.linspace(-1, 1, 7)
        for side in (-1, 1):
            xs = side * self.eye[0] + half * steps
            ys = y + side * slope * steps - bend * (1 - steps**2)
            self.curve(np.stack([xs, ys], 1), self.ink, max(2, self.width // 2))

    # Eyes

    def oval_eye(self, x: float, y: float) -> None:
        """An eye of ink, taller than wide."""
        self.fill(x, y, self.eye_size * 0.75, self.eye_size * self.rng.uniform(0.8, 1.4), self.ink)

    def white_eye(self, x: float, y: float) -> None:
        """An eye with a white and a pupil that looks anywhere."""
        size = self.eye_size * 1.4
        self.fill(x, y, size * 1.08, size * 1.08, self.shade(0.4, self.ink))
        self.fill(x, y, size, size, WHITE)
        pupil = size * self.rng.uniform(0.25, 0.7)
        dx, dy = self.rng.uniform(-0.6, 0.6, 2) * (size - pupil)
        self.fill(x + dx, y + dy, pupil, pupil, self.ink)

    def arched_eye(self, x: float, y: float) -> None:
        """A laughing eye, closed upward."""
        self.curve(self.arc(x, y, self.eye_size * 1.3, -self.eye_size), self.ink)

    def hanging_eye(self, x: float, y: float) -> None:
        """A sleeping eye, closed downward."""
        self.curve(self.arc(x, y, self.eye_size * 1.3, self.eye_size), self.ink)

    def line_eye(self, x: float, y: float) -> None:
        """A closed eye, a straight line."""
        half = self.eye_size * 1.3
        self.curve(np.array([(x - half, y), (x + half, y)]), self.ink)

    def squeezed_eye(self, x: float, y: float) -> None:
        """An eye squeezed shut, an angle that points to the nose."""
        size, side = self.eye_size * 1.2, math.copysign(1, x)
        tip, out = x - side * size, x + side * size
        self.curve(np.array([(out, y - size), (tip, y), (out, y + size)]), self.ink)

    def crossed_eye(self, x: float, y: float) -> None:
        """Two strokes, as knocked-out faces have."""
        size = self.eye_size
        self.curve(np.array([(x - size, y - size), (x + size, y + size)]), self.ink)
        self.curve(np.array([(x - size, y + size), (x + size, y - size)]), self.ink)

    def heart_eye(self, x: float, y: float) -> None:
        """A heart."""
        angles = np.linspace(0, 2 * math.pi, 33)
        size = self.eye_size * 1.5 / 16
        xs = 16 * np.sin(angles) ** 3
        ys = -13 * np.cos(angles) + 5 * np.cos(2 * angles) + 2 * np.cos(3 * angles)
        self.polygon(np.stack([x + size * xs, y + size * ys], 1), RED)

    def star_eye(self, x: float, y: float) -> None:
        """A star of five points."""
        angles = np.arange(10) * math.pi / 5 - math.pi / 2
        lengths = self.eye_size * 1.7 * np.where(np.arange(10) % 2, 0.45, 1)
        places = np.stack([x + lengths * np.cos(angles), y + lengths * np.sin(angles)], 1)
        self.polygon(places, self.shade(0.6, RED))

    # Mouths

    def curved_mouth(self) -> None:
        """A smile or a frown, a line."""
        height = self.rng.uniform(0.08, 0.3) * self.rng.choice([-1, 1, 1])
        width = self.rng.uniform(0.2, 0.5)
        x, y = self.mouth
        self.curve(self.arc(x, y - height / 2, width, height), self.ink)

    def straight_mouth(self) -> None:
        """A line, slanted in some."""
        half, rise = self.rng.uniform(0.12, 0.42), self.rng.normal(0, 0.06)
        x, y = self.mouth
        self.curve(np.array([(x - half, y + rise), (x + half, y - rise)]), self.ink)

    def wavy_mouth(self) -> None:
        """A line up and down."""
        steps = np.linspace(-1, 1, 25)
        half, waves = self.rng.uniform(0.25, 0.45), self.rng.uniform(1.5, 4)
        ys = self.mouth[1] + self.rng.uniform(0.03, 0.08) * np.sin(steps * waves * math.pi)
        self.curve(np.stack([self.mouth[0] + half * steps, ys], 1), self.ink)

    def round_mouth(self) -> None:
        """An open mouth, an oval."""
        width, height = self.rng.uniform(0.08, 0.26), self.rng.uniform(0.08, 0.34)
        x, y = self.mouth
        self.fill(x, y, width, height, self.ink)

    def laughing_mouth(self) -> None:
        """An open mouth, half an ellipse, with teeth, a tongue or both."""
        width, height = self.rng.uniform(0.3, 0.6), self.rng.uniform(0.25, 0.5)
        height *= -1 if self.rng.random() < 0.2 else 1
        x, y = self.mouth[0], self.mouth[1] - height / 2
        self.polygon(self.arc(x, y, width, height), self.ink)
        if self.rng.random() < 0.5:
            self.fill(x, y + 0.75 * height, 0.5 * width, abs(height) * 0.22, RED)
        if self.rng.random() < 0.6:
            self.polygon(self.arc(x, y, width * 0.9, height * 0.3), WHITE)

    def toothy_mouth(self) -> None:
        """Teeth between lips, with gaps in some."""
        width, height = self.rng.uniform(0.3, 0.55), self.rng.uniform(0.1, 0.2)
        x, y = self.mouth
        self.fill(x, y, width + 0.04, height + 0.04, self.ink)
        self.fill(x, y, width, height, WHITE)
        self.curve(np.array([(x - width, y), (x + width, y)]), self.ink, 2)
        for gap in np.linspace(-0.7, 0.7, int(self.rng.integers(0, 6))):
            top = height * math.sqrt(1 - gap * gap)
            at = x + gap * width
            self.curve(np.array([(at, y - top), (at, y + top)]), self.ink, 2)

    def tongue_mouth(self) -> None:
        """A smile with the tongue out."""
        width, x, y = self.rng.uniform(0.25, 0.45), *self.mouth
        self.curve(self.arc(x, y - 0.08, width, 0.14), self.ink)
        at = x + self.rng.uniform(-0.5, 0.5) * width
        self.fill(at, y + 0.17, 0.13, 0.18, self.shade(0.8, RED))

    def kissing_mouth(self) -> None:
        """Two small bows, one above the other."""
        x, y = self.mouth
        for dy in (-0.09, 0.09):
            bow = self.arc(0, 0, 0.09, 0.11)[:, ::-1]
            self.curve(bow + np.array([x, y + dy]), self.ink)

    # What some have besides

    def tears(self) -> None:
        """Drops or streams below one or both eyes."""
        long = self.rng.uniform(0.1, 0.5)
        for side in (-1, 1) if self.rng.random() < 0.5 else (1,):
            self.fill(side * self.eye[0] * 1.2, self.eye[1] + 0.2 + long, 0.1, long, BLUE)

    def drop(self) -> None:
        """Sweat on the forehead."""
        self.fill(self.rng.choice([-1, 1]) * 0.6, self.eye[1] - 0.35, 0.1, 0.17, BLUE)

    def sunglasses(self) -> None:
        """Dark glasses with a bridge."""
        x, y = self.eye
        self.curve(np.array([(-0.95, y - 0.08), (0.95, y - 0.08)]), (0, 0, 0))
        for side in (-1, 1):
            self.polygon(self.arc(side * x, y - 0.1, 0.34, 0.36), (20, 20, 20))

    def glasses(self) -> None:
        """Round or wide glasses."""
        width, height = self.rng.uniform(0.2, 0.3), self.rng.uniform(0.18, 0.3)
        x, y = self.eye
        angles = np.linspace(0, 2 * math.pi, 33)
        ring = np.stack([width * np.cos(angles), height * np.sin(angles)], 1)
        for side in (-1, 1):
            self.curve(ring + np.array([side * x, y]), self.ink, max(2, self.width // 2))

    def hand(self) -> None:
        """A hand of the head's own color at the chin or over a part of the mouth."""
        x = self.rng.choice([-1, 1]) * self.rng.uniform(0.1, 0.6)
        y = self.mouth[1] + self.rng.uniform(0.1, 0.4)
        width, height = self.rng.uniform(0.2, 0.4), self.rng.uniform(0.14, 0.3)
        self.fill(x, y, width + 0.03, height + 0.03, self.shade(0.45, (0, 0, 0)))
        self.fill(x, y, width, height, self.shade(0.12, (0, 80, 160)))

    def mask(self) -> None:
        """A white mask, or a bar, over the mouth."""
        color = WHITE if self.rng.random() < 0.6 else random_color(self.rng)
        x, y = self.mouth
        self.fill(x, y, 0.6, self.rng.uniform(0.2, 0.4), color)


EYES: tuple[Callable[[RoundFace, float, float], None], ...] = (
    *[RoundFace.oval_eye] * 6,
    *[RoundFace.white_eye] * 4,
    *[RoundFace.arched_eye] * 2,
    *[RoundFace.hanging_eye] * 2,
    RoundFace.line_eye,
    RoundFace.squeezed_eye,
    RoundFace.crossed_eye,
    RoundFace.heart_eye,
    RoundFace.star_eye,
)
MOUTHS: tuple[Callable[[RoundFace], None], ...] = (
    *[RoundFace.curved_mouth] * 4,
    *[RoundFace.straight_mouth] * 2,
    RoundFace.wavy_mouth,
    *[RoundFace.round_mouth] * 2,
    *[RoundFace.laughing_mouth] * 4,
    RoundFace.toothy_mouth,
    RoundFace.tongue_mouth,
    RoundFace.kissing_mouth,
)
EXTRAS: tuple[Callable[[RoundFace], None], ...] = (
    *[RoundFace.tears] * 2,
    RoundFace.drop,
    RoundFace.sunglasses,
    RoundFace.glasses,
    *[RoundFace.hand] * 2,
    RoundFace.mask,
)
