//! Pictures in a terminal: kitty's graphics where the terminal has them, else half blocks in 24-bit
//! color.

use anyhow::Result;
use base64::Engine;
use moue::Frame;
use std::fmt::Write as _;
use std::io::Write as _;

/// Shows a picture at the top left, over the one before.
pub(crate) fn show(image: &Frame<'_>) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let text = if has_kitty_graphics() {
        kitty(image)
    } else {
        half_blocks(image, columns())
    };
    // Home, then the picture; the rest of the screen keeps what it had.
    out.write_all(b"\x1b[H")?;
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

fn has_kitty_graphics() -> bool {
    let named =
        |name: &str, part: &str| std::env::var(name).is_ok_and(|v| v.to_lowercase().contains(part));
    std::env::var_os("KITTY_WINDOW_ID").is_some()
        || named("TERM", "kitty")
        || named("TERM_PROGRAM", "wezterm")
        || named("TERM_PROGRAM", "ghostty")
}

/// Columns of the terminal; 80 where it does not say.
fn columns() -> usize {
    let size = console::Term::stdout().size_checked();
    size.map_or(80, |(rows, columns)| {
        usize::from(columns).min(usize::from(rows.saturating_sub(1)) * 4)
    })
    .clamp(20, 240)
}

/// The picture as raw RGB in chunks of 4096 letters, as kitty's protocol wants them; each replaces
/// the last.
fn kitty(image: &Frame<'_>) -> String {
    let data = base64::engine::general_purpose::STANDARD.encode(image.pixels());
    let chunks: Vec<&[u8]> = data.as_bytes().chunks(4096).collect();
    let mut out = String::new();
    for (number, chunk) in chunks.iter().enumerate() {
        let more = u8::from(number + 1 < chunks.len());
        let head = format!(
            "a=T,f=24,s={},v={},i=1,q=2,C=1,",
            image.width(),
            image.height()
        );
        let head = if number == 0 { head.as_str() } else { "" };
        let _ = write!(
            out,
            "\x1b_G{head}m={more};{}\x1b\\",
            String::from_utf8_lossy(chunk)
        );
    }
    out
}

/// Two pixels a letter: the upper one as its color, the lower one behind it.
fn half_blocks(image: &Frame<'_>, columns: usize) -> String {
    let height = (columns * image.height() / image.width().max(1)).max(2) / 2 * 2;
    let small = image.resized(columns, height);
    let mut out = String::new();
    for rows in small.pixels().chunks_exact(columns * 6) {
        let (upper, lower) = rows.split_at(columns * 3);
        for (a, b) in upper
            .as_chunks::<3>()
            .0
            .iter()
            .zip(lower.as_chunks::<3>().0)
        {
            let _ = write!(
                out,
                "\x1b[38;2;{};{};{};48;2;{};{};{}m▀",
                a[0], a[1], a[2], b[0], b[1], b[2]
            );
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
