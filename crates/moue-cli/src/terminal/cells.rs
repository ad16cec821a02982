//! A page of cells, each of which holds a letter or two pixels.

use super::palette::{Color, Palette};
use crate::text::shown;
use moue::Frame;
use moue::detect::Letterbox;

/// Letters by how dark they are, for terminals without colors.
const RAMP: &[u8] = b" .:-=+*#%@";

/// One cell.
#[derive(Clone)]
struct Cell {
    /// `None` is the second column of a wide letter.
    letter: Option<char>,
    ink: Color,
    paper: Color,
}

/// A page.
pub(super) struct Cells {
    columns: usize,
    cells: Vec<Cell>,
}

impl Cells {
    pub(super) fn new([columns, rows]: [usize; 2]) -> Self {
        let empty = Cell {
            letter: Some(' '),
            ink: [232, 233, 240],
            paper: [0; 3],
        };
        Self {
            columns,
            cells: vec![empty; columns * rows],
        }
    }

    pub(super) fn size(&self) -> [usize; 2] {
        [self.columns, self.cells.len() / self.columns]
    }

    /// Shows a picture in a rectangle of cells, as large as fits: two pixels in each cell, the
    /// upper one as the color of a half block, the lower one behind it.
    pub(super) fn picture(
        &mut self,
        at: [usize; 2],
        size: [usize; 2],
        picture: &Frame<'_>,
        palette: Palette,
    ) {
        let [columns, rows] = size;
        if columns == 0 || rows == 0 {
            return;
        }
        let fitted = Letterbox::fit_into(picture, columns, rows * 2);
        let pixels = fitted.pixels().as_chunks::<3>().0;
        for row in 0..rows {
            for column in 0..columns {
                let upper = pixels[row * 2 * columns + column];
                let lower = pixels[(row * 2 + 1) * columns + column];
                let letter = match palette {
                    Palette::None => shade(upper, lower),
                    _ => '▀',
                };
                self.set([at[0] + column, at[1] + row], letter, upper, lower);
            }
        }
    }

    /// Writes a text into at most `width` cells of a row; more ends in an ellipsis.
    pub(super) fn text(&mut self, at: [usize; 2], width: usize, text: &str, color: Color) {
        let mut column = 0;
        for letter in fitted(&shown(text), width).chars() {
            let wide = columns_of(letter);
            if wide == 0 {
                continue;
            }
            self.set([at[0] + column, at[1]], letter, color, [0; 3]);
            if wide == 2 {
                self.clear([at[0] + column + 1, at[1]]);
            }
            column += wide;
        }
    }

    fn set(&mut self, at: [usize; 2], letter: char, ink: Color, paper: Color) {
        if let Some(cell) = self.cell(at) {
            *cell = Cell {
                letter: Some(letter),
                ink,
                paper,
            };
        }
    }

    fn clear(&mut self, at: [usize; 2]) {
        if let Some(cell) = self.cell(at) {
            cell.letter = None;
        }
    }

    fn cell(&mut self, [column, row]: [usize; 2]) -> Option<&mut Cell> {
        let inside = column < self.columns;
        self.cells
            .get_mut(row * self.columns + column)
            .filter(|_| inside)
    }

    /// The rows as a terminal shows them.
    pub(super) fn rows(&self, palette: Palette) -> impl Iterator<Item = String> {
        self.cells
            .chunks(self.columns)
            .map(move |row| line(row, palette))
    }
}

/// A row; colors are set where they change.
fn line(row: &[Cell], palette: Palette) -> String {
    let mut out = String::new();
    let mut last = None;
    for cell in row {
        let Some(letter) = cell.letter else { continue };
        if last != Some((cell.ink, cell.paper)) {
            palette.write(&mut out, cell.ink, cell.paper);
            last = Some((cell.ink, cell.paper));
        }
        out.push(letter);
    }
    out.push_str(palette.reset());
    out
}

/// The letter for the brightness of two pixels.
pub(super) fn shade(upper: Color, lower: Color) -> char {
    let sum: usize = upper.iter().chain(&lower).map(|v| usize::from(*v)).sum();
    let level = sum * (RAMP.len() - 1) / (6 * 255);
    char::from(RAMP[level])
}

/// Columns of a letter: 0 for marks, 2 for letters of East Asia and emoji, else 1.
pub(super) fn columns_of(letter: char) -> usize {
    console::measure_text_width(letter.encode_utf8(&mut [0; 4]))
}

pub(super) fn width_of(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

/// The text, or as much of it as fits with an ellipsis.
pub(super) fn fitted(text: &str, width: usize) -> String {
    if width_of(text) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut left = width.saturating_sub(1);
    for letter in text.chars() {
        let wide = columns_of(letter);
        if wide > left {
            break;
        }
        left -= wide;
        out.push(letter);
    }
    out.push('…');
    out
}

/// Words in at most `count` lines of `width` columns; what is left over follows in the last line,
/// which is cut where it is written.
pub(super) fn wrapped(text: &str, width: usize, count: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let is_last = lines.len() == count;
        let line = lines.last_mut().expect("there is at least one line");
        if line.is_empty() {
            line.push_str(word);
        } else if is_last || width_of(line) + 1 + width_of(word) <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use moue::frame::PixelFormat;

    #[test]
    fn every_cell_holds_two_pixels() {
        let frame = Frame::from_raw(&[9; 48], 4, 4, 12, PixelFormat::Rgb).unwrap();
        let mut cells = Cells::new([4, 2]);
        cells.picture([0, 0], [4, 2], &frame, Palette::True);
        let rows: Vec<String> = cells.rows(Palette::True).collect();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0], "\x1b[38;2;9;9;9;48;2;9;9;9m▀▀▀▀\x1b[0m");
        cells.picture([0, 0], [4, 2], &frame, Palette::None);
        assert_eq!(cells.rows(Palette::None).next().unwrap(), "    ");
    }

    #[test]
    fn texts_stay_in_their_cells() {
        let mut cells = Cells::new([8, 1]);
        cells.text([1, 0], 6, "日本の顔\x1b", [9; 3]);
        let row = cells.rows(Palette::None).next().unwrap();
        assert_eq!(row, " 日本…  ");
        assert_eq!(width_of(&row), 8);
        assert_eq!(
            (fitted("abc", 3), fitted("abcd", 3)),
            ("abc".into(), "ab…".into())
        );
    }

    #[test]
    fn labels_are_wrapped_and_the_rest_is_in_the_last_line() {
        assert_eq!(
            wrapped("one two three four", 7, 2),
            ["one two", "three four"]
        );
        assert_eq!(wrapped("", 7, 2), [""]);
    }
}
