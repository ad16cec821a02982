"""How many of the words in pictures are read: captions drawn on pictures of memes.

    cargo build --release -p moue --example words
    python bench/words.py target/release/examples/words FOLDER-OF-MEMES FONT FONT FONT

Four of five captions are white with a black rim, at the top and at the bottom, in letters of 8 to
12 hundredths of the picture's shorter side; the fifth is black on a white bar above the picture.
The words are taken from a list by a seeded generator. Prints recall (words of two letters or more
that were read, of those that were written), false words a picture (read, but not written), and
the CPU seconds a picture.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

#: Pictures with writing of their own, which would count as false.
WRITTEN = (
    "American-Chopper",
    "Ancient-Aliens",
    "Bad-Pun-Dog",
    "Bernie-I-Am",
    "Change-My-Mind",
    "UNO-Draw",
    "Who-Would-Win",
    "memegen-cmm",
    "memegen-crow",
    "memegen-gears",
    "memegen-live",
    "memegen-prop3",
    "memegen-sad-clinton",
    "memegen-sohappy",
)

WORDS = """
when you finally finish the project but remember monday is tomorrow me trying to explain why there
no coffee left in office nobody asked still here we go again that face your friend says he can
drive one does not simply walk into exam without sleep thought was safe then boss called cat
judges everything my wallet after holiday brain at night they said would be fun now look this is
fine if could just stop working weekend dinner mother internet slow phone battery dead
""".split()


class Caption:
    """Words in one font, broken into lines."""

    def __init__(self, generator: random.Random, font: str, side: int, upper: bool) -> None:
        words = [generator.choice(WORDS) for _ in range(generator.randint(2, 6))]
        self.words = words
        self.shown = [word.upper() if upper else word for word in words]
        self.size = max(18, round(side * generator.uniform(0.08, 0.12)))
        self.font = ImageFont.truetype(font, self.size)

    def lines(self, draw: ImageDraw.ImageDraw, width: float) -> list[str]:
        lines = [""]
        for word in self.shown:
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and draw.textlength(longer, font=self.font) > width:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    def draw(self, picture: Image.Image, at_top: bool, color: str, rim: int) -> None:
        draw = ImageDraw.Draw(picture)
        lines = self.lines(draw, picture.width * 0.94)
        height = 1.15 * self.size
        y = picture.height * 0.02 if at_top else picture.height * 0.98 - len(lines) * height
        for line in lines:
            place = (picture.width / 2, y)
            draw.text(
                place,
                line,
                font=self.font,
                fill=color,
                anchor="ma",
                stroke_width=rim,
                stroke_fill="black",
            )
            y += height


def with_bar(picture: Image.Image) -> Image.Image:
    """The picture below a white bar."""
    bar = round(picture.height * 0.3)
    taller = Image.new("RGB", (picture.width, picture.height + bar), "white")
    taller.paste(picture, (0, bar))
    return taller


def make(
    number: int, picture: Image.Image, font: str, generator: random.Random
) -> tuple[Image.Image, list[str]]:
    """A meme and its words."""
    side = min(picture.size)
    is_bar = number % 5 == 4
    # The first font is of capitals.
    upper = number % 3 == 0 or generator.random() < 0.5
    captions = [Caption(generator, font, side, upper) for _ in range(1 if is_bar else 2)]
    if is_bar:
        picture = with_bar(picture)
    for place, caption in enumerate(captions):
        rim = 0 if is_bar else max(1, caption.size // 14)
        caption.draw(picture, place == 0, "black" if is_bar else "white", rim)
    return picture, [word for caption in captions for word in caption.words]


def read(program: str, files: list[Path]) -> dict[str, list[str]]:
    output = subprocess.run(
        [program, *map(str, files)], check=True, capture_output=True, text=True
    ).stdout
    rows = map(json.loads, output.splitlines())
    return {row["path"]: row["words"].lower().split() for row in rows}


def counted(words: list[str]) -> Counter[str]:
    return Counter(word for word in words if len(word) >= 2)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("program")
    parser.add_argument("memes", type=Path)
    parser.add_argument("fonts", nargs="+", help="the first one has capitals alone")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="write the pictures into this folder")
    args = parser.parse_args()
    generator = random.Random(args.seed)
    paths = sorted(
        path for path in args.memes.glob("*.jpg") if not any(name in path.name for name in WRITTEN)
    )
    with tempfile.TemporaryDirectory() as folder:
        written = {}
        for number in range(args.count):
            picture = Image.open(generator.choice(paths)).convert("RGB")
            meme, words = make(number, picture, args.fonts[number % len(args.fonts)], generator)
            file = (args.keep or Path(folder)) / f"{number:03}.jpg"
            meme.save(file, quality=85)
            written[str(file)] = words
        found = read(args.program, [Path(file) for file in written])
    report(written, found)


def report(written: dict[str, list[str]], found: dict[str, list[str]]) -> None:
    right = wrong = total = 0
    for file, words in written.items():
        truth, read_words = counted(words), counted(found[file])
        # A word that is there twice may be kept once: it is searched for, not counted.
        right += sum(1 for word in truth if word in read_words)
        total += len(truth)
        wrong += sum(count for word, count in read_words.items() if word not in truth)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (usage.ru_utime + usage.ru_stime) / len(written)
    print(
        f"recall {right / total:.3f}, false words a picture {wrong / len(written):.2f}, "
        f"CPU {cpu:.2f} s a picture"
    )


if __name__ == "__main__":
    main()
