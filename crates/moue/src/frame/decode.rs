//! Picture files: limits, orientation, transparency.

use super::buffer::Frame;
use super::convert::{bytes_beside, into_rgb};
#[cfg(feature = "video")]
use super::external;
use super::format::Format;
use super::limits::{DecodeError, DecodeLimit, DecodeOptions};
use super::turn::{needs_copy, turned};
use super::{exif, gif, jpeg, tiff};
use image::{ImageDecoder, ImageFormat, ImageReader, Limits};
use std::fs::File;
use std::io::{Cursor, Read};
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

/// Reads a file, at most one byte more than the limit allows, which shows that there are too many.
pub(crate) fn read(path: &Path, options: &DecodeOptions) -> Result<Vec<u8>, DecodeError> {
    let mut bytes = Vec::new();
    open_regular(path)?
        .take(options.max_file_bytes.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Opens a regular file. What the path leads to is looked at before: to open a named pipe is to wait
/// for its other end, and a device may have no end.
pub(crate) fn open_regular(path: &Path) -> Result<File, DecodeError> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(DecodeError::Read(std::io::Error::other(
            "not a regular file",
        )));
    }
    Ok(File::open(path)?)
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
        Format::Image(format) => with_image(bytes, format, true, options),
        #[cfg(feature = "video")]
        Format::External(format) => external::decode(bytes, format, options),
        #[cfg(not(feature = "video"))]
        Format::External(format) => Err(DecodeError::Unsupported(format!(
            "{format}, for which this program was built without the feature `video`"
        ))),
    }
}

/// Decodes a file with the crate `image`, and turns it upright if that is wanted.
pub(super) fn with_image(
    bytes: &[u8],
    format: ImageFormat,
    turns: bool,
    options: &DecodeOptions,
) -> Result<Frame<'static>, DecodeError> {
    let explain = |error| explain(error, options);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(options.max_memory);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(explain)?;
    let (width, height) = decoder.dimensions();
    options.check_size(width, height)?;
    let exif = decoder.exif_metadata().ok().flatten();
    // TIFF files have no EXIF block but the tag itself.
    let orientation = match exif {
        Some(exif) => exif::orientation(&exif),
        None => decoder.orientation().ok(),
    }
    .filter(|_| turns);
    let pixels = u64::from(width) * u64::from(height);
    let total = decoder.total_bytes();
    let color = decoder.color_type();
    let turned_bytes = if needs_copy(orientation) {
        6 * pixels
    } else {
        0
    };
    let needed = total + bytes_beside(color, pixels).max(own_bytes(format, pixels));
    DecodeLimit::Memory.check(needed.max(turned_bytes), options.max_memory)?;
    let total = usize::try_from(total).map_err(|_| DecodeError::Damaged("too large".into()))?;
    let mut samples = vec![0; total];
    decoder.read_image(&mut samples).map_err(explain)?;
    let samples = into_rgb(samples, color)?;
    turned(samples, width as usize, height as usize, orientation)
}

/// Bytes that the decoders of a format keep beside the samples that they return, which they do not
/// count: WebP's has planes or a copy with transparency, GIF's a frame.
fn own_bytes(format: ImageFormat, pixels: u64) -> u64 {
    match format {
        ImageFormat::WebP => 4 * pixels,
        ImageFormat::Gif => pixels,
        _ => 0,
    }
}

/// Turns the decoder's errors into ours.
pub(crate) fn explain(error: image::ImageError, options: &DecodeOptions) -> DecodeError {
    use std::io::ErrorKind::UnexpectedEof;
    match error {
        image::ImageError::Limits(_) => DecodeError::TooLarge {
            resource: DecodeLimit::Memory,
            // The decoder does not report how much it needed.
            asked: options.max_memory.saturating_add(1),
            limit: options.max_memory,
        },
        image::ImageError::IoError(e) if e.kind() == UnexpectedEof => DecodeError::Truncated,
        image::ImageError::Unsupported(e) => match e.kind() {
            image::error::UnsupportedErrorKind::Format(_) => DecodeError::Unknown,
            _ => DecodeError::Unsupported(e.to_string()),
        },
        other => DecodeError::Damaged(other.to_string()),
    }
}
