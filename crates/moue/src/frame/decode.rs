//! Picture files: limits, orientation, transparency.

use super::buffer::Frame;
use super::convert::drop_alpha;
use super::jpeg;
use super::limits::{DecodeError, DecodeLimit, DecodeOptions};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
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
    /// Of an animation it takes the first picture.
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
        let picture = catch_unwind(AssertUnwindSafe(|| decode(bytes, options)))
            .unwrap_or_else(|_| Err(DecodeError::Damaged("the decoder gave up".into())))?;
        Ok(into_frame(picture))
    }
}

/// Reads a file, at most one byte more than the limit allows, which shows that there are too many.
pub(crate) fn read(path: &Path, options: &DecodeOptions) -> Result<Vec<u8>, DecodeError> {
    // Checked before opening: to open a pipe is to wait for its other end.
    if !std::fs::metadata(path)?.is_file() {
        return Err(DecodeError::Read(std::io::Error::other(
            "not a regular file",
        )));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(options.max_file_bytes.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The picture in the file's own pixel format, turned upright.
fn decode(bytes: &[u8], options: &DecodeOptions) -> Result<DynamicImage, DecodeError> {
    let format = image::guess_format(bytes).map_err(|_| DecodeError::Unknown)?;
    if format == ImageFormat::Jpeg {
        return jpeg::decode(bytes, options);
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(options.max_memory);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|e| explain(e, options))?;
    let (width, height) = decoder.dimensions();
    options.check_size(width, height)?;
    // The decoder's own limit covers what it allocates inside; the pixels that it hands out are
    // allocated by its caller, uncounted.
    DecodeLimit::Memory.check(decoder.total_bytes(), options.max_memory)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|e| explain(e, options))?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn into_frame(picture: DynamicImage) -> Frame<'static> {
    let [width, height] = [picture.width() as usize, picture.height() as usize];
    let pixels = if picture.color().has_alpha() {
        drop_alpha(picture.into_rgba8().into_raw())
    } else {
        picture.into_rgb8().into_raw()
    };
    Frame::from_owned(width, height, pixels)
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
        image::ImageError::Unsupported(e)
            if matches!(e.kind(), image::error::UnsupportedErrorKind::Format(_)) =>
        {
            DecodeError::Unknown
        }
        other => DecodeError::Damaged(other.to_string()),
    }
}
