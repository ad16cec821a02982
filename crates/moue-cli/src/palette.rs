//! Colors that people with any color vision tell apart: Okabe and Ito's palette without black.

/// Red, green, blue.
pub(crate) type Color = [u8; 3];

pub(crate) const ORANGE: Color = [230, 159, 0];
pub(crate) const SKY_BLUE: Color = [86, 180, 233];
pub(crate) const GREEN: Color = [0, 158, 115];
pub(crate) const YELLOW: Color = [240, 228, 66];
pub(crate) const BLUE: Color = [0, 114, 178];
pub(crate) const VERMILION: Color = [213, 94, 0];
pub(crate) const PURPLE: Color = [204, 121, 167];

/// A color as HTML has it: `#e69f00`.
pub(crate) fn html([r, g, b]: Color) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}
