//! JPEG files. `jpeg-decoder` scales up the colors as OpenCV's decoder does, to within a few
//! gray levels, which the small faces of the reference need.

use super::limits::{DecodeError, DecodeLimit, DecodeOptions};
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};
use jpeg_decoder::{Decoder, Error, PixelFormat};

/// Decodes a whole JPEG file and turns it upright. With
/// [`min_longer_side`](DecodeOptions::min_longer_side) the decoder may halve the picture up to
/// three times.
pub(super) fn decode(bytes: &[u8], options: &DecodeOptions) -> Result<DynamicImage, DecodeError> {
    // Decoders fill the missing rest of a file that is cut off with gray.
    let scans = count_scans(bytes).ok_or(DecodeError::Truncated)?;
    // Each scan passes over all coefficients, however few bytes it has, and the decoder cannot be
    // interrupted.
    DecodeLimit::Scans.check(scans, options.max_scans)?;
    let mut decoder = Decoder::new(bytes);
    let memory = usize::try_from(options.max_memory).unwrap_or(usize::MAX);
    decoder.set_max_decoding_buffer_size(memory);
    decoder.read_info().map_err(explain)?;
    let (width, height) = header_size(&decoder)?;
    options.check_size(u32::from(width), u32::from(height))?;
    let (width, height) = match options.min_longer_side {
        Some(longer) => scaled(&mut decoder, width, height, longer)?,
        None => (width, height),
    };
    let samples = decoder.decode().map_err(explain)?;
    let orientation = decoder.exif_data().and_then(Orientation::from_exif_chunk);
    let format = decoder.info().map(|info| info.pixel_format);
    let mut picture = picture(format, u32::from(width), u32::from(height), samples)?;
    picture.apply_orientation(orientation.unwrap_or(Orientation::NoTransforms));
    Ok(picture)
}

/// Width and height of the picture, known once the header was read.
fn header_size(decoder: &Decoder<&[u8]>) -> Result<(u16, u16), DecodeError> {
    decoder
        .info()
        .map(|info| (info.width, info.height))
        .ok_or_else(|| DecodeError::Damaged("no header".into()))
}

/// The decoder's samples as a picture.
fn picture(
    format: Option<PixelFormat>,
    width: u32,
    height: u32,
    samples: Vec<u8>,
) -> Result<DynamicImage, DecodeError> {
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
    picture.ok_or_else(|| DecodeError::Damaged("too few pixels".into()))
}

/// Makes the decoder return the smallest of its sizes whose longer side keeps `longer` pixels.
fn scaled(
    decoder: &mut Decoder<&[u8]>,
    width: u16,
    height: u16,
    longer: u16,
) -> Result<(u16, u16), DecodeError> {
    let side = width.max(height);
    if side <= longer {
        return Ok((width, height));
    }
    // The decoder takes the smallest size that is no smaller than the requested one.
    let part = |pixels: u16| {
        (u32::from(pixels) * u32::from(longer))
            .div_ceil(u32::from(side))
            .clamp(1, 65_535) as u16
    };
    decoder.scale(part(width), part(height)).map_err(explain)
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

/// Walks the markers of ITU-T T.81, annex B, up to the end of the image, and counts its scans;
/// `None` if the file ends before.
fn count_scans(bytes: &[u8]) -> Option<u64> {
    const END_OF_IMAGE: u8 = 0xD9;
    const START_OF_SCAN: u8 = 0xDA;
    let mut scans = 0;
    let mut at = 2;
    while let Some(next) = marker(bytes, at) {
        match bytes[next] {
            END_OF_IMAGE => return Some(scans),
            // Restart markers and escaped bytes belong to the scan, standalone markers have no
            // length.
            0x00 | 0x01 | 0xD0..=0xD8 => at = next + 1,
            code => {
                scans += u64::from(code == START_OF_SCAN);
                let length = bytes.get(next + 1..)?.first_chunk()?;
                // The length counts its own two bytes; less would walk in circles.
                at = next + 1 + usize::from(u16::from_be_bytes(*length)).max(2);
            }
        }
    }
    None
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
        assert_eq!(count_scans(&file), None);
        file.extend([0xFF, 0xD9, 9, 9]);
        assert_eq!(
            count_scans(&file),
            Some(1),
            "bytes after the end do no harm"
        );
        for cut in 0..file.len() - 2 {
            assert_eq!(count_scans(&file[..cut]), None, "{cut}");
        }
    }
}
