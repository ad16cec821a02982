//! Measures and colors that all parts of a sheet share.

use image::Rgb;

/// Pixels along a side of a picture.
pub(super) const TILE: u32 = 256;

/// The sheet itself.
pub(super) const WHITE: Rgb<u8> = Rgb([255; 3]);
