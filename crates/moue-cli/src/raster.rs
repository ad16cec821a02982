//! Pictures that the program reads to show them, and pictures that it writes.

use crate::inputs::COMPILED_IN;
use anyhow::{Context, Result};
use image::{GrayImage, Luma, Rgb, RgbImage};
use moue::Frame;
use moue::frame::PixelFormat;
use moue_drawings::Drawing;

/// Pixels along a side of a drawing that is shown or saved: as sharp as a phone's screen shows it.
const DRAWING_SIZE: u32 = 512;

/// The picture's pixels as an image of the `image` crate.
pub(crate) fn image_of(frame: &Frame<'_>) -> RgbImage {
    let [width, height] = [frame.width(), frame.height()].map(|side| side as u32);
    RgbImage::from_raw(width, height, frame.pixels().to_vec())
        .expect("a frame has all of its pixels")
}

/// The image as a picture of the library.
pub(crate) fn frame_of(image: &RgbImage) -> Frame<'_> {
    let [width, height] = [image.width(), image.height()].map(|side| side as usize);
    Frame::from_raw(image.as_raw(), width, height, width * 3, PixelFormat::Rgb)
        .expect("an image has all of its pixels")
}

/// The image at another size: areas are averaged where it shrinks.
pub(crate) fn resized(image: &RgbImage, width: u32, height: u32) -> RgbImage {
    let [width, height] = [width, height].map(|side| side as usize);
    image_of(&frame_of(image).resized(width, height))
}

/// The pixels of a drawing.
pub(crate) fn render(drawing: &Drawing) -> Result<RgbImage> {
    let pixels = drawing.render(DRAWING_SIZE);
    RgbImage::from_raw(DRAWING_SIZE, DRAWING_SIZE, pixels).context("the drawing has no pixels")
}

/// The drawing that a path of a compiled-in gallery names; `None` for a path of a file.
pub(crate) fn drawing_of(path: &str) -> Option<Result<Drawing>> {
    let (scheme, name) = path.split_once(':')?;
    // Else a drive of Windows, or a file with a colon in its name.
    let is_ours = COMPILED_IN.contains(&scheme);
    let drawing = moue_drawings::by_path(path);
    is_ours.then(|| drawing.with_context(|| format!("there is no drawing called {name}")))
}

/// The picture reduced to at most so many pixels along its longer side; its shape stays.
pub(crate) fn within(image: &RgbImage, side: u32) -> RgbImage {
    let longest = image.width().max(image.height()).max(1);
    if longest <= side {
        return image.clone();
    }
    let scaled = |length: u32| {
        let reduced = u64::from(length) * u64::from(side) / u64::from(longest);
        (reduced as u32).max(1)
    };
    resized(image, scaled(image.width()), scaled(image.height()))
}

/// A square gray picture of values in [-1, 1], row by row.
pub(crate) fn gray(size: usize, values: &[f32]) -> GrayImage {
    GrayImage::from_fn(size as u32, size as u32, |x, y| {
        let value = values[y as usize * size + x as usize];
        Luma([((value + 1.0) * 127.5).round() as u8])
    })
}

/// Fills a rectangle, as far as it lies in the picture.
pub(crate) fn fill(image: &mut RgbImage, from: [i64; 2], to: [i64; 2], color: Rgb<u8>) {
    for y in from[1].max(0)..to[1].min(i64::from(image.height())) {
        for x in from[0].max(0)..to[0].min(i64::from(image.width())) {
            image.put_pixel(x as u32, y as u32, color);
        }
    }
}
