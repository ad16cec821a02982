//! Pictures that the program writes: marked faces, contact sheets, saved matches.

use anyhow::{Context, Result};
use image::imageops::FilterType;
use image::{GrayImage, Rgb, RgbImage};
use moue::{Face, Frame};
use std::path::Path;

/// Pixels along a side of a saved drawing.
const DRAWING_SIZE: u32 = 512;

/// The picture's pixels as an image of the `image` crate.
pub(crate) fn image_of(frame: &Frame<'_>) -> RgbImage {
    let (width, height) = (frame.width() as u32, frame.height() as u32);
    RgbImage::from_fn(width, height, |x, y| {
        let at = (y as usize * frame.width() + x as usize) * 3;
        let pixels = frame.pixels();
        Rgb([pixels[at], pixels[at + 1], pixels[at + 2]])
    })
}

/// The picture that a gallery's path names: a built-in drawing or a file.
pub(crate) fn load(path: &str) -> Result<RgbImage> {
    let Some(name) = path.strip_prefix("builtin:") else {
        return Ok(image_of(&Frame::open(Path::new(path))?));
    };
    let drawing =
        moue_drawings::find(name).with_context(|| format!("there is no drawing called {name}"))?;
    RgbImage::from_raw(DRAWING_SIZE, DRAWING_SIZE, drawing.render(DRAWING_SIZE))
        .context("the drawing has no pixels")
}

/// A square gray picture of values in [-1, 1].
pub(crate) fn gray(size: usize, values: &[f32]) -> GrayImage {
    let pixel = |x: u32, y: u32| {
        image::Luma([((values[y as usize * size + x as usize] + 1.0) * 127.5).round() as u8])
    };
    GrayImage::from_fn(size as u32, size as u32, pixel)
}

pub(crate) fn save(image: &RgbImage, path: &Path) -> Result<()> {
    image
        .save(path)
        .with_context(|| format!("cannot write {}", path.display()))
}

const GREEN: Rgb<u8> = Rgb([40, 220, 90]);
const POINTS: [Rgb<u8>; 6] = [
    Rgb([255, 60, 60]),
    Rgb([60, 120, 255]),
    Rgb([255, 220, 0]),
    Rgb([255, 80, 220]),
    Rgb([0, 220, 220]),
    Rgb([250, 250, 250]),
];

/// Draws a face's box and key points.
pub(crate) fn mark(image: &mut RgbImage, face: &Face) {
    let (width, height) = (image.width() as f32, image.height() as f32);
    let thick = (width.max(height) / 300.0).ceil() as i64;
    let b = face.bounding_box;
    let (x0, y0) = ((b.xmin * width) as i64, (b.ymin * height) as i64);
    let (x1, y1) = (
        ((b.xmin + b.width) * width) as i64,
        ((b.ymin + b.height) * height) as i64,
    );
    fill(image, x0, y0, x1, y0 + thick, GREEN);
    fill(image, x0, y1 - thick, x1, y1, GREEN);
    fill(image, x0, y0, x0 + thick, y1, GREEN);
    fill(image, x1 - thick, y0, x1, y1, GREEN);
    for (point, color) in face.key_points.iter().flatten().zip(POINTS) {
        let (x, y) = ((point[0] * width) as i64, (point[1] * height) as i64);
        fill(
            image,
            x - thick,
            y - thick,
            x + thick + 1,
            y + thick + 1,
            color,
        );
    }
}

/// Fills a rectangle, as far as it lies inside.
fn fill(image: &mut RgbImage, x0: i64, y0: i64, x1: i64, y1: i64, color: Rgb<u8>) {
    for y in y0.max(0)..y1.min(i64::from(image.height())) {
        for x in x0.max(0)..x1.min(i64::from(image.width())) {
            image.put_pixel(x as u32, y as u32, color);
        }
    }
}

/// Rows of pictures of one size, the query first.
pub(crate) struct Sheet {
    rows: Vec<Vec<RgbImage>>,
}

impl Sheet {
    const TILE: u32 = 256;
    const GAP: u32 = 10;
    /// Between the query and its matches.
    const WIDE_GAP: u32 = 28;

    pub(crate) fn new() -> Self {
        Self { rows: Vec::new() }
    }

    /// Adds a query and its matches; a match that cannot be read is left gray.
    pub(crate) fn add(&mut self, query: &RgbImage, matches: &[RgbImage]) {
        self.rows.push(
            std::iter::once(query)
                .chain(matches)
                .map(Self::tile)
                .collect(),
        );
    }

    /// The picture scaled to fit a tile, in its middle.
    fn tile(image: &RgbImage) -> RgbImage {
        let scale = Self::TILE as f32 / image.width().max(image.height()) as f32;
        let side = |length: u32| ((length as f32 * scale).round() as u32).clamp(1, Self::TILE);
        let small = image::imageops::resize(
            image,
            side(image.width()),
            side(image.height()),
            FilterType::Triangle,
        );
        let mut tile = RgbImage::from_pixel(Self::TILE, Self::TILE, Rgb([236, 236, 240]));
        let (x, y) = (
            (Self::TILE - small.width()) / 2,
            (Self::TILE - small.height()) / 2,
        );
        image::imageops::replace(&mut tile, &small, i64::from(x), i64::from(y));
        tile
    }

    pub(crate) fn image(&self) -> RgbImage {
        let step = Self::TILE + Self::GAP;
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(1) as u32;
        let width = columns * step + Self::GAP + Self::WIDE_GAP;
        let height = (self.rows.len() as u32).max(1) * step + Self::GAP;
        let mut sheet = RgbImage::from_pixel(width, height, Rgb([255, 255, 255]));
        for (y, row) in self.rows.iter().enumerate() {
            for (x, tile) in row.iter().enumerate() {
                let left = Self::GAP + x as u32 * step + if x > 0 { Self::WIDE_GAP } else { 0 };
                image::imageops::replace(
                    &mut sheet,
                    tile,
                    i64::from(left),
                    i64::from(Self::GAP + y as u32 * step),
                );
            }
        }
        sheet
    }
}
