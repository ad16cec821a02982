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

/// Pixels of a sheet at most, of three bytes each; its pictures take about as much memory again. As many
/// as 218 rows of three matches have, which are as high as a JPEG can be.
const MAX_PIXELS: u64 = 73_000_000;

/// Rows of pictures, the query first.
pub(crate) struct Sheet {
    rows: Vec<Vec<Tile>>,
    width: u32,
    height: u32,
    /// Pixels that the sheet may be wide and high.
    longest_side: u32,
    left_out: usize,
}

impl Sheet {
    /// A sheet without rows that is at most so many pixels wide and high.
    pub(crate) fn new(longest_side: u32) -> Self {
        Self {
            rows: Vec::new(),
            width: GAP + WIDE_GAP,
            height: GAP,
            longest_side,
            left_out: 0,
        }
    }

    /// Pictures that a row has place for.
    fn max_columns(&self) -> usize {
        (self.longest_side.saturating_sub(GAP + WIDE_GAP) / (TILE + GAP)) as usize
    }

    /// Adds a query and its matches as a row; those beyond the width are not made. When the sheet is
    /// full, rows are only counted.
    pub(crate) fn add<R: IntoIterator<Item = Tile>>(&mut self, row: impl FnOnce() -> R) {
        if self.left_out > 0 || !self.place(row()) {
            self.left_out += 1;
        }
    }

    /// Whether there was place for the row.
    fn place(&mut self, row: impl IntoIterator<Item = Tile>) -> bool {
        let row: Vec<Tile> = row.into_iter().take(self.max_columns()).collect();
        let columns = row.len() as u32;
        let width = self.width.max(columns * (TILE + GAP) + GAP + WIDE_GAP);
        let height = self.height + height(&row) + GAP;
        let pixels = u64::from(width) * u64::from(height);
        let fits = height <= self.longest_side && pixels <= MAX_PIXELS;
        if fits {
            (self.width, self.height) = (width, height);
            self.rows.push(row);
        }
        fits
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
        let mut sheet = RgbImage::from_pixel(self.width, self.height, WHITE);
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
    fn a_row_ends_where_the_sheet_does() {
        let mut sheet = Sheet::new(1000);
        sheet.add(|| (0..9).flat_map(|_| row()));
        assert_eq!((sheet.max_columns(), sheet.rows[0].len()), (3, 3));
        assert!(sheet.image().width() <= 1000);
    }

    #[test]
    fn rows_beyond_the_height_are_counted_and_not_made() {
        let high = height(&row()) + GAP;
        let mut sheet = Sheet::new(GAP + 2 * high);
        sheet.add(row);
        sheet.add(row);
        assert_eq!((sheet.len(), sheet.left_out()), (2, 0));
        sheet.add(row);
        sheet.add(|| -> Vec<Tile> { panic!("a full sheet makes no rows") });
        assert_eq!((sheet.len(), sheet.left_out()), (2, 2));
        assert_eq!(sheet.image().height(), GAP + 2 * high);
    }
}
