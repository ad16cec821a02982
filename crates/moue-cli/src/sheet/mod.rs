//! Contact sheets: queries and their matches side by side.

use crate::{emotions, raster};
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use moue::Frame;
use moue::embed::Emotions;

/// Pixels along a side of a picture.
const TILE: u32 = 256;
/// Pixels between pictures.
const GAP: u32 = 10;
/// Further pixels between the query and its matches.
const WIDE_GAP: u32 = 28;

const WHITE: Rgb<u8> = Rgb([255; 3]);
/// Beside pictures that are not square.
const TILE_COLOR: Rgb<u8> = Rgb([236, 236, 240]);

/// Pixels that the bar of a query's emotions is high.
const BAR_HEIGHT: u32 = 10;

/// Rows of pictures of one size, the query first.
pub(crate) struct Sheet {
    rows: Vec<Vec<RgbImage>>,
}

impl Sheet {
    pub(crate) fn new() -> Self {
        Self { rows: Vec::new() }
    }

    /// Adds a query, with a bar of its emotions, and its matches as a row.
    pub(crate) fn add(
        &mut self,
        query: &RgbImage,
        emotions: Option<&Emotions>,
        matches: &[RgbImage],
    ) {
        // Reduced at once: a sheet of hundreds of photos would not fit into memory at full size.
        let row = std::iter::once(query).chain(matches);
        let mut row: Vec<RgbImage> = row.map(tile).collect();
        if let (Some(first), Some(emotions)) = (row.first_mut(), emotions) {
            draw_emotions(first, emotions);
        }
        self.rows.push(row);
    }

    /// The whole sheet.
    pub(crate) fn image(&self) -> RgbImage {
        let step = TILE + GAP;
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(1) as u32;
        let width = columns * step + GAP + WIDE_GAP;
        let height = (self.rows.len() as u32).max(1) * step + GAP;
        let mut sheet = RgbImage::from_pixel(width, height, WHITE);
        for (y, row) in self.rows.iter().enumerate() {
            for (x, tile) in row.iter().enumerate() {
                let gap = if x > 0 { WIDE_GAP } else { 0 };
                let left = i64::from(GAP + x as u32 * step + gap);
                let top = i64::from(GAP + y as u32 * step);
                imageops::replace(&mut sheet, tile, left, top);
            }
        }
        sheet
    }
}

/// A picture as large as the sheet needs it: twice a tile's side, so that the marks that are drawn
/// on it are smooth.
pub(crate) fn reduced(frame: &Frame<'_>) -> Frame<'static> {
    let longer = frame.width().max(frame.height());
    let side = (2 * TILE as usize).min(longer);
    let part = |length: usize| (length * side).div_ceil(longer);
    frame.resized(part(frame.width()), part(frame.height()))
}

/// The shares as a bar along the bottom of a tile, and the leading one in words above it.
fn draw_emotions(tile: &mut RgbImage, emotions: &Emotions) {
    let top = TILE - BAR_HEIGHT;
    for (color, [start, end]) in emotions::bar(emotions, i64::from(TILE)) {
        for y in top..TILE {
            (start..end).for_each(|x| tile.put_pixel(x as u32, y, Rgb(color)));
        }
    }
    let words = emotions::leading(emotions);
    raster::label(tile, [0, top - raster::LABEL_HEIGHT], &words);
}

/// The picture scaled to fit a tile, in its middle.
fn tile(image: &RgbImage) -> RgbImage {
    let scale = TILE as f32 / image.width().max(image.height()) as f32;
    let width = scaled(image.width(), scale);
    let height = scaled(image.height(), scale);
    let small = imageops::resize(image, width, height, FilterType::Triangle);
    let mut tile = RgbImage::from_pixel(TILE, TILE, TILE_COLOR);
    let left = i64::from((TILE - width) / 2);
    let top = i64::from((TILE - height) / 2);
    imageops::replace(&mut tile, &small, left, top);
    tile
}

fn scaled(length: u32, scale: f32) -> u32 {
    ((length as f32 * scale).round() as u32).clamp(1, TILE)
}
