//! JPEG files. `zune-jpeg` decodes the usual ones at full size, `jpeg-decoder` those that are scaled down,
//! of inks or damaged. Both scale up the colors as OpenCV's decoder does, to within a few gray levels,
//! which the small faces of the reference need.

use super::buffer::Frame;
use super::convert::{in_place, into_rgb};
use super::exif;
use super::jpeg_fast;
use super::jpeg_header::{Header, Process};
use super::limits::{DecodeError, DecodeLimit, DecodeOptions};
use super::turn::{needs_copy, turned};
use image::ColorType;
use image::metadata::Orientation;
use jpeg_decoder::{Decoder, Error, PixelFormat};

/// How many times smaller the decoder can make a picture.
const SCALES: [u64; 4] = [1, 2, 4, 8];

/// The marker at the end of a file.
const END_OF_IMAGE: [u8; 2] = [0xFF, 0xD9];

/// Decodes a whole JPEG file and turns it upright. With
/// [`min_longer_side`](DecodeOptions::min_longer_side) the decoder may halve the picture up to
/// three times. It also does so where the picture at full size needs more memory than is allowed.
pub(super) fn decode(bytes: &[u8], options: &DecodeOptions) -> Result<Frame<'static>, DecodeError> {
    match Header::read(bytes) {
        Some(header) => decode_ended(bytes, &header, options),
        None => decode_without_end(bytes, options),
    }
}

/// Decodes a file whose last bytes are missing, if they are only the marker of the end, as other programs
/// do. Then the picture does not depend on what follows.
fn decode_without_end(
    bytes: &[u8],
    options: &DecodeOptions,
) -> Result<Frame<'static>, DecodeError> {
    // Both pictures are kept for a while.
    let half_each = DecodeOptions {
        max_memory: options.max_memory / 2,
        ..options.clone()
    };
    let bytes = bytes.strip_suffix(&[0xFF]).unwrap_or(bytes);
    let followed_by = |more: &[u8]| {
        let ended = [bytes, more, &END_OF_IMAGE].concat();
        decode_ended(&ended, &Header::read(&ended)?, &half_each).ok()
    };
    let frame = followed_by(&[]).ok_or(DecodeError::Truncated)?;
    // Enough coefficients for the last blocks to differ, whatever the codes are.
    if followed_by(&[0xAA; 64]).is_some_and(|other| other == frame) {
        Ok(frame)
    } else {
        Err(DecodeError::Truncated)
    }
}

/// Decodes a file that has its end: decoders fill the missing rest of one that is cut off with gray.
fn decode_ended(
    bytes: &[u8],
    header: &Header,
    options: &DecodeOptions,
) -> Result<Frame<'static>, DecodeError> {
    // Each scan passes over all coefficients, however few bytes it has, and the decoder cannot be
    // interrupted.
    DecodeLimit::Scans.check(header.scans, options.max_scans)?;
    options.check_size(u32::from(header.width), u32::from(header.height))?;
    require_supported(header)?;
    let mut decoder = Decoder::new(bytes);
    decoder.read_info().map_err(explain)?;
    let info = decoder.info();
    if info.map(|info| (info.width, info.height)) != Some((header.width, header.height)) {
        return Err(DecodeError::Damaged("it has two headers".into()));
    }
    let orientation = decoder.exif_data().and_then(exif::orientation);
    let scale = scale(header, orientation, options)?;
    if scale == 1
        && let Some((pixels, orientation)) = jpeg_fast::decode(bytes, header, options)
    {
        let [width, height] = [header.width, header.height].map(usize::from);
        return turned(pixels, width, height, orientation);
    }
    let part = |side: u16| u64::from(side).div_ceil(scale) as u16;
    let (width, height) = decoder
        .scale(part(header.width), part(header.height))
        .map_err(explain)?;
    let samples = decoder.decode().map_err(explain)?;
    let format = info.map(|info| info.pixel_format);
    // The EXIF data may stand behind the header.
    let orientation = decoder.exif_data().and_then(exif::orientation);
    // A progressive picture's coefficients are not needed any more.
    drop(decoder);
    let pixels = rgb(format, samples)?;
    turned(pixels, usize::from(width), usize::from(height), orientation)
}

/// Names the processes that the decoder does not know or gets wrong: of lossless files it returns
/// two bytes a sample.
fn require_supported(header: &Header) -> Result<(), DecodeError> {
    let refused = |what: &str| Err(DecodeError::Unsupported(format!("a JPEG {what}")));
    match header.process {
        Process::Lossless => refused("of the lossless process, which few programs read"),
        Process::Hierarchical => refused("of the hierarchical process, which few programs read"),
        Process::Arithmetic => refused(
            "with arithmetic coding; djpeg and cjpeg of libjpeg-turbo make a usual one of it",
        ),
        Process::Sequential | Process::Progressive if !matches!(header.components, 1 | 3 | 4) => {
            refused(&format!("of {} components", header.components))
        }
        Process::Sequential | Process::Progressive if header.precision != 8 => {
            refused(&format!("of {} bits a sample", header.precision))
        }
        Process::Sequential | Process::Progressive => Ok(()),
    }
}

/// How many times smaller to decode.
fn scale(
    header: &Header,
    orientation: Option<Orientation>,
    options: &DecodeOptions,
) -> Result<u64, DecodeError> {
    let longer = u64::from(header.width.max(header.height));
    let keeps = options.min_longer_side.map_or(u64::MAX, u64::from);
    let wanted = SCALES
        .iter()
        .rev()
        .find(|scale| longer >= keeps.saturating_mul(**scale));
    let wanted = wanted.copied().unwrap_or(1);
    let memory = |scale: u64| memory(header, scale, orientation);
    let fits = |scale: &&u64| **scale >= wanted && memory(**scale) <= options.max_memory;
    match SCALES.iter().find(fits) {
        Some(scale) => Ok(*scale),
        None => {
            DecodeLimit::Memory.check(memory(8), options.max_memory)?;
            Ok(8)
        }
    }
}

/// Bytes that decoding takes at most: the coefficients of a progressive picture, of two bytes and
/// always at full size; a plane for each component; the picture, and a copy if it is turned.
fn memory(header: &Header, scale: u64, orientation: Option<Orientation>) -> u64 {
    let area = scale * scale;
    let coefficients = match header.process {
        Process::Progressive => 2 * header.samples,
        _ => 0,
    };
    let picture = header.pixels() * header.components as u64 / area;
    let turned = if needs_copy(orientation) {
        2 * 3 * header.pixels() / area
    } else {
        0
    };
    (coefficients + header.samples / area + picture).max(turned)
}

/// The decoder's samples as RGB.
fn rgb(format: Option<PixelFormat>, samples: Vec<u8>) -> Result<Vec<u8>, DecodeError> {
    match format {
        Some(PixelFormat::RGB24) => Ok(samples),
        Some(PixelFormat::L8) => into_rgb(samples, ColorType::L8),
        Some(PixelFormat::CMYK32) => Ok(in_place(samples, from_cmyk)),
        other => Err(DecodeError::Unsupported(format!(
            "JPEG pixels as {other:?}"
        ))),
    }
}

/// Printing inks as light. Files store them inverted, as Adobe's programs began to do and all others
/// take for granted; the decoder has inverted them again, so that 255 is full ink here.
fn from_cmyk([c, m, y, k]: [u8; 4]) -> [u8; 3] {
    let light = u16::from(255 - k);
    [c, m, y].map(|ink| ((u16::from(255 - ink) * light + 127) / 255) as u8)
}

fn explain(error: Error) -> DecodeError {
    match error {
        Error::Io(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => DecodeError::Truncated,
        Error::Unsupported(what) => DecodeError::Unsupported(format!("a JPEG with {what:?}")),
        other => DecodeError::Damaged(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inks_darken() {
        assert_eq!(from_cmyk([0, 0, 0, 0]), [255; 3], "paper");
        assert_eq!(from_cmyk([0, 0, 0, 255]), [0; 3], "black");
        assert_eq!(from_cmyk([255, 0, 0, 0]), [0, 255, 255], "cyan");
        assert_eq!(from_cmyk([0, 128, 255, 55]), [200, 100, 0]);
    }

    fn header(process: Process, side: u16) -> Header {
        let pixels = u64::from(side) * u64::from(side);
        Header {
            process,
            precision: 8,
            width: side,
            height: side,
            components: 3,
            samples: 3 * pixels,
            scans: 1,
            late_segments: 0,
        }
    }

    #[test]
    fn a_picture_is_made_smaller_until_it_fits() {
        let with = |max_memory, min_longer_side| DecodeOptions {
            max_memory,
            min_longer_side,
            ..DecodeOptions::default()
        };
        let of =
            |process, options: DecodeOptions| scale(&header(process, 1000), None, &options).ok();
        let sequential = Process::Sequential;
        assert_eq!(of(sequential, with(6_000_000, None)), Some(1));
        assert_eq!(of(sequential, with(5_999_999, None)), Some(2));
        assert_eq!(of(sequential, with(6_000_000, Some(250))), Some(4));
        assert_eq!(of(sequential, with(6_000_000, Some(251))), Some(2));
        assert_eq!(of(sequential, with(1_000_000, Some(900))), Some(4));
        assert_eq!(of(sequential, with(90_000, None)), None);
        // Coefficients are as many at every scale.
        assert_eq!(of(Process::Progressive, with(12_000_000, None)), Some(1));
        assert_eq!(of(Process::Progressive, with(6_000_000, None)), None);
    }
}
