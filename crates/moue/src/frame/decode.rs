//! Picture files: limits, orientation, transparency.

use super::buffer::Frame;
#[cfg(feature = "video")]
use super::external;
use super::files::read;
use super::format::Format;
use super::limits::{DecodeError, DecodeLimit, DecodeOptions};
use super::with_image::with_image;
use super::{gif, jpeg, tiff, webp};
use image::ImageFormat;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

impl Frame<'static> {
    /// Reads and decodes a picture file within the default [`DecodeOptions`], turned upright.
    ///
    /// ```no_run
    /// let frame = moue::Frame::open("me.jpg")?;
    /// println!("{}×{} pixels", frame.width(), frame.height());
    /// # Ok::<(), moue::frame::DecodeError>(())
    /// ```
    ///
    /// # Errors
    /// As for [`Frame::decode`], and [`DecodeError::Read`] if the file cannot be read.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, DecodeError> {
        Self::open_with(path, &DecodeOptions::default())
    }

    /// As [`Frame::open`], with the caller's options.
    ///
    /// # Errors
    /// As for [`Frame::open`].
    pub fn open_with(path: impl AsRef<Path>, options: &DecodeOptions) -> Result<Self, DecodeError> {
        Self::decode_with(&read(path.as_ref(), options)?, options)
    }

    /// Decodes a picture file in memory within the default [`DecodeOptions`], turned upright.
    ///
    /// Of an animation it takes the first picture. HEIC, AVIF and JPEG XL are decoded by other
    /// programs, `heif-convert` and `ffmpeg`, if the feature `video` is on.
    ///
    /// # Errors
    /// [`DecodeError`] for unknown formats, damaged or truncated files and pictures beyond the
    /// limits.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::decode_with(bytes, &DecodeOptions::default())
    }

    /// As [`Frame::decode`], with the caller's options.
    ///
    /// ```no_run
    /// use moue::Frame;
    /// use moue::frame::DecodeOptions;
    /// // A large photo is decoded at a fraction of its size, as long as 1280 pixels are left.
    /// let options = DecodeOptions { min_longer_side: Some(1280), ..DecodeOptions::default() };
    /// let frame = Frame::decode_with(&std::fs::read("large.jpg")?, &options)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As for [`Frame::decode`].
    pub fn decode_with(bytes: &[u8], options: &DecodeOptions) -> Result<Self, DecodeError> {
        if bytes.is_empty() {
            return Err(DecodeError::Empty);
        }
        DecodeLimit::FileBytes.check(bytes.len() as u64, options.max_file_bytes)?;
        options.cancel.check()?;
        // A decoder that panics on a damaged file must not take the other pictures along. It is
        // given borrowed bytes and options only, so it leaves nothing half changed behind.
        catch_unwind(AssertUnwindSafe(|| decode(bytes, options)))
            .unwrap_or_else(|_| Err(DecodeError::Damaged("the decoder gave up".into())))
    }
}

/// The picture of a file, upright.
fn decode(bytes: &[u8], options: &DecodeOptions) -> Result<Frame<'static>, DecodeError> {
    match Format::of(bytes).ok_or(DecodeError::Unknown)? {
        Format::Image(ImageFormat::Jpeg) => jpeg::decode(bytes, options),
        Format::Image(ImageFormat::Tiff) => match tiff::decode(bytes, options)? {
            Some(frame) => Ok(frame),
            None => with_image(bytes, ImageFormat::Tiff, true, options),
        },
        Format::Image(ImageFormat::Gif) => {
            with_image(&gif::mended(bytes), ImageFormat::Gif, true, options)
        }
        Format::Image(ImageFormat::WebP) => {
            webp::check_sizes(bytes)?;
            with_image(bytes, ImageFormat::WebP, true, options)
        }
        Format::Image(format) => with_image(bytes, format, true, options),
        #[cfg(feature = "video")]
        Format::External(format) => external::decode(bytes, format, options),
        #[cfg(not(feature = "video"))]
        Format::External(format) => Err(DecodeError::Unsupported(format!(
            "{format}, for which this program was built without the feature `video`"
        ))),
    }
}
