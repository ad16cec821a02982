"""Face emoji of Noto, rendered from the system's font; no glyph is stored."""

from pathlib import Path

import numpy as np

# Debian's package fonts-noto-color-emoji.
FONT = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
# The size of the font's only bitmaps, and the size of one.
FONT_SIZE, GLYPH_SIZE = 109, (136, 128)
# Unicode's names say which class they mean.
EMOJI = {
    "neutral": "😐😑",
    "happiness": "😀😃😄😁😆😊🙂😂",
    "surprise": "😮😯😲😳",
    "sadness": "😢😭😞🙁😥😓😔",
    "anger": "😠😡",
}
# A face 200 pixels wide in the middle of a picture of 320: as large as in a portrait.
PICTURE, FACE, CORNER, GRAY = 320, (200, 188), (60, 66), 240


def absent_for_emoji() -> str | None:
    """Returns what is not installed, or nothing."""
    try:
        import PIL  # noqa: F401, PLC0415 – optional
    except ImportError:
        return "pillow"
    return None if FONT.exists() else "the font of fonts-noto-color-emoji"


def emoji_pictures() -> tuple[list[np.ndarray], list[str]]:
    """Returns pictures (320×320×3 u8, BGR) of all emoji, and the class of each."""
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 – optional

    font = ImageFont.truetype(str(FONT), FONT_SIZE)
    pictures, classes = [], []
    for name, characters in EMOJI.items():
        for character in characters:
            glyph = Image.new("RGBA", GLYPH_SIZE)
            ImageDraw.Draw(glyph).text((0, 0), character, font=font, embedded_color=True)
            page = Image.new("RGBA", (PICTURE, PICTURE), (GRAY, GRAY, GRAY, 255))
            page.alpha_composite(glyph.resize(FACE), CORNER)
            pictures.append(np.array(page.convert("RGB"))[:, :, ::-1])
            classes.append(name)
    return pictures, classes
