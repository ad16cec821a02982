//! JPEG files at full size, by `zune-jpeg`: it takes half the time of `jpeg-decoder`, and their colors
//! differ by 0.1 of 255 on average. It has no smaller sizes and no inks.

use super::exif;
use super::jpeg_header::{Header, Process};
use super::limits::DecodeOptions;
use image::metadata::Orientation;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// The pixels of a file as RGB, and its orientation, if that is known; `None` of what the other decoder
/// should decide about: damaged and unusual files. Limits were checked before.
pub(super) fn decode(
    bytes: &[u8],
    header: &Header,
    options: &DecodeOptions,
) -> Option<(Vec<u8>, Option<Orientation>)> {
    // It keeps the coefficients of several sequential scans, which the limit of memory does not count,
    // and accepts a scan that another segment ends too early.
    if header.process == Process::Sequential && header.late_segments > 0 {
        return None;
    }
    let side = |side: u16| usize::from(side);
    let strict = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(side(header.width))
        .set_max_height(side(header.height))
        .jpeg_set_max_scans(options.max_scans.try_into().unwrap_or(usize::MAX))
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), strict);
    decoder.decode_headers().ok()?;
    // It takes RGB that Adobe's programs wrote for inks.
    let is_usual = matches!(
        decoder.input_colorspace()?,
        ColorSpace::YCbCr | ColorSpace::Luma
    );
    let is_same = decoder.dimensions()? == (side(header.width), side(header.height));
    if !is_usual || !is_same {
        return None;
    }
    let pixels = decoder.decode().ok()?;
    let orientation = decoder.exif().and_then(|data| exif::orientation(data));
    Some((pixels, orientation))
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

    const SIDES: [u16; 2] = [83, 61];

    /// A picture with slopes and an edge, `components` bytes a pixel.
    fn encoded(
        color: ColorType,
        components: usize,
        how: impl Fn(&mut Encoder<&mut Vec<u8>>),
    ) -> Vec<u8> {
        let [width, height] = SIDES.map(usize::from);
        let value = |i: usize| {
            let [x, y] = [i / components % width, i / components / width];
            (x * 2 + y + 60 * (i % components) + 90 * usize::from(x > 40)) as u8
        };
        let pixels: Vec<u8> = (0..width * height * components).map(value).collect();
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, 90);
        how(&mut encoder);
        encoder.encode(&pixels, SIDES[0], SIDES[1], color).unwrap();
        file
    }

    fn fast(file: &[u8]) -> Option<Vec<u8>> {
        let header = Header::read(file)?;
        decode(file, &header, &DecodeOptions::default()).map(|(pixels, _)| pixels)
    }

    /// What the other decoder makes of the file, gray as RGB.
    fn slow(file: &[u8]) -> Vec<u8> {
        let samples = jpeg_decoder::Decoder::new(file).decode().unwrap();
        let is_gray = samples.len() == usize::from(SIDES[0]) * usize::from(SIDES[1]);
        let copies = if is_gray { 3 } else { 1 };
        samples.iter().flat_map(|v| vec![*v; copies]).collect()
    }

    #[test]
    fn colors_are_those_of_the_other_decoder() {
        let sampled = |factor| encoded(ColorType::Rgb, 3, |e| e.set_sampling_factor(factor));
        let files = [
            sampled(SamplingFactor::F_1_1),
            sampled(SamplingFactor::F_2_1),
            sampled(SamplingFactor::F_1_2),
            sampled(SamplingFactor::F_2_2),
            encoded(ColorType::Rgb, 3, |e| e.set_progressive(true)),
            encoded(ColorType::Luma, 1, |_| ()),
        ];
        for (number, file) in files.iter().enumerate() {
            let [one, other] = [fast(file).unwrap(), slow(file)];
            let apart = one.iter().zip(&other).map(|(a, b)| a.abs_diff(*b)).max();
            assert_eq!(one.len(), other.len());
            assert!(apart <= Some(12), "file {number}: {apart:?}");
        }
    }

    #[test]
    fn the_other_decoder_decides_about_inks_other_colors_and_damage() {
        assert!(fast(&encoded(ColorType::Cmyk, 4, |_| ())).is_none());
        let plain = encoded(ColorType::Rgb, 3, |e| {
            e.set_sampling_factor(SamplingFactor::F_1_1)
        });
        let at = |marker: u8| plain.windows(2).position(|m| m == [0xFF, marker]).unwrap();
        let mut named = plain.clone();
        for (component, id) in b"RGB".iter().enumerate() {
            named[at(0xC0) + 10 + 3 * component] = *id;
            named[at(0xDA) + 5 + 2 * component] = *id;
        }
        assert_eq!(
            fast(&named),
            None,
            "components that are red, green and blue"
        );
        let middle = (at(0xDA) + plain.len()) / 2;
        let with = |segment: &[u8]| [&plain[..middle], segment, &plain[middle..]].concat();
        assert!(
            fast(&with(&[0xFF, 0xC4, 0, 2])).is_none(),
            "a table in a scan"
        );
        assert_eq!(
            fast(&with(&[0xFF, 0xFE, 0, 2])),
            None,
            "a comment in a scan"
        );
    }
}
