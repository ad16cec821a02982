//! Pictures that the program reads to show them, and pictures that it writes.

use anyhow::{Context, Result};
use font8x8::UnicodeFonts;
use image::{GrayImage, Luma, Rgb, RgbImage};
use moue::{Face, Frame};
use moue_drawings::Drawing;
use moue_drawings::emoji::Emoji;

/// Pixels along a side of a drawing that is shown or saved: as sharp as a phone's screen shows it.
const DRAWING_SIZE: u32 = 512;

/// Marks are so many times thinner than the longer side of the picture.
const SIDE_PER_LINE: f32 = 300.0;

const BOX_COLOR: Rgb<u8> = Rgb([40, 220, 90]);

/// One for each key point, so that a swapped pair shows.
const POINT_COLORS: [Rgb<u8>; 6] = [
    Rgb([255, 60, 60]),
    Rgb([60, 120, 255]),
    Rgb([255, 220, 0]),
    Rgb([255, 80, 220]),
    Rgb([0, 220, 220]),
    Rgb([250, 250, 250]),
];

/// The picture's pixels as an image of the `image` crate.
pub(crate) fn image_of(frame: &Frame<'_>) -> RgbImage {
    let pixels = frame.pixels().as_chunks::<3>().0;
    RgbImage::from_fn(frame.width() as u32, frame.height() as u32, |x, y| {
        Rgb(pixels[y as usize * frame.width() + x as usize])
    })
}

/// The pixels of a drawing.
pub(crate) fn render(drawing: &Drawing) -> Result<RgbImage> {
    let pixels = drawing.render(DRAWING_SIZE);
    RgbImage::from_raw(DRAWING_SIZE, DRAWING_SIZE, pixels).context("the drawing has no pixels")
}

/// The drawing that a path of a compiled-in gallery names; `None` for a path of a file.
pub(crate) fn drawing_of(path: &str) -> Option<Result<Drawing>> {
    let (scheme, name) = path.split_once(':')?;
    let drawing = match scheme {
        "builtin" => moue_drawings::find(name),
        "emoji" => moue_drawings::emoji::find(name).map(Emoji::drawing),
        // A drive of Windows, or a file with a colon in its name.
        _ => return None,
    };
    Some(drawing.with_context(|| format!("there is no drawing called {name}")))
}

/// The picture reduced to at most so many pixels along its longer side; its shape stays.
pub(crate) fn within(image: &RgbImage, side: u32) -> RgbImage {
    let longest = image.width().max(image.height()).max(1);
    let scaled = |length: u32| {
        let reduced = u64::from(length) * u64::from(side.min(longest)) / u64::from(longest);
        (reduced as u32).max(1)
    };
    image::imageops::thumbnail(image, scaled(image.width()), scaled(image.height()))
}

/// A square gray picture of values in [-1, 1], row by row.
pub(crate) fn gray(size: usize, values: &[f32]) -> GrayImage {
    GrayImage::from_fn(size as u32, size as u32, |x, y| {
        let value = values[y as usize * size + x as usize];
        Luma([((value + 1.0) * 127.5).round() as u8])
    })
}

/// Draws a face's box and key points.
pub(crate) fn mark(image: &mut RgbImage, face: &Face) {
    let width = image.width() as f32;
    let height = image.height() as f32;
    let line = (width.max(height) / SIDE_PER_LINE).ceil() as i64;
    let b = face.bounding_box;
    let left = (b.xmin * width) as i64;
    let top = (b.ymin * height) as i64;
    let right = ((b.xmin + b.width) * width) as i64;
    let bottom = ((b.ymin + b.height) * height) as i64;
    fill(image, [left, top], [right, top + line], BOX_COLOR);
    fill(image, [left, bottom - line], [right, bottom], BOX_COLOR);
    fill(image, [left, top], [left + line, bottom], BOX_COLOR);
    fill(image, [right - line, top], [right, bottom], BOX_COLOR);
    for (point, color) in face.key_points.iter().flatten().zip(POINT_COLORS) {
        let [x, y] = [(point[0] * width) as i64, (point[1] * height) as i64];
        let from = [x - line, y - line];
        fill(image, from, [x + line + 1, y + line + 1], color);
    }
}

/// Pixels that a label is high: letters of 8 dots, each of 2 × 2 pixels, and a line around them.
pub(crate) const LABEL_HEIGHT: u32 = 8 * LETTER_DOT + 2 * LETTER_DOT;
const LETTER_DOT: u32 = 2;

/// Writes words in white on black; the top left corner of the black is at `corner`.
pub(crate) fn label(image: &mut RgbImage, corner: [u32; 2], words: &str) {
    let letter = 8 * LETTER_DOT;
    let [left, top] = corner.map(i64::from);
    let width = i64::from(words.chars().count() as u32 * letter + 2 * LETTER_DOT);
    let opposite = [left + width, top + i64::from(LABEL_HEIGHT)];
    fill(image, [left, top], opposite, Rgb([0; 3]));
    for (i, c) in words.chars().enumerate() {
        let rows = font8x8::BASIC_FONTS.get(c).unwrap_or_default();
        for (y, row) in rows.iter().enumerate() {
            for x in (0..8).filter(|x| row >> x & 1 == 1) {
                let dot = i64::from(LETTER_DOT);
                let x = left + dot + i64::from(letter) * i as i64 + dot * x;
                let y = top + dot + dot * y as i64;
                fill(image, [x, y], [x + dot, y + dot], Rgb([255; 3]));
            }
        }
    }
}

/// Fills a rectangle, as far as it lies in the picture.
fn fill(image: &mut RgbImage, from: [i64; 2], to: [i64; 2], color: Rgb<u8>) {
    for y in from[1].max(0)..to[1].min(i64::from(image.height())) {
        for x in from[0].max(0)..to[0].min(i64::from(image.width())) {
            image.put_pixel(x as u32, y as u32, color);
        }
    }
}
