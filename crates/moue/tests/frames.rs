//! Decoding: every format, every orientation, damaged and oversized files.

use image::{DynamicImage, ImageFormat, RgbImage, RgbaImage};
use moue::Frame;
use moue::frame::{DecodeError, DecodeOptions};
use std::io::Cursor;

/// A picture whose corners differ, so that a wrong turn shows.
fn picture() -> RgbImage {
    RgbImage::from_fn(24, 16, |x, y| {
        image::Rgb([
            (x * 10) as u8,
            (y * 15) as u8,
            if x < 8 && y < 8 { 255 } else { 0 },
        ])
    })
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(picture())
        .write_to(&mut bytes, format)
        .unwrap();
    bytes.into_inner()
}

/// The same picture as JPEG, which the `image` crate does not write here.
fn jpeg() -> Vec<u8> {
    include_bytes!("data/corners.jpg").to_vec()
}

/// The JPEG with an EXIF segment that states `orientation`.
fn oriented(orientation: u8) -> Vec<u8> {
    oriented_at(orientation, 2)
}

/// The same with the segment at a byte of the file.
fn oriented_at(orientation: u8, at: usize) -> Vec<u8> {
    let tiff = [
        b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(),
        &[orientation, 0, 0, 0, 0, 0, 0, 0],
    ]
    .concat();
    let exif = [b"Exif\0\0".as_slice(), &tiff].concat();
    let length = (exif.len() + 2) as u16;
    let plain = jpeg();
    [
        &plain[..at],
        &[0xFF, 0xE1],
        &length.to_be_bytes(),
        &exif,
        &plain[at..],
    ]
    .concat()
}

#[test]
fn every_lossless_format_gives_its_pixels() {
    for format in [
        ImageFormat::Png,
        ImageFormat::Gif,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
        ImageFormat::WebP,
    ] {
        let frame = Frame::decode(&encoded(format)).unwrap();
        assert_eq!((frame.width(), frame.height()), (24, 16), "{format:?}");
        let apart = |(a, b): (&u8, &u8)| a.abs_diff(*b);
        let worst = frame
            .pixels()
            .iter()
            .zip(picture().as_raw())
            .map(apart)
            .max()
            .unwrap();
        // GIF has a palette of 256, the picture 384 colors.
        assert!(
            worst <= if format == ImageFormat::Gif { 48 } else { 0 },
            "{format:?} is off by {worst}"
        );
    }
}

#[test]
fn all_eight_orientations_are_turned_upright() {
    let upright = Frame::decode(&jpeg()).unwrap();
    let image = RgbImage::from_raw(24, 16, upright.pixels().to_vec()).unwrap();
    for orientation in 1..=8 {
        let turned = Frame::decode(&oriented(orientation)).unwrap();
        let mut expected = DynamicImage::from(image.clone());
        expected.apply_orientation(image::metadata::Orientation::from_exif(orientation).unwrap());
        assert_eq!(
            (turned.width() as u32, turned.height() as u32),
            (expected.width(), expected.height()),
            "{orientation}"
        );
        assert_eq!(
            turned.pixels(),
            expected.to_rgb8().as_raw().as_slice(),
            "orientation {orientation}"
        );
    }
    let right = Frame::decode(&oriented(6)).unwrap();
    assert_eq!((right.width(), right.height()), (16, 24));
    // Behind the frame header, before the first scan.
    let scan = jpeg().windows(2).position(|m| m == [0xFF, 0xDA]).unwrap();
    assert_eq!(Frame::decode(&oriented_at(6, scan)).unwrap(), right);
}

#[test]
fn transparency_is_laid_on_white() {
    let mut bytes = Cursor::new(Vec::new());
    let clear = RgbaImage::from_pixel(2, 2, image::Rgba([10, 20, 30, 0]));
    clear.write_to(&mut bytes, ImageFormat::Png).unwrap();
    assert_eq!(Frame::decode(bytes.get_ref()).unwrap().pixels(), [255; 12]);
}

#[test]
fn a_truncated_file_of_any_format_is_an_error() {
    let mut files: Vec<(ImageFormat, Vec<u8>)> = [
        ImageFormat::Png,
        ImageFormat::Gif,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
        ImageFormat::WebP,
    ]
    .map(|f| (f, encoded(f)))
    .to_vec();
    files.push((ImageFormat::Jpeg, jpeg()));
    for (format, bytes) in files {
        assert!(Frame::decode(&bytes).is_ok());
        for share in [1, 10, 30, 50, 70, 90] {
            let cut = &bytes[..(bytes.len() * share / 100).max(1)];
            assert!(
                Frame::decode(cut).is_err(),
                "{share} % of a {format:?} file"
            );
        }
    }
}

#[test]
fn the_marker_at_the_end_of_a_jpeg_may_be_missing() {
    let jpeg = jpeg();
    let whole = Frame::decode(&jpeg).unwrap();
    for missing in [1, 2] {
        let cut = &jpeg[..jpeg.len() - missing];
        assert_eq!(Frame::decode(cut).unwrap(), whole, "without {missing}");
    }
    for missing in [3, 4, 5, 6, 7, 8, 20] {
        let cut = &jpeg[..jpeg.len() - missing];
        let error = Frame::decode(cut).unwrap_err();
        assert!(matches!(error, DecodeError::Truncated), "without {missing}");
    }
}

#[test]
fn reasons_are_told_apart() {
    assert!(matches!(Frame::decode(b""), Err(DecodeError::Empty)));
    assert!(matches!(
        Frame::decode(b"just some text"),
        Err(DecodeError::Unknown)
    ));
    let jpeg = jpeg();
    assert!(matches!(
        Frame::decode(&jpeg[..jpeg.len() - 9]),
        Err(DecodeError::Truncated)
    ));
    let missing = Frame::open("no/such/file.png");
    assert!(matches!(missing, Err(DecodeError::Read(_))));
}

#[test]
fn limits_refuse_before_decoding() {
    let png = encoded(ImageFormat::Png);
    let narrow = DecodeOptions {
        max_side: 20,
        ..DecodeOptions::default()
    };
    assert!(matches!(
        Frame::decode_with(&png, &narrow),
        Err(DecodeError::TooLarge { .. })
    ));
    let few = DecodeOptions {
        max_pixels: 24 * 16 - 1,
        ..DecodeOptions::default()
    };
    assert!(matches!(
        Frame::decode_with(&png, &few),
        Err(DecodeError::TooLarge { .. })
    ));
    let short = DecodeOptions {
        max_file_bytes: 10,
        ..DecodeOptions::default()
    };
    assert!(matches!(
        Frame::decode_with(&png, &short),
        Err(DecodeError::TooLarge { .. })
    ));
}

/// A PNG header that promises 30,000 × 30,000 pixels, with next to nothing behind it.
#[test]
fn a_bomb_is_refused_by_its_header() {
    let mut png = encoded(ImageFormat::Png);
    png[16..20].copy_from_slice(&30_000u32.to_be_bytes());
    png[20..24].copy_from_slice(&30_000u32.to_be_bytes());
    let crc = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    assert!(matches!(
        Frame::decode(&png),
        Err(DecodeError::TooLarge { .. })
    ));
}

/// The checksum of PNG chunks (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| {
            if c & 1 == 1 {
                c >> 1 ^ 0xEDB8_8320
            } else {
                c >> 1
            }
        })
    };
    !bytes.iter().fold(!0, step)
}
