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
    height: u32,
    /// Pixels that the sheet may be high: a bound of its memory, too.
    max_height: u32,
    left_out: usize,
}

impl Sheet {
    /// A sheet without rows that is at most so many pixels high.
    pub(crate) fn new(max_height: u32) -> Self {
        Self {
            rows: Vec::new(),
            height: GAP,
            max_height,
            left_out: 0,
        }
    }

    /// Adds a query and its matches as a row. When the sheet is full, rows are only counted, and
    /// not made.
    pub(crate) fn add(&mut self, row: impl FnOnce() -> Vec<Tile>) {
        if self.left_out == 0 {
            let row = row();
            let height = self.height + height(&row) + GAP;
            if height <= self.max_height {
                self.height = height;
                self.rows.push(row);
                return;
            }
        }
        self.left_out += 1;
    }

    /// Number of rows that the sheet has.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Number of rows for which there was no place.
    pub(crate) fn left_out(&self) -> usize {
        self.left_out
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The whole sheet.
    pub(crate) fn image(&self) -> RgbImage {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(1) as u32;
        let width = columns * (TILE + GAP) + GAP + WIDE_GAP;
        let mut sheet = RgbImage::from_pixel(width, self.height, WHITE);
        let mut top = i64::from(GAP);
        for row in &self.rows {
            draw_row(&mut sheet, row, top);
            top += i64::from(height(row) + GAP);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Vec<Tile> {
        vec![Tile::new(Picture::missing(), &Caption::default())]
    }

    #[test]
    fn rows_beyond_the_height_are_counted_and_not_made() {
        let high = height(&row()) + GAP;
        let mut sheet = Sheet::new(GAP + 2 * high);
        sheet.add(row);
        sheet.add(row);
        assert_eq!((sheet.len(), sheet.left_out()), (2, 0));
        sheet.add(row);
        sheet.add(|| panic!("a full sheet makes no rows"));
        assert_eq!((sheet.len(), sheet.left_out()), (2, 2));
        assert_eq!(sheet.image().height(), GAP + 2 * high);
    }
}
