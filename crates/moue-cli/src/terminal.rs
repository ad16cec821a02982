//! Pictures in a terminal: kitty's graphics where the terminal has them, else half blocks in 24-bit
//! color.

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use moue::Frame;
use std::fmt::Write as _;
use std::io::Write as _;

/// Moves the cursor to the top left. The screen is not cleared, which would flicker.
const HOME: &[u8] = b"\x1b[H";

/// Bytes of base64 in one message: the most that kitty's protocol allows.
const KITTY_CHUNK: usize = 4096;

/// Columns where the terminal reports no size: those of a VT100.
const DEFAULT_COLUMNS: usize = 80;
/// With fewer columns nothing could be recognized; with more a slow connection could not keep up.
const MIN_COLUMNS: usize = 20;
const MAX_COLUMNS: usize = 240;

/// Columns of a picture for each row. A view is about 1072 × 512, and a letter holds two pixels,
/// so four columns need at least one row.
const COLUMNS_PER_ROW: usize = 4;

/// Puts the terminal into the state in which the program found it, if it has changed it.
pub(crate) fn restore() {}

/// Shows a picture at the top left, over the one before.
pub(crate) fn show(image: &Frame<'_>) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let text = if has_kitty_graphics() {
        kitty(image)
    } else {
        half_blocks(image, columns())
    };
    out.write_all(HOME)?;
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Terminals that have kitty's graphics name themselves. Asking them would need to read their
/// answer from standard input, which may be raw frames.
fn has_kitty_graphics() -> bool {
    std::env::var_os("KITTY_WINDOW_ID").is_some()
        || variable_contains("TERM", "kitty")
        || variable_contains("TERM_PROGRAM", "wezterm")
        || variable_contains("TERM_PROGRAM", "ghostty")
}

fn variable_contains(name: &str, part: &str) -> bool {
    std::env::var(name).is_ok_and(|value| value.to_lowercase().contains(part))
}

/// Columns for a picture, so that it fits into the terminal and leaves a row for the prompt.
fn columns() -> usize {
    let size = console::Term::stdout().size_checked();
    let columns = size.map_or(DEFAULT_COLUMNS, |(rows, columns)| {
        let by_height = usize::from(rows.saturating_sub(1)) * COLUMNS_PER_ROW;
        by_height.min(usize::from(columns))
    });
    columns.clamp(MIN_COLUMNS, MAX_COLUMNS)
}

/// The picture as raw RGB in kitty's protocol, in chunks; each picture replaces the last.
fn kitty(image: &Frame<'_>) -> String {
    let data = STANDARD.encode(image.pixels());
    let chunks = data.len().div_ceil(KITTY_CHUNK);
    // Transmit and show 24-bit RGB as image 1, quietly, and leave the cursor where it is.
    let header = format!(
        "a=T,f=24,s={},v={},i=1,q=2,C=1,",
        image.width(),
        image.height()
    );
    let mut out = String::new();
    for (number, chunk) in data.as_bytes().chunks(KITTY_CHUNK).enumerate() {
        let header = if number == 0 { header.as_str() } else { "" };
        let more = u8::from(number + 1 < chunks);
        let chunk = String::from_utf8_lossy(chunk);
        let _ = write!(out, "\x1b_G{header}m={more};{chunk}\x1b\\");
    }
    out
}

/// Two pixels a letter: the upper one as its color, the lower one behind it.
fn half_blocks(image: &Frame<'_>, columns: usize) -> String {
    // An even number of rows, as each line of letters shows two.
    let height = (columns * image.height() / image.width().max(1)).max(2) / 2 * 2;
    let small = image.resized(columns, height);
    let mut out = String::new();
    for rows in small.pixels().chunks_exact(columns * 6) {
        let (upper, lower) = rows.split_at(columns * 3);
        let pairs = upper.as_chunks().0.iter().zip(lower.as_chunks().0);
        for ([r, g, b], [r2, g2, b2]) in pairs {
            let _ = write!(out, "\x1b[38;2;{r};{g};{b};48;2;{r2};{g2};{b2}m▀");
        }
        out.push_str("\x1b[0m\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use moue::frame::PixelFormat;

    #[test]
    fn every_letter_holds_two_pixels() {
        let frame = Frame::from_raw(&[9; 48], 4, 4, 12, PixelFormat::Rgb).unwrap();
        let text = half_blocks(&frame, 4);
        assert_eq!((text.lines().count(), text.matches('▀').count()), (2, 8));
        assert!(text.starts_with("\x1b[38;2;9;9;9;48;2;9;9;9m▀"));
    }

    #[test]
    fn kitty_gets_the_whole_picture_in_chunks() {
        let pixels = vec![1; 60 * 60 * 3];
        let text = kitty(&Frame::from_raw(&pixels, 60, 60, 180, PixelFormat::Rgb).unwrap());
        assert!(text.starts_with("\x1b_Ga=T,f=24,s=60,v=60,"));
        assert_eq!(
            (text.matches("m=1;").count(), text.matches("m=0;").count()),
            (3, 1)
        );
    }
}
