//! JPEG files. `jpeg-decoder` scales up the colors as OpenCV's decoder does, to within a few
//! gray levels, which the small faces of the reference need.

use super::Frame;
use super::decode::{DecodeError, DecodeLimits, flattened};
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};
use jpeg_decoder::{Decoder, Error, PixelFormat};

/// Decodes a whole JPEG file and turns it upright. With `longer` the decoder may halve the picture
/// up to three times as long as its longer side keeps so many pixels.
pub(super) fn decode(
    bytes: &[u8],
    limits: &DecodeLimits,
    longer: Option<u16>,
) -> Result<Frame<'static>, DecodeError> {
    // Decoders fill the missing rest of a file that is cut off with gray.
    if !is_complete(bytes) {
        return Err(DecodeError::Truncated);
    }
    let mut decoder = Decoder::new(bytes);
    decoder.set_max_decoding_buffer_size(usize::try_from(limits.memory).unwrap_or(usize::MAX));
    decoder.read_info().map_err(explain)?;
    let (width, height) = decoder
        .info()
        .map_or((0, 0), |i| (u32::from(i.width), u32::from(i.height)));
    limits.check(width, height)?;
    let (width, height) = match longer {
        Some(longer) => scaled(&mut decoder, width.max(height), longer)?,
        None => (width, height),
    };
    let samples = decoder.decode().map_err(explain)?;
    let orientation = decoder.exif_data().and_then(Orientation::from_exif_chunk);
    let format = decoder.info().map(|info| info.pixel_format);
    let picture = match format {
        Some(PixelFormat::RGB24) => {
            RgbImage::from_raw(width, height, samples).map(DynamicImage::from)
        }
        Some(PixelFormat::L8) => {
            GrayImage::from_raw(width, height, samples).map(DynamicImage::from)
        }
        Some(PixelFormat::CMYK32) => {
            RgbImage::from_raw(width, height, from_cmyk(&samples)).map(DynamicImage::from)
        }
        other => return Err(DecodeError::Damaged(format!("pixels in format {other:?}"))),
    };
    let mut picture = picture.ok_or_else(|| DecodeError::Damaged("too few pixels".into()))?;
    picture.apply_orientation(orientation.unwrap_or(Orientation::NoTransforms));
    Ok(flattened(picture))
}

/// Has the decoder give the smallest of its sizes that keeps `longer` pixels along a side that has
/// `side`.
fn scaled(decoder: &mut Decoder<&[u8]>, side: u32, longer: u16) -> Result<(u32, u32), DecodeError> {
    let info = decoder
        .info()
        .ok_or_else(|| DecodeError::Damaged("no header".into()))?;
    let part = |pixels: u16| {
        (u32::from(pixels) * u32::from(longer))
            .div_ceil(side.max(1))
            .clamp(1, 65_535) as u16
    };
    let (width, height) = match side > u32::from(longer) {
        true => decoder
            .scale(part(info.width), part(info.height))
            .map_err(explain)?,
        false => (info.width, info.height),
    };
    Ok((u32::from(width), u32::from(height)))
}

/// Adobe stores CMYK inverted, which the decoder keeps: 255 is no ink.
fn from_cmyk(samples: &[u8]) -> Vec<u8> {
    let mix = |ink: u8, black: u8| (u16::from(ink) * u16::from(black) / 255) as u8;
    samples
        .as_chunks::<4>()
        .0
        .iter()
        .flat_map(|[c, m, y, k]| [mix(*c, *k), mix(*m, *k), mix(*y, *k)])
        .collect()
}

fn explain(error: Error) -> DecodeError {
    match error {
        Error::Io(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => DecodeError::Truncated,
        other => DecodeError::Damaged(other.to_string()),
    }
}

/// Walks the markers of ITU-T T.81, annex B, up to the end-of-image marker.
pub(super) fn is_complete(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some(next) = marker(bytes, at) {
        match bytes[next] {
            0xD9 => return true,
            // Restart markers and escaped bytes belong to the scan, stand-alone ones have no
            // length.
            0x00 | 0x01 | 0xD0..=0xD8 => at = next + 1,
            _ => match bytes.get(next + 1..next + 3) {
                Some(&[high, low]) => {
                    at = next + 1 + usize::from(u16::from_be_bytes([high, low])).max(2)
                }
                _ => return false,
            },
        }
    }
    false
}

/// The position of the code of the next marker from `at` on: the first byte other than 0xFF after a
/// 0xFF.
fn marker(bytes: &[u8], at: usize) -> Option<usize> {
    let start = at + bytes.get(at..)?.iter().position(|b| *b == 0xFF)?;
    Some(start + bytes[start..].iter().position(|b| *b != 0xFF)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_an_embedded_thumbnail_is_not_the_end() {
        let thumbnail = [0xFF, 0xD8, 0xFF, 0xD9];
        let mut file = vec![0xFF, 0xD8, 0xFF, 0xE1, 0, 6];
        file.extend(thumbnail);
        file.extend([0xFF, 0xDA, 0, 2, 1, 2, 0xFF, 0x00, 3]);
        assert!(!is_complete(&file));
        file.extend([0xFF, 0xD9, 9, 9]);
        assert!(is_complete(&file), "bytes after the end do no harm");
        for cut in 0..file.len() - 2 {
            assert!(!is_complete(&file[..cut]), "{cut}");
        }
    }
}
