"""Pictures in every pixel format that Pillow, libwebp, libheif and ffmpeg write, with their pixels.

    formats.py FOLDER

For each picture NAME there is NAME.rgb: its pixels as Pillow reads them, upright and laid on white.
A line of standard output has the name, width, height, the number of frames and how many levels a
pixel may be off: 0 where there is one right answer, more where decoders round differently.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image, ImageOps, ImageSequence

OUT = Path(sys.argv[1])
SIZE = (48, 32)


def drawing(mode="RGB"):
    """Smooth colors, so that the resolution of colors matters little, and a corner that is red."""
    picture = Image.new("RGBA", SIZE)
    for y in range(SIZE[1]):
        for x in range(SIZE[0]):
            alpha = 255 if x < 24 else 255 - 5 * (x - 24)
            picture.putpixel((x, y), (40 + 4 * x, 230 - 6 * y, 60 + 2 * x + 2 * y, alpha))
    picture.paste((230, 40, 40, 255), (0, 0, 16, 16))
    return picture if mode == "RGBA" else picture.convert("RGB").convert(mode)


def on_white(picture):
    picture = picture.convert("RGBA")
    white = Image.new("RGBA", picture.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, picture).convert("RGB")


def report(name, frames, tolerance):
    (OUT / (name + ".rgb")).write_bytes(b"".join(frame.tobytes() for frame in frames))
    width, height = frames[0].size
    print(name, width, height, len(frames), tolerance)


def check(name, tolerance, expected=None):
    """Reports a still that was written."""
    if expected is None:
        with Image.open(OUT / name) as picture:
            expected = on_white(ImageOps.exif_transpose(picture))
    report(name, [expected], tolerance)


def save(name, picture, tolerance, **options):
    picture.save(OUT / name, **options)
    check(name, tolerance)


def jpegs():
    save("rgb-444.jpg", drawing(), 3, quality=95, subsampling=0)
    save("rgb-420.jpg", drawing(), 24, quality=95, subsampling=2)
    save("rgb-progressive.jpg", drawing(), 3, quality=95, subsampling=0, progressive=True)
    save("rgb-untransformed.jpg", drawing(), 3, quality=95, keep_rgb=True)
    save("gray.jpg", drawing("L"), 2, quality=95)
    save("cmyk.jpg", drawing("CMYK"), 3, quality=95)
    ycck()
    for orientation in (3, 6, 8):
        exif = Image.Exif()
        exif[0x0112] = orientation
        save(f"turned-{orientation}.jpg", drawing(), 3, quality=95, subsampling=0, exif=exif)


def ycck():
    """Inks as brightness and color: planes of a CMYK file, declared as YCCK in Adobe's marker."""
    inks = drawing("CMYK")
    black = inks.getchannel("K")
    light = Image.merge("RGB", inks.split()[:3]).convert("YCbCr")
    # Pillow stores planes inverted, as Adobe's CMYK wants them.
    planes = [plane.point(lambda v: 255 - v) for plane in light.split()]
    Image.merge("CMYK", [*planes, black]).save(OUT / "ycck.jpg", quality=95)
    data = bytearray((OUT / "ycck.jpg").read_bytes())
    transform = data.index(b"Adobe") + 11
    data[transform] = 2
    (OUT / "ycck.jpg").write_bytes(data)
    check("ycck.jpg", 4)


def pngs():
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA"):
        picture = drawing("RGBA") if mode == "RGBA" else drawing().convert(mode)
        save(f"{mode}.png", picture, 0)
    save("P-transparent.png", drawing().convert("P", palette=Image.Palette.ADAPTIVE), 0, transparency=3)
    gray = drawing("L")
    deep = gray.convert("I").point(lambda v: v * 257).convert("I;16")
    deep.save(OUT / "I16.png")
    check("I16.png", 0, gray.convert("RGB"))
    exif = Image.Exif()
    exif[0x0112] = 6
    save("turned-6.png", drawing(), 0, exif=exif)


def others():
    for mode in ("1", "L", "P", "RGB"):
        save(f"{mode}.bmp", drawing().convert(mode), 0)
    save("P.gif", drawing().convert("P", palette=Image.Palette.ADAPTIVE), 0)
    save("L.gif", drawing("L"), 0)
    save("transparent.gif", drawing().convert("P", palette=Image.Palette.ADAPTIVE), 0, transparency=3)
    save("lossless.webp", drawing("RGBA"), 1, lossless=True, exact=True)
    save("lossless-rgb.webp", drawing(), 0, lossless=True)
    save("lossy.webp", drawing(), 24, quality=95)
    save("lossy-alpha.webp", drawing("RGBA"), 24, quality=95)


def tiffs():
    for mode in ("1", "L", "P", "RGB", "RGBA", "CMYK"):
        picture = drawing("RGBA") if mode == "RGBA" else drawing().convert(mode)
        save(f"{mode}.tif", picture, 1 if mode in ("CMYK", "RGBA") else 0)
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits"):
        save(f"{compression}.tif", drawing(), 0, compression=compression)
    save("P-lzw.tif", drawing().convert("P"), 0, compression="tiff_lzw")
    save("group4.tif", drawing("1"), 0, compression="group4")
    save("ycbcr-jpeg.tif", drawing("YCbCr"), 24, compression="jpeg", quality=95)
    save("rgb-jpeg.tif", drawing(), 24, compression="jpeg", quality=95)
    save("gray-jpeg.tif", drawing("L"), 3, compression="jpeg", quality=95)


def heifs():
    if shutil.which("heif-enc") and shutil.which("heif-convert"):
        drawing().save(OUT / "source.png")
        run("heif-enc", "-q", "95", "source.png", "-o", "photo.heic")
        check("photo.heic", 32, drawing())
    if shutil.which("ffmpeg"):
        drawing().save(OUT / "source.png")
        run("ffmpeg", "-v", "error", "-y", "-i", "source.png", "-distance", "0.1", "photo.jxl")
        check("photo.jxl", 16, drawing())
        run("ffmpeg", "-v", "error", "-y", "-i", "source.png", "-frames:v", "1", "-crf", "5", "photo.avif")
        check("photo.avif", 48, drawing())


def run(*command):
    return subprocess.run(command, cwd=OUT, check=True, capture_output=True).stdout


def frames_of(name):
    with Image.open(OUT / name) as animation:
        return [on_white(frame) for frame in ImageSequence.Iterator(animation)]


def frames_of_ffmpeg(name):
    """Pillow lays transparent frames of APNG and GIF on each other in its own way."""
    raw = run("ffmpeg", "-v", "error", "-i", name, "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgba", "-")
    length = SIZE[0] * SIZE[1] * 4
    frames = [raw[i : i + length] for i in range(0, len(raw), length)]
    return [on_white(Image.frombytes("RGBA", SIZE, frame)) for frame in frames]


def animations():
    """A spot that moves, with every way to dispose of a frame and to lay it on the last one."""
    spots = []
    for number, color in enumerate([(230, 40, 40, 255), (40, 230, 40, 128), (40, 40, 230, 255), (9, 9, 9, 60)]):
        spot = Image.new("RGBA", SIZE)
        spot.paste(color, (10 * number, 4 * number, 10 * number + 16, 4 * number + 16))
        spots.append(spot)
    for disposal in (0, 1, 2):
        for blend in (0, 1):
            name = f"spot-{disposal}-{blend}.png"
            spots[0].save(
                OUT / name, save_all=True, append_images=spots[1:], duration=100, disposal=disposal, blend=blend
            )
            report(name, frames_of_ffmpeg(name), 1)
    for disposal in (1, 2, 3):
        name = f"spot-{disposal}.gif"
        opaque = [on_white(spot).quantize(16) for spot in spots]
        opaque[0].save(OUT / name, save_all=True, append_images=opaque[1:], duration=100, disposal=disposal)
        report(name, frames_of_ffmpeg(name), 0)
    if shutil.which("webpmux"):
        webp_animations(spots)


def webp_animations(spots):
    """Frames smaller than the picture, which Pillow's own encoder does not promise to write."""
    parts = []
    for number, spot in enumerate(spots):
        part = spot.crop((10 * number, 4 * number, 10 * number + 16, 4 * number + 16))
        part.save(OUT / f"part-{number}.webp", lossless=True, exact=True)
    for disposal in (0, 1):
        for blend in "+-":
            name = f"spot-{disposal}{'over' if blend == '+' else 'source'}.webp"
            parts = []
            for number in range(len(spots)):
                place = f"+100+{10 * number}+{4 * number}+{disposal}{blend}b"
                parts += ["-frame", f"part-{number}.webp", place]
            run("webpmux", *parts, "-o", name)
            report(name, frames_of(name), 1)


jpegs()
pngs()
others()
tiffs()
heifs()
if shutil.which("ffmpeg"):
    animations()
