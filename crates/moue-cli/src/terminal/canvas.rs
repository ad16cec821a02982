//! A picture made to fit some cells of a terminal.

use crate::raster;
use anyhow::Result;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, RgbImage, Rgba, RgbaImage};

/// The cells that a picture may take.
#[derive(Clone, Copy)]
pub(super) struct Area {
    /// Pixels of a cell.
    pub(super) cell: [u32; 2],
    pub(super) columns: usize,
    pub(super) rows: usize,
}

impl Area {
    /// Pixels of a picture that is made to fit.
    fn fitted(self, picture: &RgbImage) -> [u32; 2] {
        let [width, height] = self.pixels();
        let scale =
            (width as f32 / picture.width() as f32).min(height as f32 / picture.height() as f32);
        let scaled = |side: u32, most: u32| ((side as f32 * scale).round() as u32).clamp(1, most);
        let fitted = scaled(picture.height(), height);
        // Whole half blocks: their lower pixel has no color of its own without the upper one.
        let fitted = if self.cell == [1, 2] {
            fitted.next_multiple_of(2)
        } else {
            fitted
        };
        [scaled(picture.width(), width), fitted]
    }

    fn pixels(self) -> [u32; 2] {
        [
            self.columns as u32 * self.cell[0],
            self.rows as u32 * self.cell[1],
        ]
    }

    /// Cells that it is high.
    pub(super) fn rows_of(self, picture: &RgbImage) -> usize {
        let [_, height] = self.fitted(picture);
        height.div_ceil(self.cell[1]) as usize
    }

    /// The picture at the bottom left, where its text begins; the rest is transparent.
    pub(super) fn canvas(self, picture: Option<&RgbImage>) -> RgbaImage {
        let [width, height] = self.pixels();
        let mut canvas = RgbaImage::new(width, height);
        let Some(picture) = picture else {
            return canvas;
        };
        let [w, h] = self.fitted(picture);
        let small = raster::resized(picture, w, h);
        let top = height - h;
        for (x, y, pixel) in small.enumerate_pixels() {
            let [r, g, b] = pixel.0;
            canvas.put_pixel(x, top + y, Rgba([r, g, b, 255]));
        }
        canvas
    }
}

/// A PNG file of a canvas.
pub(super) fn png(canvas: &RgbaImage) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Adaptive)
        .write_image(
            canvas.as_raw(),
            canvas.width(),
            canvas.height(),
            ExtendedColorType::Rgba8,
        )?;
    Ok(bytes)
}
