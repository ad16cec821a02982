//! Images pixel by pixel.

use crate::types::Image;
use moue::Frame;
use moue::frame::PixelFormat;

/// The longest side that options may ask for.
pub(super) const MOST_PIXELS: i64 = 16_384;

pub(super) fn pixel(image: &Image, x: usize, y: usize) -> [u8; 3] {
    let at = (y * image.width() + x) * 3;
    [
        image.pixels()[at],
        image.pixels()[at + 1],
        image.pixels()[at + 2],
    ]
}

/// A picture made pixel by pixel.
pub(super) fn rebuilt(width: usize, height: usize, at: impl Fn(usize, usize) -> [u8; 3]) -> Image {
    let pixels: Vec<u8> = (0..width * height)
        .flat_map(|i| at(i % width, i / width))
        .collect();
    Frame::from_raw(&pixels, width, height, width * 3, PixelFormat::Rgb)
        .expect("sides are not zero")
        .into_owned()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::calculators) fn numbered(width: usize, height: usize) -> Image {
        rebuilt(width, height, |x, y| [(y * width + x) as u8; 3])
    }

    pub(in crate::calculators) fn values(image: &Image) -> Vec<u8> {
        image.pixels().chunks(3).map(|p| p[0]).collect()
    }
}
