//! Picture files: limits, orientation, transparency.

use super::{Frame, flatten, jpeg};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use std::io::{Cursor, Read};
use std::panic::catch_unwind;
use std::path::Path;

/// How large a picture may be before it is refused unread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeLimits {
    /// Bytes of the file.
    pub file: u64,
    /// Pixels along either side.
    pub side: u32,
    /// Pixels altogether.
    pub pixels: u64,
    /// Bytes that the decoder may allocate.
    pub memory: u64,
}

impl Default for DecodeLimits {
    fn default() -> Self {
        Self {
            file: 256 << 20,
            side: 32_768,
            pixels: 120_000_000,
            memory: 512 << 20,
        }
    }
}

impl DecodeLimits {
    /// Refuses a picture that is too large or has no pixels.
    pub(crate) fn check(&self, width: u32, height: u32) -> Result<(), DecodeError> {
        let pixels = u64::from(width) * u64::from(height);
        if width > self.side || height > self.side || pixels > self.pixels {
            return Err(DecodeError::TooLarge(format!("{width}×{height} pixels")));
        }
        if pixels == 0 {
            return Err(DecodeError::Damaged("it has no pixels".into()));
        }
        Ok(())
    }
}

/// Why a file is no usable picture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// The content is none of JPEG, PNG, WebP, GIF, BMP, TIFF.
    #[error("not a picture in a known format (JPEG, PNG, WebP, GIF, BMP, TIFF)")]
    Unknown,
    /// The file ends before the picture does.
    #[error("the file is cut off")]
    Truncated,
    /// Width, height or file size is beyond the limits.
    #[error("too large: {0}")]
    TooLarge(String),
    /// The content is damaged or uses a variant that is not supported.
    #[error("damaged or not supported: {0}")]
    Damaged(String),
}

/// Reads a file, at most as much as the limits allow.
pub(crate) fn read(path: &Path, limits: &DecodeLimits) -> Result<Vec<u8>, DecodeError> {
    // Asked before opening: to open a pipe is to wait for its other end.
    if !std::fs::metadata(path)?.is_file() {
        return Err(DecodeError::Read(std::io::Error::other(
            "not a regular file",
        )));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(limits.file + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

pub(super) fn decode(
    bytes: &[u8],
    limits: &DecodeLimits,
    longer: Option<u16>,
) -> Result<Frame<'static>, DecodeError> {
    // A decoder that panics on a damaged file must not take the other pictures along.
    catch_unwind(|| decode_unguarded(bytes, limits, longer))
        .unwrap_or_else(|_| Err(DecodeError::Damaged("the decoder gave up".into())))
}

fn decode_unguarded(
    bytes: &[u8],
    limits: &DecodeLimits,
    longer: Option<u16>,
) -> Result<Frame<'static>, DecodeError> {
    if bytes.is_empty() {
        return Err(DecodeError::Empty);
    }
    if bytes.len() as u64 > limits.file {
        return Err(DecodeError::TooLarge(format!(
            "more than {} MB",
            limits.file >> 20
        )));
    }
    let format = image::guess_format(bytes).map_err(|_| DecodeError::Unknown)?;
    if format == ImageFormat::Jpeg {
        return jpeg::decode(bytes, limits, longer);
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut bounds = Limits::default();
    bounds.max_alloc = Some(limits.memory);
    reader.limits(bounds);
    let mut decoder = reader.into_decoder().map_err(explain)?;
    let (width, height) = decoder.dimensions();
    limits.check(width, height)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(explain)?;
    picture.apply_orientation(orientation);
    Ok(flattened(picture))
}

pub(super) fn flattened(picture: DynamicImage) -> Frame<'static> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    if !picture.color().has_alpha() {
        return Frame::from_owned(width, height, picture.into_rgb8().into_raw());
    }
    let rgba = picture.into_rgba8();
    let pixels = rgba
        .pixels()
        .flat_map(|p| flatten([p[0], p[1], p[2]], p[3]))
        .collect();
    Frame::from_owned(width, height, pixels)
}

/// Sorts the decoder's errors into ours.
pub(crate) fn explain(error: image::ImageError) -> DecodeError {
    use std::io::ErrorKind::UnexpectedEof;
    match error {
        image::ImageError::Limits(_) => DecodeError::TooLarge("more memory than allowed".into()),
        image::ImageError::IoError(e) if e.kind() == UnexpectedEof => DecodeError::Truncated,
        image::ImageError::Unsupported(e)
            if matches!(e.kind(), image::error::UnsupportedErrorKind::Format(_)) =>
        {
            DecodeError::Unknown
        }
        other => DecodeError::Damaged(other.to_string()),
    }
}
