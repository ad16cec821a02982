//! Decoded pixels as an upright frame.

use super::buffer::Frame;
use super::limits::DecodeError;
use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};

/// Whether turning a picture upright takes a copy of it.
pub(super) fn needs_copy(orientation: Option<Orientation>) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(
        orientation,
        Some(Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
    )
}

/// RGB rows without gaps as a frame, turned upright.
///
/// # Errors
/// [`DecodeError::Damaged`] unless there are exactly as many bytes as pixels need: what a decoder
/// returns is not taken on trust, as all later work relies on the size.
pub(super) fn turned(
    pixels: Vec<u8>,
    width: usize,
    height: usize,
    orientation: Option<Orientation>,
) -> Result<Frame<'static>, DecodeError> {
    let damaged = |error: super::RawError| DecodeError::Damaged(error.to_string());
    let frame = Frame::from_pixels(pixels, width, height).map_err(damaged)?;
    let orientation = orientation.unwrap_or(Orientation::NoTransforms);
    if orientation == Orientation::NoTransforms {
        return Ok(frame);
    }
    let size = [frame.width(), frame.height()].map(|side| side as u32);
    let picture = RgbImage::from_raw(size[0], size[1], frame.into_pixels());
    let missing = || DecodeError::Damaged("too few pixels".into());
    let mut picture = DynamicImage::from(picture.ok_or_else(missing)?);
    picture.apply_orientation(orientation);
    let [width, height] = [picture.width() as usize, picture.height() as usize];
    Frame::from_pixels(picture.into_rgb8().into_raw(), width, height).map_err(damaged)
}
