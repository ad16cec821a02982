//! Pictures in memory: upright RGB, 8 bits a channel.

mod decode;
mod jpeg;

pub use decode::{DecodeError, DecodeLimits};
pub(crate) use decode::{explain, read};

use std::borrow::Cow;
use std::path::Path;

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

/// Why a raw buffer is no picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RawError {
    /// Width or height is zero.
    #[error("a picture of {width}×{height} has no pixels")]
    Empty {
        /// Pixels in a row.
        width: usize,
        /// Rows.
        height: usize,
    },
    /// The rows overlap or the buffer ends before the last row does.
    #[error("{bytes} bytes with a stride of {stride} do not hold {height} rows of {row} bytes")]
    TooShort {
        /// Bytes given.
        bytes: usize,
        /// Bytes from one row to the next.
        stride: usize,
        /// Rows wanted.
        height: usize,
        /// Bytes that each row needs.
        row: usize,
    },
}

/// An upright picture: RGB rows without gaps, from the top left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame<'a> {
    width: usize,
    height: usize,
    pixels: Cow<'a, [u8]>,
}

impl<'a> Frame<'a> {
    /// Takes a raw buffer whose rows start `stride` bytes apart.
    ///
    /// RGB without gaps is borrowed; everything else is converted into one copy. Transparent
    /// pixels are laid on [`BACKGROUND`].
    ///
    /// ```
    /// use moue::Frame;
    /// use moue::frame::PixelFormat;
    /// let bgra = [255, 0, 0, 255, 0, 0, 255, 255];
    /// let frame = Frame::from_raw(&bgra, 2, 1, 8, PixelFormat::Bgra)?;
    /// assert_eq!(frame.pixels(), [0, 0, 255, 255, 0, 0]);
    /// # Ok::<(), moue::frame::RawError>(())
    /// ```
    ///
    /// # Errors
    /// [`RawError`] if the buffer does not hold such a picture.
    pub fn from_raw(
        bytes: &'a [u8],
        width: usize,
        height: usize,
        stride: usize,
        format: PixelFormat,
    ) -> Result<Self, RawError> {
        if width == 0 || height == 0 {
            return Err(RawError::Empty { width, height });
        }
        let row = width.saturating_mul(format.bytes());
        let needed = stride.saturating_mul(height - 1).saturating_add(row);
        if stride < row || bytes.len() < needed {
            return Err(RawError::TooShort {
                bytes: bytes.len(),
                stride,
                height,
                row,
            });
        }
        if format == PixelFormat::Rgb && stride == row {
            return Ok(Self {
                width,
                height,
                pixels: Cow::Borrowed(&bytes[..needed]),
            });
        }
        let mut pixels = Vec::with_capacity(width * height * 3);
        for line in bytes.chunks(stride).take(height) {
            convert_row(&line[..row], format, &mut pixels);
        }
        Ok(Self {
            width,
            height,
            pixels: Cow::Owned(pixels),
        })
    }

    /// Takes over red, green, blue rows without gaps.
    ///
    /// # Errors
    /// [`RawError`] if the buffer does not hold exactly such a picture.
    pub fn from_pixels(
        pixels: Vec<u8>,
        width: usize,
        height: usize,
    ) -> Result<Frame<'static>, RawError> {
        let row = width.saturating_mul(3);
        Frame::from_raw(&pixels, width, height, row, PixelFormat::Rgb)?;
        if pixels.len() > row * height {
            return Err(RawError::TooShort {
                bytes: pixels.len(),
                stride: row,
                height,
                row,
            });
        }
        Ok(Frame::from_owned(width, height, pixels))
    }

    /// Decodes a picture file in memory, turned upright, within the default [`DecodeLimits`].
    ///
    /// Of an animation it takes the first picture.
    ///
    /// # Errors
    /// [`DecodeError`] for unknown formats, damaged or truncated files and pictures beyond the
    /// limits.
    pub fn decode(bytes: &[u8]) -> Result<Frame<'static>, DecodeError> {
        decode::decode(bytes, &DecodeLimits::default(), None)
    }

    /// As [`Frame::decode`], with other limits.
    ///
    /// # Errors
    /// As for [`Frame::decode`].
    pub fn decode_within(
        bytes: &[u8],
        limits: &DecodeLimits,
    ) -> Result<Frame<'static>, DecodeError> {
        decode::decode(bytes, limits, None)
    }

    /// As [`Frame::decode`], for collections: a large JPEG may come at a half, a quarter or an
    /// eighth of its size, which is several times faster, as long as its longer side keeps `longer`
    /// pixels.
    ///
    /// # Errors
    /// As for [`Frame::decode`].
    pub fn decode_reduced(bytes: &[u8], longer: u16) -> Result<Frame<'static>, DecodeError> {
        decode::decode(bytes, &DecodeLimits::default(), Some(longer))
    }

    /// A part of the picture, as far as it lies inside; the position is of the top left corner.
    pub fn cropped(&self, x: usize, y: usize, width: usize, height: usize) -> Frame<'static> {
        let (x, y) = (x.min(self.width - 1), y.min(self.height - 1));
        let (width, height) = (
            width.clamp(1, self.width - x),
            height.clamp(1, self.height - y),
        );
        let row = |line: usize| (line * self.width + x) * 3..(line * self.width + x + width) * 3;
        Frame::from_owned(
            width,
            height,
            (y..y + height)
                .flat_map(|l| &self.pixels[row(l)])
                .copied()
                .collect(),
        )
    }

    /// Reads and decodes a picture file.
    ///
    /// # Errors
    /// As for [`Frame::decode`], and [`DecodeError::Read`] if the file cannot be read or is too
    /// large.
    pub fn open(path: impl AsRef<Path>) -> Result<Frame<'static>, DecodeError> {
        let limits = DecodeLimits::default();
        decode::decode(&decode::read(path.as_ref(), &limits)?, &limits, None)
    }

    /// Pixels in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// `height × width × 3` bytes: red, green, blue.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The frame at another size: areas are averaged where it shrinks, else bilinear. Sides of 0
    /// become 1.
    pub fn resized(&self, width: usize, height: usize) -> Frame<'static> {
        let (width, height) = (width.max(1), height.max(1));
        Frame::from_owned(width, height, crate::resize::resize(self, width, height))
    }

    /// A frame that owns its pixels.
    pub fn into_owned(self) -> Frame<'static> {
        Frame {
            width: self.width,
            height: self.height,
            pixels: Cow::Owned(self.pixels.into_owned()),
        }
    }

    pub(crate) fn from_owned(width: usize, height: usize, pixels: Vec<u8>) -> Frame<'static> {
        debug_assert_eq!(pixels.len(), width * height * 3);
        Frame {
            width,
            height,
            pixels: Cow::Owned(pixels),
        }
    }
}

fn convert_row(row: &[u8], format: PixelFormat, out: &mut Vec<u8>) {
    match format {
        PixelFormat::Rgb => out.extend_from_slice(row),
        PixelFormat::Rgba => row
            .as_chunks()
            .0
            .iter()
            .for_each(|[r, g, b, a]| out.extend(flatten([*r, *g, *b], *a))),
        PixelFormat::Bgra => row
            .as_chunks()
            .0
            .iter()
            .for_each(|[b, g, r, a]| out.extend(flatten([*r, *g, *b], *a))),
    }
}

/// A pixel of opacity `alpha` laid on [`BACKGROUND`].
fn flatten(color: [u8; 3], alpha: u8) -> [u8; 3] {
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
    fn rgb_without_gaps_is_borrowed() {
        let bytes = [7; 12];
        let frame = Frame::from_raw(&bytes, 2, 2, 6, PixelFormat::Rgb).unwrap();
        assert!(matches!(frame.pixels, Cow::Borrowed(_)));
    }

    #[test]
    fn strides_skip_the_gap_and_the_last_row_needs_none() {
        let bytes = [1, 2, 3, 0, 4, 5, 6];
        let frame = Frame::from_raw(&bytes, 1, 2, 4, PixelFormat::Rgb).unwrap();
        assert_eq!(frame.pixels(), [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn impossible_buffers_are_refused() {
        let short = Frame::from_raw(&[0; 11], 2, 2, 6, PixelFormat::Rgb);
        assert!(matches!(short, Err(RawError::TooShort { row: 6, .. })));
        assert!(
            Frame::from_raw(&[0; 12], 2, 2, 5, PixelFormat::Rgb).is_err(),
            "rows overlap"
        );
        assert!(Frame::from_raw(&[], 0, 2, 0, PixelFormat::Rgb).is_err());
        assert!(Frame::from_raw(&[0; 4], usize::MAX, 2, usize::MAX, PixelFormat::Bgra).is_err());
    }

    #[test]
    fn transparent_pixels_are_white() {
        assert_eq!(flatten([10, 20, 30], 0), BACKGROUND);
        assert_eq!(flatten([10, 20, 30], 255), [10, 20, 30]);
        assert_eq!(flatten([0, 0, 0], 128), [127, 127, 127]);
    }
}
