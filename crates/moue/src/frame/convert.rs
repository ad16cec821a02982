//! Pixels of other formats as RGB.

use super::limits::DecodeError;
use image::ColorType;

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
    match format {
        PixelFormat::Rgb => out.extend_from_slice(row),
        PixelFormat::Rgba => append_four(row, |[r, g, b, _]| [r, g, b], out),
        PixelFormat::Bgra => append_four(row, |[b, g, r, _]| [r, g, b], out),
    }
}

/// Appends pixels of four bytes, the last of which is alpha.
fn append_four(row: &[u8], color: impl Fn([u8; 4]) -> [u8; 3], out: &mut Vec<u8>) {
    let (pixels, _) = row.as_chunks::<4>();
    let start = out.len();
    out.resize(start + 3 * pixels.len(), 0);
    let (targets, _) = out[start..].as_chunks_mut::<3>();
    let pairs = targets.iter_mut().zip(pixels);
    // A camera's frames are opaque, and then there is nothing to divide.
    if pixels.iter().fold(u8::MAX, |all, pixel| all & pixel[3]) == u8::MAX {
        pairs.for_each(|(target, pixel)| *target = color(*pixel));
    } else {
        pairs.for_each(|(target, pixel)| *target = over(color(*pixel), pixel[3]));
    }
}

/// Decoded samples as RGB.
///
/// Formats of three or more bytes a pixel are converted in their own buffer: a copy would need twice
/// the memory, and the pixels of one picture may be most of what is allowed.
pub(super) fn into_rgb(samples: Vec<u8>, color: ColorType) -> Result<Vec<u8>, DecodeError> {
    Ok(match color {
        ColorType::Rgb8 => samples,
        ColorType::L8 => widened(&samples, |[l]| [l; 3]),
        ColorType::La8 => widened(&samples, |[l, a]| over([l; 3], a)),
        ColorType::L16 => widened(&samples, |sample| [narrowed(sample); 3]),
        ColorType::La16 => in_place(samples, |[a, b, c, d]| {
            over([narrowed([a, b]); 3], narrowed([c, d]))
        }),
        ColorType::Rgba8 => in_place(samples, |[r, g, b, a]| over([r, g, b], a)),
        ColorType::Rgb16 => in_place(samples, |sample: [u8; 6]| {
            std::array::from_fn(|i| narrowed([sample[2 * i], sample[2 * i + 1]]))
        }),
        ColorType::Rgba16 => in_place(samples, |sample: [u8; 8]| {
            let [r, g, b, a] =
                std::array::from_fn(|i| narrowed([sample[2 * i], sample[2 * i + 1]]));
            over([r, g, b], a)
        }),
        ColorType::Rgb32F => in_place(samples, |sample: [u8; 12]| {
            std::array::from_fn(|i| level(&sample[4 * i..]))
        }),
        ColorType::Rgba32F => in_place(samples, |sample: [u8; 16]| {
            let [r, g, b, a] = std::array::from_fn(|i| level(&sample[4 * i..]));
            over([r, g, b], a)
        }),
        other => return Err(DecodeError::Unsupported(format!("pixels as {other:?}"))),
    })
}

/// Bytes that [`into_rgb`] needs beside the samples.
pub(super) fn bytes_beside(color: ColorType, pixels: u64) -> u64 {
    match color {
        ColorType::L8 | ColorType::La8 | ColorType::L16 => 3 * pixels,
        _ => 0,
    }
}

/// Pixels of `N` bytes, more than three, as RGB in the same buffer.
pub(super) fn in_place<const N: usize>(
    mut samples: Vec<u8>,
    convert: impl Fn([u8; N]) -> [u8; 3],
) -> Vec<u8> {
    let pixels = samples.len() / N;
    for i in 0..pixels {
        let sample = std::array::from_fn(|byte| samples[N * i + byte]);
        // The target never runs ahead of the source, as 3 i ≤ N i.
        samples[3 * i..3 * i + 3].copy_from_slice(&convert(sample));
    }
    samples.truncate(3 * pixels);
    samples.shrink_to_fit();
    samples
}

fn widened<const N: usize>(samples: &[u8], convert: impl Fn([u8; N]) -> [u8; 3]) -> Vec<u8> {
    let pixels = samples.as_chunks().0.iter();
    pixels.flat_map(|sample| convert(*sample)).collect()
}

/// A 16-bit level, in the byte order of this computer, as the nearest of 8 bits.
fn narrowed(sample: [u8; 2]) -> u8 {
    let wide = u32::from(u16::from_ne_bytes(sample));
    ((wide + 128) / 257) as u8
}

/// A level of 0 to 1 as one of 0 to 255; what lies outside is clipped.
fn level(sample: &[u8]) -> u8 {
    let sample = sample.first_chunk().copied().unwrap_or_default();
    (f32::from_ne_bytes(sample).clamp(0.0, 1.0) * 255.0).round() as u8
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
    }

    #[test]
    fn every_format_becomes_rgb() {
        let half = 0x8080_u16.to_ne_bytes();
        let full = u16::MAX.to_ne_bytes();
        let gray = |of: f32| of.to_ne_bytes();
        let cases = [
            (ColorType::L8, vec![7], [7; 3]),
            (ColorType::La8, vec![7, 0], BACKGROUND),
            (ColorType::Rgb8, vec![1, 2, 3], [1, 2, 3]),
            (ColorType::Rgba8, vec![1, 2, 3, 255], [1, 2, 3]),
            (ColorType::L16, half.to_vec(), [128; 3]),
            (ColorType::La16, [half, full].concat(), [128; 3]),
            (
                ColorType::Rgb16,
                [half, full, [0; 2]].concat(),
                [128, 255, 0],
            ),
            (
                ColorType::Rgba16,
                [half, full, half, [0; 2]].concat(),
                BACKGROUND,
            ),
            (
                ColorType::Rgb32F,
                [gray(0.0), gray(1.0), gray(9.0)].concat(),
                [0, 255, 255],
            ),
            (
                ColorType::Rgba32F,
                [gray(1.0), gray(-1.0), gray(f32::NAN), gray(1.0)].concat(),
                [255, 0, 0],
            ),
        ];
        for (color, sample, rgb) in cases {
            let two = [sample.clone(), sample].concat();
            let converted = into_rgb(two, color).unwrap();
            assert_eq!(converted, [rgb, rgb].concat(), "{color:?}");
        }
    }
}
