//! Reduced pictures: for the grid of the page as JPEG, for chat as PNG.

use crate::config::Limits;
use crate::content::Content;
use crate::problem::Problem;
use image::{ImageReader, RgbImage};
use moue::Frame;
use moue::cancel::CancelToken;
use moue::frame::DecodeOptions;
use std::io::Cursor;

/// Pixels along the longer side of a still, as Tenor's large ones have.
const LONGER_SIDE: u32 = 498;

/// Pixels along the longer side of a picture in the page's grid.
const PREVIEW_SIDE: u32 = 320;

/// Of 100; above it files grow faster than pictures improve.
const JPEG_QUALITY: u8 = 82;

/// Width and height of a picture; of what is none, a video, those of a preview.
///
/// # Errors
/// [`Problem`] if it cannot be read.
pub(crate) fn dims(bytes: &[u8]) -> Result<[u32; 2], Problem> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let reader = reader.map_err(|error| Problem::internal(&error))?;
    // JPEG is decoded by another crate, so its header is read here.
    let size = match jpeg_size(bytes) {
        Some(size) => size,
        None => reader
            .into_dimensions()
            .map_or([LONGER_SIDE; 2], Into::into),
    };
    Ok(size)
}

/// The size in the frame header of a JPEG.
fn jpeg_size(bytes: &[u8]) -> Option<[u32; 2]> {
    let mut rest = bytes.strip_prefix(b"\xFF\xD8")?;
    loop {
        let [0xFF, marker, high, low, tail @ ..] = rest else {
            return None;
        };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        // Frame headers, all but those of tables that share their range.
        if (0xC0..=0xCF).contains(marker) && ![0xC4, 0xC8, 0xCC].contains(marker) {
            let [_, h1, h2, w1, w2, ..] = tail else {
                return None;
            };
            let side = |bytes| u32::from(u16::from_be_bytes(bytes));
            return Some([side([*w1, *w2]), side([*h1, *h2])]);
        }
        rest = tail.get(length.checked_sub(2)?..)?;
    }
}

/// The size that [`png`] gives a picture.
pub(crate) fn reduced(dims: [u32; 2]) -> [u32; 2] {
    within(dims, LONGER_SIDE)
}

fn within(dims: [u32; 2], side: u32) -> [u32; 2] {
    let longer = dims[0].max(dims[1]).max(1);
    let scaled = |length: u32| {
        let reduced = u64::from(length) * u64::from(side.min(longer)) / u64::from(longer);
        (reduced as u32).max(1)
    };
    dims.map(scaled)
}

/// A picture whose longer side has at most so many pixels.
fn small(
    bytes: &[u8],
    side: u32,
    limits: &Limits,
    cancel: &CancelToken,
) -> Result<RgbImage, Problem> {
    let options = DecodeOptions {
        min_longer_side: Some(side as u16),
        ..limits.decoding(cancel)
    };
    let frame = Frame::decode_with(bytes, &options)?;
    let dims = [frame.width() as u32, frame.height() as u32];
    let image = RgbImage::from_raw(dims[0], dims[1], frame.pixels().to_vec());
    let image = image.ok_or_else(|| Problem::internal(&"a picture has other pixels"))?;
    let to = within(dims, side);
    // Averages what falls together; the resampling filters of `image` take ten times as long.
    Ok(image::imageops::thumbnail(&image, to[0], to[1]))
}

/// A picture as a PNG that fits into a chat.
///
/// # Errors
/// [`Problem`] if it cannot be decoded.
pub(crate) fn png(bytes: &[u8], limits: &Limits, cancel: &CancelToken) -> Result<Content, Problem> {
    let image = small(bytes, LONGER_SIDE, limits, cancel)?;
    let mut bytes = Cursor::new(Vec::new());
    let written = image.write_to(&mut bytes, image::ImageFormat::Png);
    written.map_err(|error| Problem::internal(&error))?;
    Ok(Content {
        bytes: bytes.into_inner(),
        media: "image/png",
    })
}

/// A picture as a small JPEG.
///
/// # Errors
/// [`Problem`] if it cannot be decoded.
pub(crate) fn preview(
    bytes: &[u8],
    limits: &Limits,
    cancel: &CancelToken,
) -> Result<Content, Problem> {
    let image = small(bytes, PREVIEW_SIDE, limits, cancel)?;
    let mut bytes = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut bytes, JPEG_QUALITY);
    // Its sides are at most 320.
    let size = [image.width() as u16, image.height() as u16];
    let written = encoder.encode(&image, size[0], size[1], jpeg_encoder::ColorType::Rgb);
    written.map_err(|error| Problem::internal(&error))?;
    let media = "image/jpeg";
    Ok(Content { bytes, media })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_from_headers_and_reduced_in_proportion() {
        let mut jpeg = b"\xFF\xD8\xFF\xE0\0\x04ab\xFF\xC0\0\x0B\x08\x01\x02\x03\x04".to_vec();
        assert_eq!(dims(&jpeg).unwrap(), [0x304, 0x102]);
        jpeg.truncate(8);
        assert_eq!(jpeg_size(&jpeg), None);
        assert_eq!(reduced([4000, 3000]), [498, 373]);
        assert_eq!(reduced([10, 20]), [10, 20]);
        assert_eq!(reduced([100_000, 1]), [498, 1]);
    }
}
