//! The TIFF files that `image` refuses and scanners write: YCbCr, as JPEG in TIFF has it, and
//! palettes. All others are left to `image`.

use super::buffer::Frame;
use super::limits::{DecodeError, DecodeLimit, DecodeOptions};
use super::turn::turned;
use image::metadata::Orientation;
use std::io::Cursor;
use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;

/// Values of the tag PhotometricInterpretation (TIFF 6.0, section 8).
const BLACK_IS_ZERO: u16 = 1;
const PALETTE: u32 = 3;
const YCBCR: u32 = 6;

const PHOTOMETRIC: u16 = 262;

/// Decodes a file of YCbCr or with a palette; `None` for any other.
pub(super) fn decode(
    bytes: &[u8],
    options: &DecodeOptions,
) -> Result<Option<Frame<'static>>, DecodeError> {
    let Ok(mut decoder) = open(bytes, options) else {
        // `image` has a better word for what is wrong.
        return Ok(None);
    };
    match decoder.find_tag_unsigned::<u32>(Tag::PhotometricInterpretation) {
        Ok(Some(YCBCR)) => ycbcr(&mut decoder, options).map(Some),
        Ok(Some(PALETTE)) => {
            // The decoder has no palettes, but gray levels are stored as their indices are.
            let gray = as_gray(bytes).ok_or_else(|| unsupported("a palette in a BigTIFF"))?;
            palette(&mut open(&gray, options)?, options).map(Some)
        }
        _ => Ok(None),
    }
}

type File<'a> = Decoder<Cursor<&'a [u8]>>;

fn open<'a>(bytes: &'a [u8], options: &DecodeOptions) -> Result<File<'a>, DecodeError> {
    let mut limits = Limits::default();
    let memory = usize::try_from(options.max_memory).unwrap_or(usize::MAX);
    limits.decoding_buffer_size = memory;
    limits.intermediate_buffer_size = memory;
    Ok(Decoder::new(Cursor::new(bytes))
        .map_err(explain)?
        .with_limits(limits))
}

/// Width and height, within the limits.
fn size(decoder: &mut File<'_>, options: &DecodeOptions) -> Result<[usize; 2], DecodeError> {
    let (width, height) = decoder.dimensions().map_err(explain)?;
    options.check_size(width, height)?;
    // The samples and the picture made of them, or the picture and a turned copy.
    let needed = u64::from(width) * u64::from(height) * 6;
    DecodeLimit::Memory.check(needed, options.max_memory)?;
    Ok([width as usize, height as usize])
}

fn finish(
    decoder: &mut File<'_>,
    pixels: Vec<u8>,
    [width, height]: [usize; 2],
) -> Result<Frame<'static>, DecodeError> {
    let stated = decoder.find_tag_unsigned::<u8>(Tag::Orientation);
    let orientation = stated.ok().flatten().and_then(Orientation::from_exif);
    turned(pixels, width, height, orientation)
}

fn samples(decoder: &mut File<'_>) -> Result<Vec<u8>, DecodeError> {
    match decoder.read_image().map_err(explain)? {
        DecodingResult::U8(samples) => Ok(samples),
        _ => Err(unsupported("samples of more than 8 bits")),
    }
}

fn ycbcr(decoder: &mut File<'_>, options: &DecodeOptions) -> Result<Frame<'static>, DecodeError> {
    let size = size(decoder, options)?;
    match decoder.colortype().map_err(explain)? {
        ColorType::YCbCr(8) => {}
        other => return Err(unsupported(&format!("YCbCr as {other:?}"))),
    }
    let mut pixels = samples(decoder)?;
    for pixel in pixels.as_chunks_mut::<3>().0 {
        *pixel = rgb(*pixel);
    }
    finish(decoder, pixels, size)
}

/// ITU-R BT.601 with all levels used, as JFIF has it; TIFF's defaults are the same.
fn rgb([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let y = f32::from(y);
    let cb = f32::from(cb) - 128.0;
    let cr = f32::from(cr) - 128.0;
    [
        y + 1.402 * cr,
        y - 0.344_136 * cb - 0.714_136 * cr,
        y + 1.772 * cb,
    ]
    .map(|level| level.round() as u8)
}

/// The file with its palette's indices declared as gray levels; `None` if it has no such tag where
/// a classic TIFF has it.
fn as_gray(bytes: &[u8]) -> Option<Vec<u8>> {
    let is_little = bytes.starts_with(b"II*\0");
    let order = |value: u16| {
        if is_little {
            value.to_le_bytes()
        } else {
            value.to_be_bytes()
        }
    };
    let offset = *bytes.get(4..)?.first_chunk()?;
    let directory = if is_little {
        u32::from_le_bytes(offset)
    } else {
        u32::from_be_bytes(offset)
    } as usize;
    let mut entries = bytes.get(directory.checked_add(2)?..)?.chunks_exact(12);
    let index = entries.position(|entry| entry[..2] == order(PHOTOMETRIC))?;
    let value = directory + 2 + 12 * index + 8;
    let mut gray = bytes.to_vec();
    gray[value..value + 2].copy_from_slice(&order(BLACK_IS_ZERO));
    Some(gray)
}

fn palette(decoder: &mut File<'_>, options: &DecodeOptions) -> Result<Frame<'static>, DecodeError> {
    let size = size(decoder, options)?;
    let bits = match decoder.colortype().map_err(explain)? {
        ColorType::Gray(bits @ (1 | 2 | 4 | 8)) => bits,
        other => return Err(unsupported(&format!("a palette as {other:?}"))),
    };
    let colors = decoder.get_tag_u16_vec(Tag::ColorMap).map_err(explain)?;
    let colors = color_table(&colors, bits)?;
    let indices = samples(decoder)?;
    let [width, height] = size;
    // Rows of less than 8 bits a pixel begin at whole bytes.
    let row = (width * usize::from(bits)).div_ceil(8);
    if indices.len() < row * height {
        return Err(DecodeError::Truncated);
    }
    let mut pixels = Vec::with_capacity(width * height * 3);
    for line in indices.chunks_exact(row).take(height) {
        pixels.extend((0..width).flat_map(|x| colors[index(line, x, bits)]));
    }
    finish(decoder, pixels, size)
}

/// The index of a pixel in a row of packed indices, the first in the highest bits.
fn index(line: &[u8], x: usize, bits: u8) -> usize {
    let per_byte = 8 / usize::from(bits);
    let shift = 8 - usize::from(bits) * (x % per_byte + 1);
    let mask = ((1_u16 << bits) - 1) as u8;
    usize::from(line[x / per_byte] >> shift & mask)
}

/// The tag ColorMap as colors: all reds, all greens, all blues, of 16 bits each. Programs that
/// write 8 bits there are known by having no larger value (as libtiff does it).
fn color_table(map: &[u16], bits: u8) -> Result<Vec<[u8; 3]>, DecodeError> {
    let count = 1 << bits;
    if map.len() < 3 * count {
        return Err(DecodeError::Damaged("its palette is too short".into()));
    }
    let shift = if map.iter().all(|v| *v < 256) { 0 } else { 8 };
    let level = |i: usize| (map[i] >> shift) as u8;
    let colors = (0..count).map(|i| [level(i), level(count + i), level(2 * count + i)]);
    Ok(colors.collect())
}

fn unsupported(what: &str) -> DecodeError {
    DecodeError::Unsupported(format!("a TIFF with {what}"))
}

fn explain(error: tiff::TiffError) -> DecodeError {
    match error {
        tiff::TiffError::UnsupportedError(what) => {
            DecodeError::Unsupported(format!("TIFF: {what}"))
        }
        tiff::TiffError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            DecodeError::Truncated
        }
        other => DecodeError::Damaged(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_are_unpacked_from_the_highest_bits() {
        let line = [0b1011_0001, 0b1000_0000];
        let unpacked = |bits, count| {
            let indices = (0..count).map(|x| index(&line, x, bits));
            indices.collect::<Vec<_>>()
        };
        assert_eq!(unpacked(1, 9), [1, 0, 1, 1, 0, 0, 0, 1, 1]);
        assert_eq!(unpacked(2, 5), [2, 3, 0, 1, 2]);
        assert_eq!(unpacked(4, 3), [11, 1, 8]);
        assert_eq!(unpacked(8, 2), [0xB1, 0x80]);
    }

    #[test]
    fn palettes_have_16_or_8_bits() {
        let wide = [0, 0xFFFF, 0, 0x8000, 0, 0x00FF];
        assert_eq!(color_table(&wide, 1).unwrap(), [[0, 0, 0], [255, 128, 0]]);
        let narrow = [0, 255, 0, 128, 0, 1];
        assert_eq!(color_table(&narrow, 1).unwrap(), [[0, 0, 0], [255, 128, 1]]);
        assert!(color_table(&narrow[1..], 1).is_err());
    }

    #[test]
    fn gray_has_no_color() {
        assert_eq!(rgb([200, 128, 128]), [200; 3]);
        assert_eq!(rgb([76, 85, 255]), [254, 0, 0]);
    }
}
