//! Pictures in kitty's graphics protocol.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use moue::Frame;
use std::fmt::Write;

/// Bytes of base64 in one message: the most that kitty's protocol allows.
const CHUNK: usize = 4096;

/// Terminals that have kitty's graphics name themselves. Asking them would need to read their
/// answer from standard input, which may be raw frames.
pub(super) fn is_supported() -> bool {
    std::env::var_os("KITTY_WINDOW_ID").is_some()
        || variable_contains("TERM", "kitty")
        || variable_contains("TERM_PROGRAM", "wezterm")
        || variable_contains("TERM_PROGRAM", "ghostty")
}

fn variable_contains(name: &str, part: &str) -> bool {
    std::env::var(name).is_ok_and(|value| value.to_lowercase().contains(part))
}

/// The picture as raw RGB, in chunks; each picture replaces the last.
pub(super) fn encode(image: &Frame<'_>) -> String {
    let data = STANDARD.encode(image.pixels());
    let chunks = data.len().div_ceil(CHUNK);
    // Transmit and show 24-bit RGB as image 1, quietly, and leave the cursor where it is.
    let header = format!(
        "a=T,f=24,s={},v={},i=1,q=2,C=1,",
        image.width(),
        image.height()
    );
    let mut out = String::new();
    for (number, chunk) in data.as_bytes().chunks(CHUNK).enumerate() {
        let header = if number == 0 { header.as_str() } else { "" };
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
