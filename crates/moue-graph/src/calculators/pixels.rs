//! Images pixel by pixel.

use crate::types::Image;
use moue::Frame;
use moue::frame::PixelFormat;

/// The longest side, in pixels, that options may ask for.
// Chosen by hand, beyond the sides of cameras: an image of this size takes 768 MiB, and a number
// mistyped by a digit is an error instead of an allocation that fails.
pub(super) const MAX_SIDE: i64 = 16_384;

/// The color at column `x` and row `y`.
pub(super) fn pixel(image: &Image, x: usize, y: usize) -> [u8; 3] {
    image.pixels().as_chunks::<3>().0[y * image.width() + x]
}

/// An image whose colors are computed from column and row. Sides must not be 0.
pub(super) fn image_from(
    width: usize,
    height: usize,
    color: impl Fn(usize, usize) -> [u8; 3],
) -> Image {
    let pixels: Vec<u8> = (0..width * height)
        .flat_map(|i| color(i % width, i / width))
        .collect();
    // Callers check sides against 1 and `MAX_SIDE`, and the buffer has been made to fit.
    Frame::from_raw(&pixels, width, height, width * 3, PixelFormat::Rgb)
        .expect("sides are not zero")
        .into_owned()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::calculators) fn numbered(width: usize, height: usize) -> Image {
        image_from(width, height, |x, y| [(y * width + x) as u8; 3])
    }

    pub(in crate::calculators) fn values(image: &Image) -> Vec<u8> {
        image.pixels().chunks(3).map(|p| p[0]).collect()
    }
}
