//! What is written into a file, as its ending says.

use super::mark;
use crate::text;
use anyhow::{Context, Result, bail, ensure};
use image::{DynamicImage, ImageFormat};
use std::io::Cursor;
use std::path::Path;

/// Quality of JPEGs, 1 to 100. 90 is what most cameras and editors write: at less, the edges of
/// boxes and letters show ringing.
const JPEG_QUALITY: u8 = 90;

/// Pixels along a side of a WebP, which stores them in 14 bits.
const WEBP_SIDE: u32 = (1 << 14) - 1;
/// Pixels along a side of a JPEG or GIF, which store them in 16 bits.
const LONGEST_SIDE: u32 = u16::MAX as u32;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A picture, in the format of the ending.
    Picture,
    /// A table.
    Csv,
    /// Subtitles.
    Subtitles,
    /// A page.
    Html,
    /// JSON.
    Json,
    /// A video.
    Video,
    /// Markers of a video editor, in the format of the ending.
    Markers,
}

/// Endings of pictures that can be written.
const PICTURES: [&str; 8] = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"];

/// Endings of what is no table, page, subtitle or JSON, whatever else it may be. Text under such a
/// name is a slip of the hand.
const OTHERS: [&str; 12] = [
    "moue", "heic", "avif", "jxl", "svg", "mp4", "mov", "mkv", "webm", "zip", "npy", "pbtxt",
];

impl Kind {
    /// The endings of the kind, the usual one first.
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Picture => &PICTURES,
            Self::Csv => &["csv"],
            Self::Subtitles => &["srt"],
            Self::Html => &["html", "htm"],
            Self::Json => &["json"],
            Self::Video => &["mp4"],
            Self::Markers => &["edl", "fcpxml", "csv", "txt"],
        }
    }

    /// Whether the ending of a file's name is its format.
    fn needs_ending(self) -> bool {
        matches!(self, Self::Picture | Self::Video | Self::Markers)
    }

    /// Whether a file of this name can hold the kind. What needs an ending has to have one of its
    /// own; a text may have any that does not mean something else.
    pub(super) fn check(self, path: &Path) -> Result<()> {
        let ending = ending(path);
        let ending = ending.as_str();
        if self.endings().contains(&ending) {
            return Ok(());
        }
        let all = [
            Self::Picture,
            Self::Csv,
            Self::Subtitles,
            Self::Html,
            Self::Json,
        ];
        let is_taken = all.iter().any(|kind| kind.endings().contains(&ending));
        if self.needs_ending() || is_taken || OTHERS.contains(&ending) {
            let known: Vec<String> = self.endings().iter().map(|e| format!(".{e}")).collect();
            bail!("the name has to end in {}", text::alternatives(&known));
        }
        Ok(())
    }

    /// The bytes of a picture in the format of a path's ending, with moue's mark in them if the
    /// format has a place for it.
    pub(super) fn encode(self, path: &Path, image: &DynamicImage) -> Result<Vec<u8>> {
        self.check(path)?;
        match ending(path).as_str() {
            "png" => png(image),
            "jpg" | "jpeg" => jpeg(image),
            _ => other(path, image),
        }
    }
}

/// Pixels along a side of a picture in the format of a path's ending. Other formats than WebP, JPEG and
/// GIF could be longer, but few programs show that.
pub(super) fn longest_side(path: &Path) -> u32 {
    match ending(path).as_str() {
        "webp" => WEBP_SIDE,
        _ => LONGEST_SIDE,
    }
}

fn ending(path: &Path) -> String {
    let ending = path.extension().unwrap_or_default();
    ending.to_string_lossy().to_lowercase()
}

fn png(image: &DynamicImage) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, image.width(), image.height());
    encoder.set_color(match image {
        DynamicImage::ImageLuma8(_) => png::ColorType::Grayscale,
        _ => png::ColorType::Rgb,
    });
    encoder.set_compression(png::Compression::Fast);
    encoder.add_text_chunk("Software".into(), mark::NAME.into())?;
    let mut writer = encoder.write_header()?;
    match image {
        DynamicImage::ImageLuma8(gray) => writer.write_image_data(gray.as_raw())?,
        _ => writer.write_image_data(image.to_rgb8().as_raw())?,
    }
    writer.finish()?;
    Ok(bytes)
}

fn jpeg(image: &DynamicImage) -> Result<Vec<u8>> {
    // The format stores sides in 16 bits.
    let sides = [image.width(), image.height()].map(u16::try_from);
    let [Ok(width), Ok(height)] = sides else {
        bail!("a JPEG has at most 65,535 pixels along a side; write a .png")
    };
    let mut bytes = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut bytes, JPEG_QUALITY);
    encoder.encode(
        image.to_rgb8().as_raw(),
        width,
        height,
        jpeg_encoder::ColorType::Rgb,
    )?;
    mark::comment(bytes)
}

/// Formats that `image` writes itself.
fn other(path: &Path, image: &DynamicImage) -> Result<Vec<u8>> {
    let format = ImageFormat::from_path(path)?;
    // The encoder of WebP panics instead of refusing.
    let longest = image.width().max(image.height());
    ensure!(
        format != ImageFormat::WebP || longest <= WEBP_SIDE,
        "a WebP has at most 16,383 pixels along a side; write a .png"
    );
    let mut bytes = Cursor::new(Vec::new());
    let image = DynamicImage::ImageRgb8(image.to_rgb8());
    image
        .write_to(&mut bytes, format)
        .with_context(|| format!("as {format:?}"))?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_can_be_read_again() {
        let image =
            DynamicImage::ImageRgb8(image::RgbImage::from_pixel(9, 5, image::Rgb([9, 99, 9])));
        let gray = DynamicImage::ImageLuma8(image::GrayImage::new(9, 5));
        for ending in PICTURES {
            let path = format!("a.{ending}");
            for picture in [&image, &gray] {
                let bytes = Kind::Picture.encode(path.as_ref(), picture).unwrap();
                let frame = moue::Frame::decode(&bytes).unwrap_or_else(|e| panic!("{path}: {e}"));
                assert_eq!((frame.width(), frame.height()), (9, 5), "{path}");
            }
        }
    }

    #[test]
    fn a_jpeg_that_is_too_long_is_refused() {
        let long = DynamicImage::ImageRgb8(image::RgbImage::new(1, 70_000));
        assert!(Kind::Picture.encode("a.jpg".as_ref(), &long).is_err());
        assert!(Kind::Picture.encode("a.webp".as_ref(), &long).is_err());
        assert!(Kind::Picture.encode("a.png".as_ref(), &long).is_ok());
    }
}
