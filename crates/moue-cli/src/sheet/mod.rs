//! Contact sheets: queries and their matches side by side, each with its caption.

mod caption;
mod measures;
mod picture;

pub(crate) use caption::Caption;
pub(crate) use picture::Picture;

use crate::raster;
use image::{Rgb, RgbImage, imageops};
use measures::{TILE, WHITE};

/// Pixels between pictures.
const GAP: u32 = 12;
/// Further pixels between the query and its matches.
const WIDE_GAP: u32 = 28;

/// The edge of a picture, which may be as white as the sheet.
const BORDER: Rgb<u8> = Rgb([222, 222, 228]);

/// A picture with its caption below it.
pub(crate) struct Tile {
    picture: Picture,
    caption: RgbImage,
}

impl Tile {
    pub(crate) fn new(picture: Picture, caption: &Caption) -> Self {
        let caption = caption.image();
        Self { picture, caption }
    }

    fn height(&self) -> u32 {
        TILE + self.caption.height()
    }
}

/// Rows of pictures, the query first.
pub(crate) struct Sheet {
    rows: Vec<Vec<Tile>>,
}

impl Sheet {
    pub(crate) fn new() -> Self {
        Self { rows: Vec::new() }
    }

    /// Adds a query and its matches as a row.
    pub(crate) fn add(&mut self, row: Vec<Tile>) {
        self.rows.push(row);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The whole sheet.
    pub(crate) fn image(&self) -> RgbImage {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(1) as u32;
        let width = columns * (TILE + GAP) + GAP + WIDE_GAP;
        let heights: Vec<u32> = self.rows.iter().map(|row| height(row)).collect();
        let height = heights.iter().map(|height| height + GAP).sum::<u32>() + GAP;
        let mut sheet = RgbImage::from_pixel(width, height, WHITE);
        let mut top = i64::from(GAP);
        for (row, height) in self.rows.iter().zip(&heights) {
            draw_row(&mut sheet, row, top);
            top += i64::from(height + GAP);
        }
        sheet
    }
}

/// Pixels of the highest picture with its caption.
fn height(row: &[Tile]) -> u32 {
    row.iter().map(Tile::height).max().unwrap_or(TILE)
}

fn draw_row(sheet: &mut RgbImage, row: &[Tile], top: i64) {
    for (x, tile) in row.iter().enumerate() {
        let gap = if x > 0 { WIDE_GAP } else { 0 };
        let left = i64::from(GAP + x as u32 * (TILE + GAP) + gap);
        imageops::replace(sheet, tile.picture.image(), left, top);
        draw_border(sheet, left, top);
        imageops::replace(sheet, &tile.caption, left, top + i64::from(TILE));
    }
}

fn draw_border(sheet: &mut RgbImage, left: i64, top: i64) {
    let [right, bottom] = [left, top].map(|start| start + i64::from(TILE));
    raster::fill(sheet, [left, top], [right, top + 1], BORDER);
    raster::fill(sheet, [left, bottom - 1], [right, bottom], BORDER);
    raster::fill(sheet, [left, top], [left + 1, bottom], BORDER);
    raster::fill(sheet, [right - 1, top], [right, bottom], BORDER);
}
