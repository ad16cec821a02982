//! Letters of 8 × 8 dots.

use super::glyph::{Glyph, Ink};
use font8x8::UnicodeFonts;

/// Dots along a side of a letter.
const SIDE: i64 = 8;

/// Three dots on the baseline, as bits from left to right.
const ELLIPSIS: [u8; 8] = [0, 0, 0, 0, 0, 0b0101_0101, 0, 0];

/// What stands for a letter without a glyph: an empty box.
const MISSING: [u8; 8] = [0x7e, 0x42, 0x42, 0x42, 0x42, 0x42, 0x7e, 0];

/// The letter with dots of `dot` × `dot` pixels.
pub(super) fn glyph(letter: char, dot: i64) -> Glyph {
    let dot = dot.max(1);
    let side = (SIDE * dot) as usize;
    let dots = dots(letter);
    let mut pixels = vec![0; side * side];
    for (y, row) in pixels.chunks_exact_mut(side).enumerate() {
        for (x, pixel) in row.iter_mut().enumerate() {
            let is_set = dots[y / dot as usize] & (1 << (x / dot as usize)) != 0;
            *pixel = u8::from(is_set) * u8::MAX;
        }
    }
    Glyph {
        advance: SIDE * dot,
        corner: [0, 0],
        width: side,
        ink: Ink::Coverage(pixels),
    }
}

/// Rows from the top, in each the leftmost dot as the lowest bit.
fn dots(letter: char) -> [u8; 8] {
    if letter == '…' {
        return ELLIPSIS;
    }
    let letter = plain(letter);
    font8x8::BASIC_FONTS
        .get(letter)
        .or_else(|| font8x8::LATIN_FONTS.get(letter))
        .or_else(|| font8x8::GREEK_FONTS.get(letter))
        .or_else(|| font8x8::HIRAGANA_FONTS.get(letter))
        .or_else(|| font8x8::BOX_FONTS.get(letter))
        .or_else(|| font8x8::BLOCK_FONTS.get(letter))
        // Some glyphs of these sets are empty.
        .filter(|dots| letter.is_whitespace() || *dots != [0; 8])
        .unwrap_or(MISSING)
}

/// A letter of ASCII that looks the same, where there is one: typographic marks and the Cyrillic
/// capitals that Latin has too.
fn plain(letter: char) -> char {
    match letter {
        '\u{2018}' | '\u{2019}' | '\u{201b}' => '\'',
        '\u{201c}'..='\u{201f}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}' => ' ',
        'А' => 'A',
        'В' => 'B',
        'Е' => 'E',
        'К' => 'K',
        'М' => 'M',
        'Н' => 'H',
        'О' => 'O',
        'Р' => 'P',
        'С' => 'C',
        'Т' => 'T',
        'Х' => 'X',
        'а' => 'a',
        'е' => 'e',
        'о' => 'o',
        'р' => 'p',
        'с' => 'c',
        'у' => 'y',
        'х' => 'x',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_beyond_ascii_have_dots_of_their_own() {
        for letter in "ñéßüΩΨ×".chars() {
            assert_ne!(dots(letter), MISSING, "{letter}");
        }
        assert_eq!(dots('’'), dots('\''));
        assert_eq!(dots('日'), MISSING);
        assert_eq!(dots(' '), [0; 8]);
    }

    #[test]
    fn dots_are_scaled() {
        let small = glyph('A', 1);
        let large = glyph('A', 3);
        assert_eq!((small.advance, large.advance), (8, 24));
        let lit = |glyph: &Glyph| match &glyph.ink {
            Ink::Coverage(pixels) => pixels.iter().filter(|p| **p > 0).count(),
            Ink::Color(_) => 0,
        };
        assert_eq!(lit(&small) * 9, lit(&large));
    }
}
