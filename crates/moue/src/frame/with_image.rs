//! Pictures that the crate `image` decodes.

use super::buffer::Frame;
use super::convert::{bytes_beside, into_rgb};
use super::exif;
use super::limits::{DecodeError, DecodeLimit, DecodeOptions};
use super::turn::{needs_copy, turned};
use image::metadata::Orientation;
use image::{ImageDecoder, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// Decodes a file with the crate `image`, and turns it upright if that is wanted.
pub(super) fn with_image(
    bytes: &[u8],
    format: ImageFormat,
    turns: bool,
    options: &DecodeOptions,
) -> Result<Frame<'static>, DecodeError> {
    let explain = |error| explain(error, options);
    let mut decoder = reader(bytes, format, options)
        .into_decoder()
        .map_err(explain)?;
    let (width, height) = decoder.dimensions();
    options.check_size(width, height)?;
    let orientation = orientation(&mut decoder).filter(|_| turns);
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

fn reader<'a>(
    bytes: &'a [u8],
    format: ImageFormat,
    options: &DecodeOptions,
) -> ImageReader<Cursor<&'a [u8]>> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(options.max_memory);
    reader.limits(limits);
    reader
}

/// The orientation that a file states. TIFF files have no EXIF block but the tag itself.
fn orientation(decoder: &mut impl ImageDecoder) -> Option<Orientation> {
    match decoder.exif_metadata().ok().flatten() {
        Some(exif) => exif::orientation(&exif),
        None => decoder.orientation().ok(),
    }
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
            image::error::UnsupportedErrorKind::Format(format) => {
                DecodeError::Unsupported(format!("the format {format}"))
            }
            _ => DecodeError::Unsupported(e.to_string()),
        },
        other => DecodeError::Damaged(other.to_string()),
    }
}
