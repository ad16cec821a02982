//! Letters: those of the system's fonts, and dots of 8 × 8 where there is none.

mod bitmap;
#[cfg(feature = "system-fonts")]
mod fonts;
mod glyph;
#[cfg(feature = "system-fonts")]
pub(crate) use fonts::font_count;
pub use glyph::ColorPicture;
pub(crate) use glyph::{Glyph, Ink};

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Letters of a text that are drawn.
// Chosen by hand: more than fit beside one another on any screen. It bounds the time that a label
// from a file can take: each new letter is looked for in all fonts.
pub(crate) const MAX_LETTERS: usize = 200;

/// The largest dot, in pixels: with it a letter is as high as a small screen.
const MAX_DOT: i64 = 64;

/// Letters that are kept. A caption has some dozens; the bound is for texts of others.
const MAX_KEPT: usize = 4096;

/// Letters by letter and size.
type Glyphs = HashMap<(char, i64), Arc<Glyph>>;

/// Letters that have been drawn before.
static KEPT: LazyLock<Mutex<Glyphs>> = LazyLock::new(Mutex::default);

/// A letter whose dots have `dot` × `dot` pixels; a box if there is no glyph for it.
pub(crate) fn glyph(letter: char, dot: i64) -> Arc<Glyph> {
    let dot = dot.clamp(1, MAX_DOT);
    // Every change leaves a valid map.
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(glyph) = kept.get(&(letter, dot)) {
        return glyph.clone();
    }
    if kept.len() >= MAX_KEPT {
        kept.clear();
    }
    let glyph = Arc::new(make(letter, dot));
    kept.insert((letter, dot), glyph.clone());
    glyph
}

/// The picture of a character in the system's font of color emoji; `None` without one, and for
/// sequences of several characters.
pub(crate) fn color_picture(character: &str) -> Option<ColorPicture> {
    // The selector asks for the colored form, which is the only one looked for.
    let mut letters = character.chars().filter(|letter| *letter != '\u{fe0f}');
    let letter = letters.next().filter(|_| letters.next().is_none())?;
    #[cfg(feature = "system-fonts")]
    return fonts::color_picture(letter);
    #[cfg(not(feature = "system-fonts"))]
    {
        let _ = letter;
        None
    }
}

fn make(letter: char, dot: i64) -> Glyph {
    if is_invisible(letter) {
        return Glyph::default();
    }
    #[cfg(feature = "system-fonts")]
    if let Some(glyph) = fonts::glyph(letter, dot) {
        return glyph;
    }
    bitmap::glyph(letter, dot)
}

/// Characters that change others or stand for nothing that is drawn: control characters, joiners,
/// marks of direction, and selectors of variants.
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(letter, '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
        || matches!(letter, '\u{e0000}'..='\u{e0fff}')
}

/// Pixels that a text is wide.
pub(crate) fn width(text: &str, dot: i64) -> i64 {
    text.chars()
        .take(MAX_LETTERS)
        .map(|letter| glyph(letter, dot).advance)
        .fold(0, i64::saturating_add)
}

/// The text if it is at most `limit` pixels wide, else as much of it as fits with an ellipsis.
pub(crate) fn fitted(text: &str, dot: i64, limit: i64) -> String {
    const ELLIPSIS: char = '…';
    if text.chars().nth(MAX_LETTERS).is_none() && width(text, dot) <= limit {
        return text.to_owned();
    }
    let mut left = limit - glyph(ELLIPSIS, dot).advance;
    let mut fitted = String::new();
    for letter in text.chars() {
        left -= glyph(letter, dot).advance;
        if left < 0 {
            break;
        }
        fitted.push(letter);
    }
    format!("{}{ELLIPSIS}", fitted.trim_end())
}

/// How many fonts of the system are used.
#[cfg(not(feature = "system-fonts"))]
pub(crate) fn font_count() -> usize {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_drawn(letter: char) -> bool {
        match &glyph(letter, 2).ink {
            Ink::Coverage(pixels) => pixels.iter().any(|pixel| *pixel > 100),
            Ink::Color(pixels) => pixels.iter().any(|pixel| pixel[3] > 100),
        }
    }

    #[test]
    fn every_letter_is_drawn_if_only_as_a_box() {
        for letter in "AñéßПΩ日한😀—’…×\u{10ffff}\u{378}".chars() {
            assert!(is_drawn(letter), "{letter:?}");
            assert!(glyph(letter, 2).advance > 0, "{letter:?}");
        }
        for letter in ['\u{fe0f}', '\u{200d}', '\u{1b}', '\u{202e}'] {
            assert_eq!(glyph(letter, 2).advance, 0, "{letter:?}");
        }
    }

    #[test]
    fn pictures_are_of_one_character_and_only_of_emoji() {
        for text in [
            "",
            "A",
            "日",
            "\u{1f636}\u{200d}\u{1f32b}\u{fe0f}",
            "\u{1f600}\u{1f600}",
        ] {
            assert_eq!(color_picture(text), None, "{text}");
        }
        // A font of emoji need not be installed; one that is has this face, and in color.
        if let Some(face) = color_picture("\u{1f600}") {
            assert_eq!(face.pixels.len(), face.width * face.height);
            let is_yellow = |p: &&[u8; 4]| p[3] == 255 && p[0] > 200 && p[1] > 150 && p[2] < 120;
            assert!(face.pixels.iter().filter(is_yellow).count() * 4 > face.pixels.len());
            // This character has an outline in other fonts too.
            assert!(color_picture("\u{263a}\u{fe0f}").is_some());
        }
    }

    #[test]
    fn long_texts_end_in_an_ellipsis() {
        assert_eq!(fitted("short", 2, 500), "short");
        let long = fitted("a rather long caption", 2, 120);
        assert!(long.ends_with('…') && long.starts_with("a r"), "{long}");
        assert!(width(&long, 2) <= 120);
    }
}
