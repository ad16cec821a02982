//! What a letter is drawn from.

/// Rows of a letter above its baseline, of the 8 that a line has.
#[cfg(feature = "system-fonts")]
pub(super) const ASCENT: i64 = 7;

/// A letter at one size, as it is drawn.
#[derive(Debug, Clone, Default)]
pub(crate) struct Glyph {
    /// Pixels to the next letter.
    pub(crate) advance: i64,
    /// The upper left corner of its pixels from that of the line.
    pub(crate) corner: [i64; 2],
    pub(crate) width: usize,
    pub(crate) ink: Ink,
}

/// The pixels of a letter, row by row.
#[derive(Debug, Clone)]
pub(crate) enum Ink {
    /// How much of each pixel is covered, in the color of the text.
    Coverage(Vec<u8>),
    /// Red, green, blue and alpha, such as of an emoji.
    #[cfg_attr(not(feature = "system-fonts"), allow(dead_code))]
    Color(Vec<[u8; 4]>),
}

/// The picture of a character in a font of color emoji, as the font has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColorPicture {
    /// Pixels of a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Red, green, blue and alpha, row by row; colors are not multiplied by alpha.
    pub pixels: Vec<[u8; 4]>,
}

impl Default for Ink {
    fn default() -> Self {
        Self::Coverage(Vec::new())
    }
}
