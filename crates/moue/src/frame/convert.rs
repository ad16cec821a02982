//! Pixels of other formats as RGB.

/// The color that transparent pixels are laid on: white.
pub const BACKGROUND: [u8; 3] = [255, 255, 255];

/// The order of bytes in a raw buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PixelFormat {
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue, alpha (not premultiplied).
    Rgba,
    /// Blue, green, red, alpha (not premultiplied), as many cameras and windows have it.
    Bgra,
}

impl PixelFormat {
    /// Bytes of one pixel.
    pub fn bytes(self) -> usize {
        match self {
            PixelFormat::Rgb => 3,
            PixelFormat::Rgba | PixelFormat::Bgra => 4,
        }
    }
}

/// Appends a row of pixels as RGB.
pub(super) fn append_row(row: &[u8], format: PixelFormat, out: &mut Vec<u8>) {
    let pixels = row.as_chunks().0.iter();
    match format {
        PixelFormat::Rgb => out.extend_from_slice(row),
        PixelFormat::Rgba => pixels.for_each(|[r, g, b, a]| out.extend(over([*r, *g, *b], *a))),
        PixelFormat::Bgra => pixels.for_each(|[b, g, r, a]| out.extend(over([*r, *g, *b], *a))),
    }
}

/// RGBA pixels as RGB in the same buffer: a copy would need twice the memory.
pub(super) fn drop_alpha(mut rgba: Vec<u8>) -> Vec<u8> {
    let pixels = rgba.len() / 4;
    for i in 0..pixels {
        // The target never runs ahead of the source, as 3 i ≤ 4 i.
        let pixel = over(
            [rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2]],
            rgba[4 * i + 3],
        );
        rgba[3 * i..3 * i + 3].copy_from_slice(&pixel);
    }
    rgba.truncate(3 * pixels);
    rgba.shrink_to_fit();
    rgba
}

/// A pixel of opacity `alpha` over [`BACKGROUND`] (Porter and Duff 1984), rounded to nearest.
fn over(color: [u8; 3], alpha: u8) -> [u8; 3] {
    let a = u32::from(alpha);
    std::array::from_fn(|i| {
        let mixed = u32::from(color[i]) * a + u32::from(BACKGROUND[i]) * (255 - a);
        ((mixed + 127) / 255) as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparent_pixels_are_white() {
        assert_eq!(over([10, 20, 30], 0), BACKGROUND);
        assert_eq!(over([10, 20, 30], 255), [10, 20, 30]);
        assert_eq!(over([0, 0, 0], 128), [127, 127, 127]);
        assert_eq!(
            drop_alpha(vec![1, 2, 3, 255, 9, 9, 9, 0]),
            [1, 2, 3, 255, 255, 255]
        );
    }
}
