//! Pictures in kitty's graphics protocol.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use moue::Frame;
use std::fmt::Write;

/// Bytes of base64 in one message: the most that kitty's protocol allows.
const CHUNK: usize = 4096;

/// Whether the terminal is one that has kitty's graphics, by its own name. Asking it would need to
/// read its answer from standard input, which may be raw frames.
pub(super) fn is_supported() -> bool {
    is_named(|name| std::env::var(name).unwrap_or_default())
}

/// The same of other variables than those of the environment.
pub(super) fn is_named(variable: impl Fn(&str) -> String) -> bool {
    let contains = |name: &str, part: &str| variable(name).to_lowercase().contains(part);
    !variable("KITTY_WINDOW_ID").is_empty()
        || contains("TERM", "kitty")
        || contains("TERM_PROGRAM", "wezterm")
        || contains("TERM_PROGRAM", "ghostty")
}

/// The picture as raw RGB, in chunks; each picture replaces the last.
pub(super) fn encode(image: &Frame<'_>) -> String {
    // Transmit and show 24-bit RGB as image 1, quietly, and leave the cursor where it is.
    let header = format!(
        "a=T,f=24,s={},v={},i=1,q=2,C=1,",
        image.width(),
        image.height()
    );
    in_chunks(&header, image.pixels())
}

/// A PNG file as a picture that fills so many cells from the cursor on. It stays when others follow.
pub(super) fn place(png: &[u8], [columns, rows]: [usize; 2]) -> String {
    in_chunks(&format!("a=T,f=100,c={columns},r={rows},q=2,C=1,"), png)
}

fn in_chunks(header: &str, data: &[u8]) -> String {
    let data = STANDARD.encode(data);
    let chunks = data.len().div_ceil(CHUNK);
    let mut out = String::new();
    for (number, chunk) in data.as_bytes().chunks(CHUNK).enumerate() {
        let header = if number == 0 { header } else { "" };
        let more = u8::from(number + 1 < chunks);
        let chunk = String::from_utf8_lossy(chunk);
        let _ = write!(out, "\x1b_G{header}m={more};{chunk}\x1b\\");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use moue::frame::PixelFormat;

    #[test]
    fn kitty_gets_the_whole_picture_in_chunks() {
        let pixels = vec![1; 60 * 60 * 3];
        let text = encode(&Frame::from_raw(&pixels, 60, 60, 180, PixelFormat::Rgb).unwrap());
        assert!(text.starts_with("\x1b_Ga=T,f=24,s=60,v=60,"));
        assert_eq!(
            (text.matches("m=1;").count(), text.matches("m=0;").count()),
            (3, 1)
        );
    }
}
