//! Emoji as the system's font has them.

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use moue_graph::Canvas;

/// The paper behind the picture of an emoji: light, as most screens where emoji are read.
const PAPER: [u8; 3] = [246, 244, 240];
/// Of the side of that paper, what the picture fills.
const SHARE: f32 = 0.86;
/// Pixels along that side. Fonts have pictures of some 128 pixels; enlarging them further would
/// show.
const SIDE: u32 = 256;

/// An emoji as the system's font of color emoji has it; `None` without one.
pub(crate) fn picture(character: &str) -> Option<RgbImage> {
    let picture = Canvas::emoji(character)?;
    // Laid on the paper before it is enlarged: what is transparent has any color, which would show
    // at the edges.
    let glyph = RgbImage::from_fn(picture.width as u32, picture.height as u32, |x, y| {
        let [red, green, blue, alpha] = picture.pixels[y as usize * picture.width + x as usize];
        let over = |color: u8, paper: u8| {
            let alpha = u32::from(alpha);
            ((u32::from(color) * alpha + u32::from(paper) * (255 - alpha)) / 255) as u8
        };
        let [paper_red, paper_green, paper_blue] = PAPER;
        Rgb([
            over(red, paper_red),
            over(green, paper_green),
            over(blue, paper_blue),
        ])
    });
    let longest = glyph.width().max(glyph.height()).max(1) as f32;
    let scale = SIDE as f32 * SHARE / longest;
    let [width, height] = [glyph.width(), glyph.height()]
        .map(|length| ((length as f32 * scale).round() as u32).clamp(1, SIDE));
    let enlarged = imageops::resize(&glyph, width, height, FilterType::CatmullRom);
    let mut paper = RgbImage::from_pixel(SIDE, SIDE, Rgb(PAPER));
    let corner = [width, height].map(|length| i64::from((SIDE - length) / 2));
    imageops::replace(&mut paper, &enlarged, corner[0], corner[1]);
    Some(paper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emoji_is_in_the_middle_of_light_paper() {
        // Without a font of color emoji our own drawing is shown.
        let Some(image) = picture("😮") else { return };
        assert_eq!((image.width(), image.height()), (SIDE, SIDE));
        assert_eq!(image.get_pixel(0, 0).0, PAPER);
        let is_ink = |x: u32, y: u32| image.get_pixel(x, y).0 != PAPER;
        let rows = (0..SIDE).filter(|y| (0..SIDE).any(|x| is_ink(x, *y)));
        let rows: Vec<u32> = rows.collect();
        let margins = [rows[0], SIDE - 1 - rows[rows.len() - 1]];
        assert!(margins[0].abs_diff(margins[1]) < SIDE / 16, "{margins:?}");
    }
}
