//! The pictures of the overlay.

use super::shown::Found;
use crate::matched::{self, AnimationOf};
use crate::raster;
use crate::stores::Store;
use anyhow::{Result, ensure};
use image::ImageFormat;
use moue::Match;
use moue::frame::DecodeOptions;
use std::io::Cursor;

/// Pixels of a still along its longer side: as high as most streams are.
const SIDE: u32 = 1080;

/// The picture of a match: an animation as it is, so that it moves, and anything else as PNG.
pub(super) fn read(gallery: &Store, m: &Match) -> Result<Found> {
    if let Some(found) = animation(m) {
        return Ok(found);
    }
    let image = raster::within(&matched::image(gallery, m)?.image, SIDE);
    let mut png = Cursor::new(Vec::new());
    image.write_to(&mut png, ImageFormat::Png)?;
    Ok(Found {
        media: "image/png",
        bytes: png.into_inner().into(),
        ..Found::default()
    })
}

/// `None` for what is no animation, or cannot be shown as it is.
fn animation(m: &Match) -> Option<Found> {
    let bytes = match matched::animation(m).ok()?? {
        AnimationOf::File(path) => bytes_of(&path).ok()?,
        AnimationOf::Member(bytes) => bytes,
    };
    Some(Found {
        media: media(&bytes)?,
        bytes: bytes.into(),
        ..Found::default()
    })
}

fn bytes_of(path: &std::path::Path) -> Result<Vec<u8>> {
    let limit = DecodeOptions::default().max_file_bytes;
    ensure!(std::fs::metadata(path)?.len() <= limit, "it is too large");
    Ok(std::fs::read(path)?)
}

/// The formats of animations, which every browser has.
fn media(bytes: &[u8]) -> Option<&'static str> {
    match image::guess_format(bytes) {
        Ok(format @ (ImageFormat::Gif | ImageFormat::Png | ImageFormat::WebP)) => {
            Some(format.to_mime_type())
        }
        _ => None,
    }
}
