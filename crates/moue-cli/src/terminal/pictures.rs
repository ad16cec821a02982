//! Pictures side by side between the lines of a terminal, with text below them.

use super::blocks;
use super::canvas::{Area, png};
use super::cells::{columns_of, fitted, width_of, wrapped};
use super::palette::Palette;
use super::protocol::{self, Protocol, Terminal};
use super::{iterm, kitty, sixel};
use crate::args::pictures::Pictures;
use crate::text::shown;
use anyhow::Result;
use image::{RgbImage, RgbaImage};
use std::fmt::Write;
use std::io::{IsTerminal, stdout};

/// Columns and rows where the terminal reports no size: those of a VT100.
const DEFAULT_SIZE: [usize; 2] = [80, 24];
/// Columns of a picture: with fewer nobody is recognized in half blocks, more are a waste of rows.
const COLUMNS: [usize; 2] = [24, 36];
/// Cells between pictures.
const GAP: usize = 2;
/// Rows of a terminal that pictures leave to their texts.
const TEXT_ROWS: usize = 6;
/// Rows of a picture at least, in however low a terminal.
const MIN_ROWS: usize = 4;
/// Pixels of a cell at most: a picture is sent as text, and more are hardly seen.
const MAX_CELL: u32 = 40;
/// Lines of a caption.
const CAPTION_LINES: usize = 3;

const BOLD: &str = "\x1b[1m";
const QUIET: &str = "\x1b[2m";
const PLAIN: &str = "\x1b[0m";

/// A picture and what is written below it.
pub(crate) struct Tile {
    /// `None` if it cannot be shown.
    pub(crate) picture: Option<RgbImage>,
    pub(crate) name: String,
    pub(crate) detail: String,
    pub(crate) caption: Option<String>,
    /// Where it is: of a long one the end is shown.
    pub(crate) path: String,
}

/// A terminal that shows pictures.
pub(crate) struct PictureTerminal {
    terminal: Terminal,
    columns: usize,
    rows: usize,
    has_styles: bool,
}

impl PictureTerminal {
    /// What standard output shows pictures with, if it can and the user lets it.
    pub(crate) fn open(choice: Pictures) -> Option<Self> {
        let terminal = match choice {
            Pictures::None => None,
            Pictures::Auto => protocol::detect(),
            Pictures::Kitty => Some(protocol::chosen(Protocol::Kitty)),
            Pictures::Iterm => Some(protocol::chosen(Protocol::Iterm)),
            Pictures::Sixel => Some(protocol::chosen(Protocol::Sixel)),
            Pictures::Blocks => {
                let palette = Palette::of_environment();
                Some(protocol::chosen(Protocol::Blocks(palette)))
            }
        };
        let [columns, rows] = size();
        terminal.map(|terminal| Self {
            terminal,
            columns,
            rows,
            has_styles: Palette::of_environment() != Palette::None,
        })
    }

    /// Whether so few pixels are shown that a face has to fill its picture to be recognized.
    pub(crate) fn is_coarse(&self) -> bool {
        matches!(self.terminal.protocol, Protocol::Blocks(_))
    }

    /// The tiles, as many beside each other as there is place for.
    pub(crate) fn rows(&self, tiles: &[Tile]) -> Result<String> {
        let mut out = String::new();
        let columns = self.tile_columns(tiles.len());
        let per_row = ((self.columns + GAP) / (columns + GAP)).max(1);
        for row in tiles.chunks(per_row) {
            self.pictures(&mut out, row, columns)?;
            self.texts(&mut out, row, columns);
        }
        // One empty line between these and what follows.
        out.truncate(out.trim_end_matches('\n').len());
        out.push('\n');
        Ok(out)
    }

    /// Columns of each of so many tiles.
    fn tile_columns(&self, count: usize) -> usize {
        let [least, most] = COLUMNS;
        let fit = ((self.columns + GAP) / (least + GAP)).clamp(1, count.max(1));
        let share = (self.columns + GAP) / fit;
        share.saturating_sub(GAP).clamp(1, most)
    }

    /// The cells that a picture of so many columns may take.
    fn area(&self, columns: usize) -> Area {
        Area {
            cell: match self.terminal.protocol {
                // Two pixels in each cell.
                Protocol::Blocks(_) => [1, 2],
                _ => self.terminal.cell.map(|side| side.min(MAX_CELL)),
            },
            columns,
            rows: self.rows.saturating_sub(TEXT_ROWS).max(MIN_ROWS),
        }
    }

    fn pictures(&self, out: &mut String, row: &[Tile], columns: usize) -> Result<()> {
        let area = self.area(columns);
        let pictures = || row.iter().map(|tile| tile.picture.as_ref());
        // As many rows as the highest picture needs.
        let rows = pictures().flatten().map(|picture| area.rows_of(picture));
        let Some(rows) = rows.max() else {
            return Ok(());
        };
        let area = Area { rows, ..area };
        let canvases: Vec<RgbaImage> = pictures().map(|picture| area.canvas(picture)).collect();
        if let Protocol::Blocks(palette) = self.terminal.protocol {
            blocks::draw(out, &canvases, GAP, palette);
            return Ok(());
        }
        self.graphics(out, &canvases, area)
    }

    /// Pictures of a protocol that draws over cells: rows are made for them first, so that nothing
    /// scrolls while they are drawn.
    fn graphics(&self, out: &mut String, canvases: &[RgbaImage], area: Area) -> Result<()> {
        let Area { columns, rows, .. } = area;
        out.push_str(&"\n".repeat(rows));
        write!(out, "\x1b[{rows}A")?;
        for (number, canvas) in canvases.iter().enumerate() {
            // The cursor comes back to the row's beginning, wherever a picture leaves it.
            out.push_str("\x1b7");
            if number > 0 {
                write!(out, "\x1b[{}C", number * (columns + GAP))?;
            }
            out.push_str(&encoded(self.terminal.protocol, canvas, area)?);
            out.push_str("\x1b8");
        }
        write!(out, "\x1b[{rows}B\r")?;
        Ok(())
    }

    fn texts(&self, out: &mut String, row: &[Tile], width: usize) {
        let texts: Vec<Vec<(&str, String)>> = row.iter().map(|tile| lines(tile, width)).collect();
        let count = texts.iter().map(Vec::len).max().unwrap_or(0);
        for number in 0..count {
            self.text_line(out, texts.iter().map(|lines| lines.get(number)), width);
            out.push('\n');
        }
        out.push('\n');
    }

    /// One line of the texts of all pictures of a row.
    fn text_line<'a>(
        &self,
        out: &mut String,
        texts: impl Iterator<Item = Option<&'a (&'a str, String)>>,
        width: usize,
    ) {
        // Columns of spaces that come before the next text: none are left at a line's end.
        let mut pending = 0;
        for text in texts {
            let Some((style, text)) = text else {
                pending += width + GAP;
                continue;
            };
            out.push_str(&" ".repeat(pending));
            self.styled(out, style, text);
            pending = (width + GAP).saturating_sub(width_of(text));
        }
    }

    fn styled(&self, line: &mut String, style: &str, text: &str) {
        if self.has_styles && !style.is_empty() {
            line.push_str(style);
            line.push_str(text);
            line.push_str(PLAIN);
        } else {
            line.push_str(text);
        }
    }
}

/// Columns and rows of the terminal.
fn size() -> [usize; 2] {
    let size = stdout().is_terminal().then(crossterm::terminal::size);
    match size {
        Some(Ok((columns, rows))) if columns > 0 && rows > 0 => {
            [usize::from(columns), usize::from(rows)]
        }
        _ => DEFAULT_SIZE,
    }
}

/// A picture as a protocol draws it from the cursor on.
fn encoded(protocol: Protocol, canvas: &RgbaImage, area: Area) -> Result<String> {
    let cells = [area.columns, area.rows];
    Ok(match protocol {
        Protocol::Kitty => kitty::place(&png(canvas)?, cells),
        Protocol::Iterm => iterm::place(&png(canvas)?, cells),
        Protocol::Sixel | Protocol::Blocks(_) => sixel::encode(canvas),
    })
}

/// What is written below a picture, each line with its style.
fn lines(tile: &Tile, width: usize) -> Vec<(&'static str, String)> {
    let fit = |text: &str| fitted(&shown(text), width);
    let mut lines = vec![(BOLD, fit(&tile.name)), ("", fit(&tile.detail))];
    if let Some(caption) = &tile.caption {
        let wrapped = wrapped(&shown(caption), width, CAPTION_LINES);
        lines.extend(wrapped.iter().map(|line| ("", fit(line))));
    }
    lines.push((QUIET, end_of(&shown(&tile.path), width)));
    lines
}

/// As much of the end of a text as fits, behind an ellipsis.
fn end_of(text: &str, width: usize) -> String {
    if width_of(text) <= width {
        return text.to_owned();
    }
    let mut left = width.saturating_sub(1);
    let fits = |letter: &char| {
        let wide = columns_of(*letter);
        let has_place = wide <= left;
        left = left.saturating_sub(wide);
        has_place
    };
    let end: Vec<char> = text.chars().rev().take_while(fits).collect();
    std::iter::once('…').chain(end.into_iter().rev()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use image::Rgb;

    fn terminal(protocol: Protocol, columns: usize) -> PictureTerminal {
        PictureTerminal {
            terminal: Terminal {
                protocol,
                cell: protocol::CELL,
            },
            columns,
            rows: 40,
            has_styles: false,
        }
    }

    fn tile(size: [u32; 2], color: [u8; 3]) -> Tile {
        Tile {
            picture: Some(RgbImage::from_pixel(size[0], size[1], Rgb(color))),
            name: "a name that is longer than its place".into(),
            detail: "0.912".into(),
            caption: Some("what it says".into()),
            path: "/a/long/path/that/ends/in/the/name/of/a/file.jpg".into(),
        }
    }

    fn three() -> Vec<Tile> {
        vec![
            tile([100, 100], [200, 10, 10]),
            tile([200, 100], [10, 200, 10]),
            tile([50, 100], [10, 10, 200]),
        ]
    }

    #[test]
    fn three_are_beside_each_other_from_80_columns_on() {
        for columns in [80, 120, 300] {
            let terminal = terminal(Protocol::Blocks(Palette::None), columns);
            let text = terminal.rows(&three()).unwrap();
            let lines: Vec<&str> = text.lines().collect();
            assert!(lines.iter().all(|line| width_of(line) <= columns));
            let names = lines.iter().filter(|line| line.contains("a name that"));
            let names: Vec<_> = names.collect();
            assert_eq!(names.len(), 1, "{text}");
            assert_eq!(names[0].matches("a name that").count(), 3);
            assert_eq!(text.matches("what it says").count(), 3);
            assert_eq!(text.matches("file.jpg").count(), 3);
        }
        let narrow = terminal(Protocol::Blocks(Palette::None), 30);
        let text = narrow.rows(&three()).unwrap();
        assert!(text.lines().all(|line| width_of(line) <= 30), "{text}");
        assert_eq!(text.lines().filter(|l| l.contains("0.912")).count(), 3);
    }

    #[test]
    fn blocks_have_the_colors_and_the_shape_of_the_pictures() {
        let text = terminal(Protocol::Blocks(Palette::True), 80);
        let text = text.rows(&three()).unwrap();
        let rows: Vec<&str> = text.lines().take_while(|l| l.contains('▀')).collect();
        // The highest one is 25 columns wide, and 50 half blocks high.
        assert_eq!(rows.len(), 25, "{text}");
        let color = |rgb: &str| format!("\x1b[38;2;{rgb};48;2;{rgb}m");
        let red = color("200;10;10");
        let green = color("10;200;10");
        let blue = color("10;10;200");
        let with = |color: &str| rows.iter().filter(|row| row.contains(color)).count();
        assert_eq!([with(&red), with(&blue)], [13, 25]);
        // Half as high as wide, and all of them end at the bottom.
        assert_eq!(with(&green), 7);
        assert!(rows[24].contains(&green) && !rows[0].contains(&green));
    }

    /// The pictures of a text as PNG files, and the sequences without their data.
    fn sent(text: &str, start: &str, end: &str) -> Vec<(String, String)> {
        let parts = text.split(start).skip(1);
        parts
            .map(|part| {
                let (sequence, _) = part.split_once(end).unwrap();
                let (header, data) = sequence.split_once([';', ':']).unwrap();
                (header.to_owned(), data.to_owned())
            })
            .collect()
    }

    fn is_picture_of(data: &[u8], tile: &Tile) {
        let image = image::load_from_memory(data).unwrap().into_rgba8();
        // 25 columns of 10 pixels; all three have the rows of the highest.
        assert_eq!(image.width(), 250);
        let [r, g, b] = tile.picture.as_ref().unwrap().get_pixel(0, 0).0;
        assert_eq!(image.get_pixel(0, image.height() - 1).0, [r, g, b, 255]);
        let drawn = image.pixels().filter(|p| p.0[3] > 0).count() as f32;
        let picture = tile.picture.as_ref().unwrap();
        let shape = picture.width() as f32 / picture.height() as f32;
        let columns = (0..250).filter(|x| image.get_pixel(*x, image.height() - 1).0[3] > 0);
        let width = columns.count() as f32;
        assert!((width * width / shape - drawn).abs() < width * 3.0);
    }

    #[test]
    fn kitty_is_sent_whole_pictures_in_their_places() {
        let text = terminal(Protocol::Kitty, 80).rows(&three()).unwrap();
        let mut pictures: Vec<String> = Vec::new();
        for (header, data) in sent(&text, "\x1b_G", "\x1b\\") {
            if header.contains("a=T") {
                assert!(header.starts_with("a=T,f=100,c=25,r="), "{header}");
                pictures.push(String::new());
            }
            assert!(data.len() <= 4096);
            pictures.last_mut().unwrap().push_str(&data);
        }
        assert_eq!(pictures.len(), 3);
        for (data, tile) in pictures.iter().zip(three()) {
            is_picture_of(&STANDARD.decode(data).unwrap(), &tile);
        }
        // Each begins where the first does, moved to the right.
        assert_eq!(text.matches("\x1b7").count(), 3);
        assert!(text.contains("\x1b7\x1b[27C") && text.contains("\x1b7\x1b[54C"));
    }

    #[test]
    fn iterm_is_sent_files_with_their_lengths() {
        let text = terminal(Protocol::Iterm, 80).rows(&three()).unwrap();
        let sent = text.split("\x1b]1337;File=").skip(1);
        let mut count = 0;
        for (part, tile) in sent.zip(three()) {
            let (header, rest) = part.split_once(':').unwrap();
            let (data, _) = rest.split_once('\x07').unwrap();
            let data = STANDARD.decode(data).unwrap();
            assert!(header.contains(&format!("size={};width=25;", data.len())));
            is_picture_of(&data, &tile);
            count += 1;
        }
        assert_eq!(count, 3);
    }

    #[test]
    fn foreign_text_moves_no_cursor() {
        let mut tile = tile([10, 10], [0; 3]);
        tile.name = "\x1b[2J".into();
        tile.picture = None;
        let text = terminal(Protocol::Sixel, 80).rows(&[tile]).unwrap();
        assert!(!text.contains('\x1b'), "{text:?}");
    }
}
