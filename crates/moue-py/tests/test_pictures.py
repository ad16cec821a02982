"""What counts as a picture, and what is said about everything else."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import moue

from conftest import draw, pose


def test_all_kinds_of_one_picture_have_the_same_expression(face: Path) -> None:
    image = Image.open(face)
    array = np.asarray(image)
    data = face.read_bytes()
    kinds = {
        "path": face,
        "text": str(face),
        "bytes": data,
        "bytearray": bytearray(data),
        "memoryview": memoryview(data),
        "PIL": image,
        "PIL with alpha": image.convert("RGBA"),
        "RGB": array,
        "RGBA": np.asarray(image.convert("RGBA")),
        "view with gaps": np.repeat(array, 2, axis=1)[:, ::2],
        "Fortran order": np.asfortranarray(array),
    }
    expected = moue.represent(face)[0]
    for name, picture in kinds.items():
        assert np.array_equal(moue.represent(picture)[0], expected), name
        assert pose(moue.find(picture)[0]) == "grin", name


def test_gray_pictures_are_gray_however_they_come(face: Path) -> None:
    gray = Image.open(face).convert("L")
    array = np.asarray(gray)
    expected = moue.represent(gray)
    for picture in [array, array[:, :, None], np.stack([array] * 3, axis=-1)]:
        assert np.array_equal(moue.represent(picture), expected)


def test_transparent_pixels_are_white(face: Path) -> None:
    image = draw("lola-grin").convert("RGBA")
    pixels = np.array(image)
    corner = np.zeros(pixels.shape[:2], bool)
    corner[:20, :20] = True
    pixels[corner] = (0, 0, 0, 0)
    white = pixels.copy()
    white[corner] = 255
    assert np.array_equal(moue.represent(pixels), moue.represent(white))


def test_pil_images_are_turned_upright(tmp_path: Path) -> None:
    # Orientation 6: the camera was held on its side.
    image = draw("lola-grin").transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "turned.jpg"
    image.save(path, exif=exif, quality=95)
    upright = moue.detect(path, effort="live")
    assert len(upright) == 1
    assert moue.detect(Image.open(path), effort="live")[0].box.ymin == pytest.approx(
        upright[0].box.ymin, abs=0.02
    )


def test_palettes_with_transparency_work(face: Path) -> None:
    image = Image.open(face).convert("P")
    image.info["transparency"] = 0
    assert moue.represent(image).shape == (1, 64)


@pytest.mark.parametrize(
    ("picture", "error", "words"),
    [
        (np.zeros((64, 64, 3), np.float32), TypeError, "uint8, not float32.*255"),
        (np.zeros((64, 64, 3), np.int64), TypeError, "uint8, not int64"),
        (np.zeros((64, 64), bool), TypeError, "uint8, not bool"),
        (np.zeros((3, 64, 64), np.uint8), ValueError, "channels come last.*transpose"),
        (np.zeros((64, 64, 2), np.uint8), ValueError, "height, width"),
        (np.zeros((64,), np.uint8), ValueError, "height, width"),
        (np.zeros((0, 64, 3), np.uint8), moue.PictureError, "no pixels"),
        (Image.new("I;16", (64, 64)), ValueError, "more than 8 bits"),
        (Image.new("F", (64, 64)), ValueError, "more than 8 bits"),
        (b"", moue.PictureError, "empty"),
        (b"no picture at all", moue.PictureError, "known format"),
        (3, TypeError, "a path, the bytes of a file.*not int"),
        (None, TypeError, "not NoneType"),
        ({}, TypeError, "not dict"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_reason(
    picture: object, error: type[Exception], words: str
) -> None:
    for call in (moue.detect, moue.find):
        with pytest.raises(error, match=words):
            call(picture)  # type: ignore[arg-type]


def test_several_pictures_are_told_to_go_elsewhere() -> None:
    with pytest.raises(ValueError, match="detect_many"):
        moue.detect(np.zeros((2, 64, 64, 3), np.uint8))


def test_missing_files_raise_what_open_raises(tmp_path: Path) -> None:
    path = tmp_path / "not there.png"
    with pytest.raises(FileNotFoundError) as caught:
        moue.find(path)
    assert caught.value.filename == str(path)


def test_damaged_files_are_named(tmp_path: Path, face: Path) -> None:
    path = tmp_path / "cut.png"
    path.write_bytes(face.read_bytes()[:500])
    with pytest.raises(moue.PictureError, match=r"cut\.png"):
        moue.find(path)
    with pytest.raises(ValueError):  # It is Python's error too.
        moue.find(path)


def test_a_picture_without_a_face_is_an_error_of_its_own(blank: Path) -> None:
    assert moue.detect(blank) == []
    with pytest.raises(moue.NoFaceError, match="blank.png: no face"):
        moue.find(blank)


def test_arrays_keep_their_content_while_others_write_into_them() -> None:
    pixels = np.asarray(draw("lola-grin")).copy()
    expected = moue.represent(pixels)
    faces = moue.represent(pixels)
    pixels[:] = 0
    assert np.array_equal(faces, expected)


def test_files_in_memory_are_read_as_from_the_disk(face: Path) -> None:
    buffer = io.BytesIO()
    Image.open(face).save(buffer, "JPEG", quality=95)
    assert moue.find(buffer.getvalue())[0].label
