"""Scenes for the detector: marked face pictures pasted onto backgrounds, with exact boxes and key points."""

import math
from pathlib import Path

import cv2
import numpy as np

SIZE = 128
MAX_FACES = 10


class Faces:
    """Marked face pictures: each call gives a BGR picture and its mark in pixels (center, size, six points)."""

    def __init__(self, path):
        table = np.load(path)
        self.data, self.starts, self.marks = table["data"], table["starts"], table["marks"]

    def __len__(self):
        return len(self.marks)

    def picture(self, i):
        picture = cv2.imdecode(self.data[self.starts[i] : self.starts[i + 1]], cv2.IMREAD_COLOR)
        height, width = picture.shape[:2]
        mark = self.marks[i]
        points = np.concatenate([mark[1:3], mark[5:]]).reshape(-1, 2) * (width, height)
        size = math.sqrt(mark[3] * width * mark[4] * height)
        return picture, points.astype(np.float32), size


def bundled_pictures():
    """Pictures without faces that scikit-learn and scikit-image carry; not those that the tests use."""
    import skimage
    import sklearn.datasets

    names = "brick grass gravel coins text page clock_motion motorcycle_left ihc hubble_deep_field rocket retina moon horse color cell logo chessboard_RGB"
    folder = Path(skimage.__file__).parent / "data"
    paths = [next(folder.glob(f"{name}.*g")) for name in names.split()]
    paths += sorted(Path(sklearn.datasets.__file__).parent.glob("images/*.jpg")) * 6
    pictures = [cv2.imread(str(p), cv2.IMREAD_COLOR) for p in paths]
    scales = [min(1.0, 420 / min(p.shape[:2])) for p in pictures]
    return [cv2.resize(p, None, fx=s, fy=s, interpolation=cv2.INTER_AREA) for p, s in zip(pictures, scales)]


# Gaussian noise is slow to make, so scenes take theirs from a stock at a random place.
NOISE = np.random.default_rng(5).normal(0, 1, 1 << 20).astype(np.float32)


def noise(rng, shape):
    length = int(np.prod(shape))
    start = int(rng.integers(0, len(NOISE) - length))
    return NOISE[start : start + length].reshape(shape)


class Objects:
    """Pictures without faces as `moue_training.objects` packs them."""

    def __init__(self, path):
        table = np.load(path)
        cut = lambda name: [table[name][a:b] for a, b in zip(table[f"{name}_starts"], table[f"{name}_starts"][1:])]
        self.backgrounds = [cv2.imdecode(d, cv2.IMREAD_COLOR) for d in cut("backgrounds")]
        self.stamps = [cv2.imdecode(d, cv2.IMREAD_UNCHANGED) for d in cut("stamps")]

    def onto(self, canvas, rng, center, side):
        """Puts one stamp on a picture, turned and mirrored at random, `side` pixels long."""
        picture = self.stamps[rng.integers(len(self.stamps))]
        height, width = picture.shape[:2]
        scale = side / max(height, width)
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.normal(0, 25)), scale)
        if rng.random() < 0.5:
            turn[:, 0] *= -1
            turn[:, 2] -= turn[:, 0] * width
        turn[:, 2] += np.array(center) - (width / 2, height / 2)
        warped = cv2.warpAffine(picture, turn, canvas.shape[1::-1], flags=cv2.INTER_AREA)
        alpha = warped[..., 3:].astype(np.float32) / 255
        canvas[:] = canvas + (relight(warped[..., :3], rng).astype(np.float32) - canvas) * alpha


class Scenes:
    """Draws scenes. `rng` is a numpy generator; every call gives a new scene."""

    def __init__(self, faces, drawings=None, held_out=None, objects=None):
        self.faces, self.drawings, self.objects, self.backgrounds = faces, drawings, objects, bundled_pictures()
        if objects is not None:
            self.backgrounds += objects.backgrounds
        count = len(faces)
        # Every fiftieth face is kept for validation.
        chosen = np.arange(count) % 50 == 0
        self.pool = np.flatnonzero(chosen if held_out else ~chosen)
        # Video frames show heads with their surroundings; there are few, so they come up more often.
        lengths = np.diff(faces.starts)
        self.frames = self.pool[lengths[self.pool] > 7000]

    def source(self, rng):
        if self.drawings is not None and rng.random() < 0.18:
            picture, points, size = self.drawings.picture(int(rng.integers(len(self.drawings))))
            return recolored(picture, rng) if rng.random() < 0.4 else picture, points, size
        pool = self.frames if rng.random() < 0.04 else self.pool
        picture, points, size = self.faces.picture(int(pool[rng.integers(len(pool))]))
        if rng.random() < 0.1:
            picture = drawn(picture, rng)
        if rng.random() < 0.2:
            picture, points, size = squeezed(picture, points, size, rng)
        if rng.random() < 0.15:
            picture = self.covered(rng, picture, points, size)
        return picture, points, size

    def covered(self, rng, picture, points, size):
        """Sunglasses, a mask, a bar or a thing over a part of the face."""
        picture, kind = picture.copy(), rng.random()
        color = tuple(int(c) for c in rng.integers(0, 256, 3) * (rng.random() < 0.6))
        if kind < 0.3:
            for eye in points[1:3]:
                axes = size * rng.uniform(0.14, 0.22), size * rng.uniform(0.1, 0.2)
                cv2.ellipse(picture, (tuple(map(float, eye)), (2 * axes[0], 2 * axes[1]), 0), color, -1, cv2.LINE_AA)
        elif kind < 0.5:
            mouth = points[4] + (0, 0.05 * size)
            cv2.ellipse(picture, (tuple(map(float, mouth)), (size * rng.uniform(0.5, 0.9), size * rng.uniform(0.35, 0.6)), 0), color, -1, cv2.LINE_AA)
        elif self.objects is None or kind < 0.7:
            a = points[0] + size * rng.uniform(-0.6, 0.6, 2)
            b = a + size * rng.uniform(0.15, 0.5, 2)
            cv2.rectangle(picture, tuple(map(int, a)), tuple(map(int, b)), color, -1)
        else:
            # A thing that comes in from a side, as hands, cups and hats do.
            angle = rng.uniform(0, 2 * math.pi)
            side, reach = size * rng.uniform(0.4, 0.9), size * rng.uniform(0.45, 0.7)
            at = points[0] + reach * np.array([math.cos(angle), math.sin(angle)])
            self.objects.onto(picture, rng, at, side)
        return picture

    # Backgrounds

    def background(self, rng):
        kind = rng.random()
        if kind < 0.45:
            picture = self.backgrounds[rng.integers(len(self.backgrounds))]
            side = int(min(picture.shape[:2]) * rng.uniform(0.15, 1.0))
            y, x = (int(rng.integers(0, s - side + 1)) for s in picture.shape[:2])
            canvas = cv2.resize(picture[y : y + side, x : x + side], (SIZE, SIZE), interpolation=cv2.INTER_AREA)
        elif kind < 0.60:
            canvas = self.shuffled(rng)
        elif kind < 0.66:
            canvas = self.detail(rng)
        elif kind < 0.75:
            picture, _, _ = self.source(rng)
            canvas = cv2.resize(picture, (SIZE, SIZE))
            canvas = cv2.resize(cv2.resize(canvas, (6, 6), interpolation=cv2.INTER_AREA), (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
        else:
            canvas = gradient(rng)
        if rng.random() < 0.5:
            clutter(canvas, rng)
        canvas = np.ascontiguousarray(canvas[:, ::-1] if rng.random() < 0.5 else canvas)
        if self.objects is not None and rng.random() < 0.45:
            for _ in range(int(rng.choice([1, 1, 2, 3, 6]))):
                self.objects.onto(canvas, rng, rng.uniform(0, SIZE, 2), SIZE * math.exp(rng.uniform(math.log(0.12), math.log(1.3))))
        return canvas

    def shuffled(self, rng):
        """A face picture cut into tiles and shuffled: skin and hair without a face."""
        picture, _, _ = self.source(rng)
        tile = int(rng.choice([16, 32]))
        picture = cv2.resize(picture, (SIZE, SIZE))
        cells = picture.reshape(SIZE // tile, tile, SIZE // tile, tile, 3).swapaxes(1, 2).reshape(-1, tile, tile, 3)
        cells = cells[rng.permutation(len(cells))]
        rows = cells.reshape(SIZE // tile, SIZE // tile, tile, tile, 3).swapaxes(1, 2)
        canvas = rows.reshape(SIZE, SIZE, 3)
        return cv2.GaussianBlur(canvas, (0, 0), float(rng.uniform(0.5, 2.0)))

    def detail(self, rng):
        """A small part of a face picture, enlarged: hair, cloth, skin, an eye alone are no faces."""
        picture, _, _ = self.source(rng)
        side = int(min(picture.shape[:2]) * rng.uniform(0.15, 0.3))
        y, x = (int(rng.integers(0, s - side + 1)) for s in picture.shape[:2])
        return cv2.resize(picture[y : y + side, x : x + side], (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)

    # Faces

    def paste(self, canvas, rng, size, center, found):
        """Puts one face of `size` pixels at `center` and notes where it lies."""
        picture, points, own = self.source(rng)
        wide = rng.random() < 0.12
        angle = float(rng.normal(0, 11) if not wide else rng.uniform(-50, 50))
        scale = size / own
        mirror = rng.random() < 0.5
        if mirror:
            picture = np.ascontiguousarray(picture[:, ::-1])
            points = points.copy()
            points[:, 0] = picture.shape[1] - points[:, 0]
            points = points[[0, 2, 1, 3, 4, 6, 5]]
        turn = cv2.getRotationMatrix2D((float(points[0, 0]), float(points[0, 1])), angle, scale)
        turn[:, 2] += np.array(center) - points[0]
        placed = points @ turn[:, :2].T + turn[:, 2]
        mask = self.mask(rng, picture, points, own)
        if scale < 0.5:
            small = cv2.resize(picture, None, fx=2 * scale, fy=2 * scale, interpolation=cv2.INTER_AREA)
            mask = cv2.resize(mask, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_AREA)
            turn[:, :2] @= np.diag([picture.shape[1] / small.shape[1], picture.shape[0] / small.shape[0]])
            picture = small
        picture = relight(picture, rng)
        warped = cv2.warpAffine(picture, turn, (SIZE, SIZE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        alpha = cv2.warpAffine(mask, turn, (SIZE, SIZE), flags=cv2.INTER_LINEAR)[..., None]
        if rng.random() < 0.5:
            below = body(canvas, rng, placed, size)
            found[:] = [(p, s) for p, s in found if cv2.pointPolygonTest(below, tuple(map(float, p[0])), False) < 0]
        canvas[:] = canvas + (warped.astype(np.float32) - canvas) * alpha
        found.append((placed, size))

    def mask(self, rng, picture, points, own):
        height, width = picture.shape[:2]
        mask = np.zeros((height, width), np.float32)
        kind = rng.random()
        if kind < 0.55:
            center = points[0] + (0, -0.12 * own)
            axes = own * rng.uniform(0.62, 0.85), own * rng.uniform(0.8, 1.1)
            cv2.ellipse(mask, (tuple(map(float, center)), (2 * axes[0], 2 * axes[1]), 0), 1.0, -1)
            blur = own * rng.uniform(0.02, 0.12)
        elif kind < 0.8:
            edge = max(1, int(0.08 * width))
            mask[edge:-edge, edge:-edge] = 1
            blur = own * 0.08
        else:
            mask[:] = 1
            return mask
        # Two box blurs are near enough to a Gaussian of this width.
        width = 2 * int(max(blur, 0.5) * 1.2) + 1
        return cv2.blur(cv2.blur(mask, (width, width)), (width, width))

    def whole(self, rng, found):
        """One face picture shown large, its own surroundings stretched to the borders."""
        picture, points, own = self.source(rng)
        size = SIZE * math.exp(rng.uniform(math.log(0.16), math.log(1.0)))
        canvas = self.background(rng)
        center = rng.uniform(0.5 * size, SIZE - 0.5 * size, 2) if size < 0.8 * SIZE else rng.normal(SIZE / 2, 7, 2)
        angle = float(rng.normal(0, 12) if rng.random() < 0.88 else rng.uniform(-50, 50))
        turn = cv2.getRotationMatrix2D((float(points[0, 0]), float(points[0, 1])), angle, size / own)
        turn[:, 2] += center - points[0]
        border = [cv2.BORDER_REPLICATE, cv2.BORDER_REFLECT_101, cv2.BORDER_TRANSPARENT, cv2.BORDER_CONSTANT][int(rng.integers(4))]
        if border == cv2.BORDER_REFLECT_101 and size < 0.55 * SIZE:
            border = cv2.BORDER_REPLICATE
        picture = relight(picture, rng)
        canvas = cv2.warpAffine(picture, turn, (SIZE, SIZE), dst=canvas, flags=cv2.INTER_AREA, borderMode=border)
        found.append((points @ turn[:, :2].T + turn[:, 2], size))
        return canvas

    def several(self, rng, found):
        canvas = self.background(rng)
        count = int(rng.choice([1, 1, 2, 3, 4, 6]))
        taken = []
        for _ in range(count):
            top = 0.6 if count == 1 else 0.36 if count < 4 else 0.2
            size = SIZE * math.exp(rng.uniform(math.log(0.06), math.log(top)))
            center = rng.uniform(0.4 * size, SIZE - 0.4 * size, 2)
            if all(np.hypot(*(center - c)) > 0.75 * (size + s) for c, s in taken):
                taken.append((center, size))
        for center, size in sorted(taken, key=lambda t: t[1]):
            self.paste(canvas, rng, size, center, found)
        return canvas

    def mosaic(self, rng, found):
        cells = int(rng.choice([2, 3, 4]))
        side = SIZE // cells
        canvas = self.background(rng)
        for y in range(cells):
            for x in range(cells):
                if rng.random() < 0.25 or len(found) >= MAX_FACES:
                    continue
                picture, points, own = self.source(rng)
                scale = side / max(picture.shape[:2])
                small = cv2.resize(relight(picture, rng), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
                canvas[y * side : y * side + small.shape[0], x * side : x * side + small.shape[1]] = small
                found.append((points * scale + (x * side, y * side), own * scale))
        return canvas

    def __call__(self, rng):
        """A 128×128 BGR scene and its faces: rows of center x, y, size, then six points x, y, all in 0..1."""
        found = []
        kind = rng.random()
        if kind < 0.38:
            canvas = self.whole(rng, found)
        elif kind < 0.8:
            canvas = self.several(rng, found)
        elif kind < 0.87:
            canvas = self.mosaic(rng, found)
        else:
            canvas = self.background(rng)
        canvas = finish(canvas, rng, found)
        rows = [np.concatenate([p[0], [s], p[1:].ravel()]) / SIZE for p, s in found]
        inside = [r for r in rows if 0.02 < r[0] < 0.98 and 0.02 < r[1] < 0.98]
        return canvas, np.array(inside[:MAX_FACES], np.float32).reshape(-1, 15)


def gradient(rng):
    corners = rng.integers(0, 256, (2, 2, 3)).astype(np.uint8)
    canvas = cv2.resize(corners, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)
    grain = noise(rng, (SIZE // 2, SIZE // 2, 3)) * np.float32(rng.uniform(0, 14))
    return np.clip(canvas + cv2.resize(grain, (SIZE, SIZE)), 0, 255).astype(np.uint8)


def clutter(canvas, rng):
    """Shapes and lines such as furniture, windows and drawings leave in a picture."""
    for _ in range(int(rng.integers(1, 8))):
        color = tuple(int(c) for c in rng.integers(0, 256, 3))
        a, b = (tuple(int(v) for v in rng.integers(0, SIZE, 2)) for _ in range(2))
        kind, thick = rng.integers(5), int(rng.choice([-1, -1, 1, 2, 4]))
        if kind == 0:
            cv2.rectangle(canvas, a, b, color, thick)
        elif kind == 1:
            cv2.ellipse(canvas, a, (int(rng.integers(3, 30)), int(rng.integers(3, 30))), float(rng.uniform(0, 180)), 0, 360, color, thick)
        elif kind == 4:
            rings(canvas, rng, a)
        elif kind == 2:
            cv2.line(canvas, a, b, color, max(1, thick))
        else:
            text(canvas, rng)


def rings(canvas, rng, center):
    """Ellipses inside each other, as cups, wheels and plates show them."""
    wide, flat = float(rng.uniform(8, 40)), float(rng.uniform(0.5, 1.0))
    for share in np.sort(rng.uniform(0.15, 1.0, int(rng.integers(2, 6))))[::-1]:
        color = tuple(int(c) for c in rng.integers(0, 256, 3))
        axes = int(wide * share) + 1, int(wide * share * flat) + 1
        cv2.ellipse(canvas, center, axes, float(rng.normal(0, 12)), 0, 360, color, -1, cv2.LINE_AA)


def text(canvas, rng, at=None):
    words = "".join(chr(int(c)) for c in rng.integers(65, 91, int(rng.integers(3, 14))))
    size = float(rng.uniform(0.3, 0.8))
    at = at or tuple(int(v) for v in rng.integers(0, SIZE, 2))
    cv2.putText(canvas, words, at, cv2.FONT_HERSHEY_DUPLEX, size, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.putText(canvas, words, at, cv2.FONT_HERSHEY_DUPLEX, size, (255, 255, 255), 1, cv2.LINE_AA)


def body(canvas, rng, points, size):
    """A neck and shoulders in one color below the head; returns their outline."""
    down = points[4] - points[0] if len(points) > 4 else np.array([0, 1.0])
    down = down / (np.hypot(*down) + 1e-6)
    side = np.array([-down[1], down[0]])
    neck, chest = points[0] + 0.55 * size * down, points[0] + 2.6 * size * down
    wide = size * rng.uniform(0.8, 1.4)
    corners = [neck - 0.3 * size * side, neck + 0.3 * size * side, neck + 0.5 * size * down + wide * side, chest + wide * side, chest - wide * side, neck + 0.5 * size * down - wide * side]
    corners = np.array(corners, np.int32)
    cv2.fillPoly(canvas, [corners], tuple(int(c) for c in rng.integers(0, 256, 3)), cv2.LINE_AA)
    return corners


def recolored(picture, rng):
    """Other hues: drawn faces are yellow, blue and green."""
    tone = cv2.cvtColor(picture, cv2.COLOR_BGR2HSV)
    tone[..., 0] = (tone[..., 0].astype(np.int32) + int(rng.integers(180))) % 180
    tone[..., 1] = np.clip(tone[..., 1] * rng.uniform(0.6, 1.8), 0, 255)
    return cv2.cvtColor(tone, cv2.COLOR_HSV2BGR)


def drawn(picture, rng):
    """A photograph made to look like a drawing: flat areas, few tones, dark outlines, or the outlines alone."""
    flat = cv2.bilateralFilter(picture, 5, 60, 5)
    gray = cv2.cvtColor(flat, cv2.COLOR_BGR2GRAY)
    block = 2 * int(max(picture.shape[:2]) / rng.uniform(16, 30)) + 3
    lines = cv2.adaptiveThreshold(gray, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, block, float(rng.uniform(4, 9)))
    if rng.random() < 0.25:
        return cv2.cvtColor(lines, cv2.COLOR_GRAY2BGR)
    step = int(rng.choice([28, 42, 64]))
    flat = recolored(flat // step * step + step // 2, rng) if rng.random() < 0.5 else flat // step * step + step // 2
    return np.minimum(flat, cv2.cvtColor(lines, cv2.COLOR_GRAY2BGR)) if rng.random() < 0.7 else flat


def squeezed(picture, points, size, rng):
    """Narrower or wider, as heads are that turn, and as people are."""
    factor = float(rng.uniform(0.75, 1.15))
    picture = cv2.resize(picture, None, fx=factor, fy=1.0, interpolation=cv2.INTER_AREA)
    return picture, points * np.float32([factor, 1]), size * math.sqrt(factor)


def relight(picture, rng):
    """Other contrast, brightness and tint."""
    gain = rng.uniform(0.7, 1.25) * (1 + rng.normal(0, 0.05, 3))
    table = np.clip(np.arange(256)[:, None] * gain + rng.uniform(-25, 25), 0, 255).astype(np.uint8)
    return cv2.LUT(picture, table.reshape(1, 256, 3))


def finish(canvas, rng, found):
    """What cameras and the web do: captions, bars, gray, blur, noise, compression."""
    if rng.random() < 0.2:
        text(canvas, rng, (int(rng.integers(0, 30)), int(rng.choice([14, 122]))))
    if rng.random() < 0.12:
        color = tuple(int(c) for c in rng.integers(0, 256, 3))
        y, x = (int(v) for v in rng.integers(0, SIZE, 2))
        cv2.rectangle(canvas, (x, y), (x + int(rng.integers(4, 40)), y + int(rng.integers(4, 24))), color, -1)
    if rng.random() < 0.2:
        canvas = cv2.cvtColor(cv2.cvtColor(canvas, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if rng.random() < 0.25:
        canvas = cv2.GaussianBlur(canvas, (0, 0), float(rng.uniform(0.3, 1.2)))
    if rng.random() < 0.25:
        canvas = np.clip(canvas + noise(rng, canvas.shape) * np.float32(rng.uniform(2, 12)), 0, 255).astype(np.uint8)
    if rng.random() < 0.25:
        data = cv2.imencode(".jpg", canvas, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 85))])[1]
        canvas = cv2.imdecode(data, cv2.IMREAD_COLOR)
    if rng.random() < 0.45:
        bars(canvas, rng, found)
    return canvas


def bars(canvas, rng, found):
    """Black bars as the letterbox leaves them; a face whose center they cover is gone."""
    width = int(rng.integers(2, 32))
    axis = int(rng.integers(2))
    view = canvas if axis else canvas.swapaxes(0, 1)
    view[:width] = 0
    view[SIZE - width :] = 0
    found[:] = [(p, s) for p, s in found if width + 0.15 * s < p[0][axis] < SIZE - width - 0.15 * s]
