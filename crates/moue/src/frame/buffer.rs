//! The picture buffer that everything works on.

use super::convert::{PixelFormat, append_row};
use super::resize;
use super::window::{self, Square};
use std::borrow::Cow;

/// Why a raw buffer cannot be a picture.
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
        /// Rows that the picture has.
        height: usize,
        /// Bytes that each row needs.
        row: usize,
    },
}

/// An upright picture: RGB rows without gaps, from the top left. It borrows its pixels where it
/// can.
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
    /// pixels are laid on [`BACKGROUND`](super::BACKGROUND).
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
        // Saturating: a size that overflows is larger than any buffer, and refused as too short.
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
        // The usual case of decoders, which costs no copy of a camera's frame.
        if format == PixelFormat::Rgb && stride == row {
            return Ok(Self {
                width,
                height,
                pixels: Cow::Borrowed(&bytes[..needed]),
            });
        }
        let mut pixels = Vec::with_capacity(width * height * 3);
        for line in bytes.chunks(stride).take(height) {
            append_row(&line[..row], format, &mut pixels);
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
        // More bytes are as wrong as fewer: the caller is mistaken about the size.
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

    /// A part of the picture, as far as it lies inside and at least one pixel; the position in
    /// pixels is of the top left corner.
    pub fn cropped(&self, x: usize, y: usize, width: usize, height: usize) -> Frame<'static> {
        let left = x.min(self.width - 1);
        let top = y.min(self.height - 1);
        let width = width.clamp(1, self.width - left);
        let height = height.clamp(1, self.height - top);
        let mut pixels = Vec::with_capacity(width * height * 3);
        // Row by row, which copies memory in one piece; an iterator over bytes takes far longer.
        for y in top..top + height {
            pixels.extend_from_slice(&self.pixels[(y * self.width + left) * 3..][..width * 3]);
        }
        Frame::from_owned(width, height, pixels)
    }

    /// A square of the picture as `size × size` pixels, RGB; black where it lies outside.
    pub(crate) fn window(&self, square: Square, size: usize) -> Vec<u8> {
        window::window(self.source(), square, size)
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

    /// The frame at another size: areas are averaged where it shrinks, else bilinear, as OpenCV
    /// does both. Sides of 0 become 1.
    pub fn resized(&self, width: usize, height: usize) -> Frame<'static> {
        let [width, height] = [width.max(1), height.max(1)];
        Frame::from_owned(width, height, self.resized_pixels(width, height))
    }

    /// The pixels of the frame at another size, neither side 0.
    pub(crate) fn resized_pixels(&self, width: usize, height: usize) -> Vec<u8> {
        resize::resize(self.source(), width, height)
    }

    fn source(&self) -> resize::Source<'_> {
        resize::Source {
            pixels: &self.pixels,
            width: self.width,
            height: self.height,
        }
    }

    /// The pixels of [`Frame::pixels`], without a copy where the frame owns them.
    pub fn into_pixels(self) -> Vec<u8> {
        self.pixels.into_owned()
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
}
