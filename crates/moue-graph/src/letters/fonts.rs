//! Letters from the fonts of the system.

use super::glyph::{ASCENT, ColorPicture, Glyph, Ink};
use ab_glyph::{Font, FontRef, GlyphImageFormat, PxScale, ScaleFont, point};
use fontdb::{Database, FaceInfo, ID, Style, Weight};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

/// Families that are tried first: the fonts for screens of the usual systems. Without an order,
/// letters would come from whatever decorative font is found first.
const PREFERRED: [&str; 12] = [
    "DejaVu Sans",
    "Noto Sans",
    "Segoe UI",
    "Helvetica Neue",
    "Arial",
    "Liberation Sans",
    "Roboto",
    "Ubuntu",
    "Cantarell",
    "Noto Color Emoji",
    "Apple Color Emoji",
    "Segoe UI Emoji",
];

/// Pixels of a font's size for each dot of a letter of 8 × 8 dots. With it a capital, which is
/// some 0.72 of the size of the preferred fonts, is as high as one of those letters: 7 dots.
const SIZE_PER_DOT: f32 = 9.6;

/// The height of a color picture of a letter, likewise.
const PICTURE_PER_DOT: f32 = 9.0;

/// Bytes that a decoded picture of a letter may have; those of emoji fonts are 136 × 128 pixels.
const MAX_PICTURE_BYTES: usize = 4 << 20;

/// The fonts of the system, and which of them has a letter.
struct Fonts {
    database: Database,
    /// In the order in which they are tried.
    order: Vec<ID>,
    /// The fonts by letter; `None` if none has it.
    found: HashMap<char, Option<ID>>,
}

/// The fonts are read when the first letter is drawn.
static FONTS: LazyLock<Mutex<Fonts>> = LazyLock::new(|| Mutex::new(Fonts::load()));

/// The letter with dots of `dot` pixels, if a font has it.
pub(super) fn glyph(letter: char, dot: i64) -> Option<Glyph> {
    FONTS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .glyph(letter, dot)
}

/// The largest picture of a character in a font of color emoji.
pub(super) fn color_picture(letter: char) -> Option<ColorPicture> {
    FONTS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .color_picture(letter)
}

/// How many fonts of the system are used.
pub(crate) fn font_count() -> usize {
    FONTS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .order
        .len()
}

impl Fonts {
    fn load() -> Self {
        let mut database = Database::new();
        database.load_system_fonts();
        let mut faces: Vec<&FaceInfo> = database
            .faces()
            .filter(|face| face.style == Style::Normal && face.weight == Weight::NORMAL)
            .collect();
        // The name of a font breaks ties, so that the order is the same on each run.
        faces.sort_by_key(|face| (rank(face), face.post_script_name.clone()));
        let order = faces.iter().map(|face| face.id).collect();
        Self {
            order,
            database,
            found: HashMap::new(),
        }
    }

    fn glyph(&mut self, letter: char, dot: i64) -> Option<Glyph> {
        let id = self.find(letter)?;
        self.with_font(id, |font| draw(font, letter, dot))?
    }

    /// The first font that has the letter.
    fn find(&mut self, letter: char) -> Option<ID> {
        if let Some(found) = self.found.get(&letter) {
            return *found;
        }
        let mut order = self.order.iter();
        let found = order.find(|id| self.with_font(**id, |font| has(font, letter)) == Some(true));
        let found = found.copied();
        self.found.insert(letter, found);
        found
    }

    /// From the first font that has a picture of it, whichever has an outline.
    fn color_picture(&self, letter: char) -> Option<ColorPicture> {
        let picture = |font: &FontRef<'_>| {
            let id = font.glyph_id(letter);
            // Number 0 stands for letters that the font does not have; some have a picture of it.
            let known = (id.0 != 0).then_some(id)?;
            let image = font.glyph_raster_image2(known, u16::MAX)?;
            let is_png = matches!(image.format, GlyphImageFormat::Png);
            is_png.then(|| decode(image.data)).flatten()
        };
        let mut order = self.order.iter();
        order.find_map(|id| self.with_font(*id, picture).flatten())
    }

    /// A font is mapped into memory only while it is used: those of East Asia are large.
    fn with_font<T>(&self, id: ID, use_font: impl FnOnce(&FontRef<'_>) -> T) -> Option<T> {
        self.database
            .with_face_data(id, |data, index| {
                let font = FontRef::try_from_slice_and_index(data, index).ok()?;
                Some(use_font(&font))
            })
            .flatten()
    }
}

/// Where a font comes in the order: preferred ones, then those whose letters are proportional.
fn rank(face: &FaceInfo) -> usize {
    let family = face.families.first().map_or("", |(name, _)| name.as_str());
    let preferred = PREFERRED.iter().position(|name| *name == family);
    preferred.unwrap_or(PREFERRED.len() + usize::from(face.monospaced))
}

/// Whether the font can draw the letter: a few have a number for it and neither outline nor
/// picture.
fn has(font: &FontRef<'_>, letter: char) -> bool {
    let id = font.glyph_id(letter);
    id.0 != 0
        && (letter.is_whitespace()
            || font.outline(id).is_some()
            || font.glyph_raster_image2(id, u16::MAX).is_some())
}

fn draw(font: &FontRef<'_>, letter: char, dot: i64) -> Option<Glyph> {
    let id = font.glyph_id(letter);
    let size = SIZE_PER_DOT * dot as f32;
    // A size is pixels per em; the scale of the crate is the height of a line.
    let scale = PxScale::from(size * font.height_unscaled() / font.units_per_em()?);
    let baseline = (ASCENT * dot) as f32;
    let outline = font.outline_glyph(id.with_scale_and_position(scale, point(0.0, baseline)));
    let Some(outline) = outline else {
        return picture(font, letter, dot).or_else(|| {
            letter.is_whitespace().then(|| Glyph {
                advance: font.as_scaled(scale).h_advance(id).round() as i64,
                ..Glyph::default()
            })
        });
    };
    let bounds = outline.px_bounds();
    let width = bounds.width() as usize;
    let mut pixels = vec![0; width * bounds.height() as usize];
    outline.draw(|x, y, coverage| {
        if let Some(pixel) = pixels.get_mut(y as usize * width + x as usize) {
            *pixel = (coverage.clamp(0.0, 1.0) * 255.0) as u8;
        }
    });
    Some(Glyph {
        advance: font.as_scaled(scale).h_advance(id).round().max(1.0) as i64,
        corner: [bounds.min.x as i64, bounds.min.y as i64],
        width,
        ink: Ink::Coverage(pixels),
    })
}

/// The letter from the pictures of a font of emoji.
fn picture(font: &FontRef<'_>, letter: char, dot: i64) -> Option<Glyph> {
    let image = font.glyph_raster_image2(font.glyph_id(letter), u16::MAX)?;
    let GlyphImageFormat::Png = image.format else {
        return None;
    };
    let large = decode(image.data)?;
    let height = (PICTURE_PER_DOT * dot as f32).round().max(1.0) as usize;
    let width = (height * large.width / large.height.max(1)).max(1);
    Some(Glyph {
        advance: width as i64 + dot,
        corner: [0, (ASCENT + 1) * dot - height as i64],
        width,
        ink: Ink::Color(large.reduced(width, height)),
    })
}

fn decode(data: &[u8]) -> Option<ColorPicture> {
    let limits = png::Limits {
        bytes: MAX_PICTURE_BYTES,
    };
    let mut decoder = png::Decoder::new_with_limits(std::io::Cursor::new(data), limits);
    // Palettes become colors, and every color gets an alpha of eight bits.
    decoder.set_transformations(
        png::Transformations::normalize_to_color8() | png::Transformations::ALPHA,
    );
    let mut reader = decoder.read_info().ok()?;
    let size = reader.output_buffer_size()?;
    let mut buffer = vec![0; size.min(MAX_PICTURE_BYTES)];
    let info = reader.next_frame(&mut buffer).ok()?;
    let pixels = match info.color_type {
        png::ColorType::Rgba => buffer.as_chunks::<4>().0.to_vec(),
        png::ColorType::GrayscaleAlpha => {
            let pairs = buffer.as_chunks::<2>().0.iter();
            pairs
                .map(|[gray, alpha]| [*gray, *gray, *gray, *alpha])
                .collect()
        }
        _ => return None,
    };
    Some(ColorPicture {
        width: info.width as usize,
        height: info.height as usize,
        pixels,
    })
}

impl ColorPicture {
    /// The picture at a smaller size, each pixel the mean of those that it covers. Colors count by
    /// their alpha, so that what is transparent leaves no dark seam.
    fn reduced(&self, width: usize, height: usize) -> Vec<[u8; 4]> {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| [x, y]));
        places
            .map(|place| self.mean(place, [width, height]))
            .collect()
    }

    fn mean(&self, [x, y]: [usize; 2], [width, height]: [usize; 2]) -> [u8; 4] {
        let columns = span(x, width, self.width);
        let rows = span(y, height, self.height);
        let mut sums = [0u64; 4];
        for row in rows.clone() {
            for [red, green, blue, alpha] in &self.pixels[row * self.width..][columns.clone()] {
                let alpha = u64::from(*alpha);
                for (sum, color) in sums.iter_mut().zip([red, green, blue]) {
                    *sum += u64::from(*color) * alpha;
                }
                sums[3] += alpha;
            }
        }
        let count = (rows.len() * columns.len()) as u64;
        let [red, green, blue] = [0, 1, 2].map(|i| (sums[i] / sums[3].max(1)) as u8);
        [red, green, blue, (sums[3] / count) as u8]
    }
}

/// What of `from` pixels the pixel `at` of `to` covers; at least one.
fn span(at: usize, to: usize, from: usize) -> std::ops::Range<usize> {
    let start = (at * from / to).min(from - 1);
    start..((at + 1) * from / to).clamp(start + 1, from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_reduced_by_their_alpha() {
        let picture = ColorPicture {
            width: 2,
            height: 2,
            pixels: vec![
                [200, 0, 0, 255],
                [0, 0, 0, 0],
                [0, 0, 0, 0],
                [200, 0, 0, 255],
            ],
        };
        assert_eq!(picture.reduced(1, 1), [[200, 0, 0, 127]]);
        assert_eq!(picture.reduced(3, 3).len(), 9);
    }
}
