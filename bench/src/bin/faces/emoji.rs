//! Emoji of the system's Noto font as pictures: drawings that nobody here made or trained on.

use ab_glyph::{Font, FontVec};
use anyhow::{Context, Result};
use image::imageops::{FilterType, overlay, resize};
use image::{Rgba, RgbaImage};
use moue::{BoundingBox, Frame};

/// Debian's package `fonts-noto-color-emoji`.
const FONT: &str = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf";

/// Side of a picture, and of the glyph in its middle: as large as a face in a portrait.
const PICTURE: u32 = 320;
const GLYPH: u32 = 200;

/// The face of an emoji, brows to chin, is about this share of the glyph's width. Measured by eye on
/// a dozen; a found face may differ by as much as others may from their marks.
const FACE_SHARE: f32 = 0.75;

/// The page behind a glyph.
const GRAY: u8 = 240;

/// Pictures of all face emoji that the font has; `None`, with a message, where it is absent.
pub(crate) fn pictures() -> Result<Option<Vec<Frame<'static>>>> {
    // Another system has another font, whose figures would not compare.
    let Ok(bytes) = std::fs::read(FONT) else {
        eprintln!("SKIPPED: {FONT} is absent (Debian: fonts-noto-color-emoji)");
        return Ok(None);
    };
    let font = FontVec::try_from_vec(bytes)?;
    let pictures = moue_drawings::emoji::all()
        .filter_map(|emoji| glyph(&font, emoji.character))
        .map(|png| picture(&png));
    pictures.collect::<Result<_>>().map(Some)
}

/// The PNG of a character in its largest size; `None` if the font has no picture of it.
fn glyph(font: &FontVec, character: &str) -> Option<Vec<u8>> {
    let id = font.glyph_id(character.chars().next()?);
    let image = font.glyph_raster_image2(id, u16::MAX)?;
    Some(image.data.to_vec())
}

fn picture(png: &[u8]) -> Result<Frame<'static>> {
    let glyph = image::load_from_memory(png)
        .context("an emoji of the font")?
        .to_rgba8();
    let height = GLYPH * glyph.height() / glyph.width();
    let glyph = resize(&glyph, GLYPH, height, FilterType::CatmullRom);
    let mut page = RgbaImage::from_pixel(PICTURE, PICTURE, Rgba([GRAY, GRAY, GRAY, 255]));
    let [x, y] = [GLYPH, height].map(|side| i64::from((PICTURE - side) / 2));
    overlay(&mut page, &glyph, x, y);
    let pixels = image::DynamicImage::from(page).to_rgb8().into_raw();
    Ok(Frame::from_pixels(
        pixels,
        PICTURE as usize,
        PICTURE as usize,
    )?)
}

/// Where the face of each picture is.
pub(crate) fn face() -> BoundingBox {
    let side = FACE_SHARE * GLYPH as f32 / PICTURE as f32;
    BoundingBox::centered([0.5, 0.5], [side, side])
}
