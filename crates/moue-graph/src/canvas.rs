//! An image to draw on.

use crate::letters::{self, ColorPicture, Glyph, Ink};
use crate::types::{Color, Image, RenderData, Shape};
use moue::frame::PixelFormat;
use moue::{Frame, Point};

/// An image to draw on, in pixels from the upper left corner. Drawing outside of it has no effect.
///
/// ```
/// use moue_graph::Canvas;
/// let mut canvas = Canvas::new(64, 48, [255, 255, 255]);
/// canvas.outline([4, 4], [60, 44], 2, [200, 0, 0]);
/// canvas.text([8, 20], "moue", 1, [0, 0, 0]);
/// let image = canvas.into_image();
/// assert_eq!((image.width(), image.height()), (64, 48));
/// ```
#[derive(Debug, Clone)]
pub struct Canvas {
    width: i64,
    height: i64,
    pixels: Vec<u8>,
}

/// Pixels of the smaller side of an image for each pixel of a letter's dots.
// Chosen by hand so that a letter, 8 dots high, is a fortieth of the image: legible when the
// image is scaled to a screen.
const SIDE_PER_DOT: i64 = 320;

impl Canvas {
    /// A canvas of one color; sides of 0 become 1.
    pub fn new(width: usize, height: usize, color: Color) -> Self {
        let width = width.max(1);
        let height = height.max(1);
        Self {
            width: width as i64,
            height: height as i64,
            pixels: color.repeat(width * height),
        }
    }

    /// A canvas with an image on it.
    pub fn of(image: &Frame<'_>) -> Self {
        Self {
            width: image.width() as i64,
            height: image.height() as i64,
            pixels: image.pixels().to_vec(),
        }
    }

    /// The image.
    pub fn into_image(self) -> Image {
        let width = self.width as usize;
        let height = self.height as usize;
        let frame = Frame::from_raw(&self.pixels, width, height, width * 3, PixelFormat::Rgb);
        // Both constructors make the buffer as large as the sides require, and nothing resizes it.
        frame.expect("the image has kept its size").into_owned()
    }

    /// Copies an image to the canvas, its upper left corner to `at`.
    pub fn paste(&mut self, image: &Frame<'_>, at: [i64; 2]) {
        for (y, row) in image.pixels().chunks_exact(image.width() * 3).enumerate() {
            for (x, pixel) in row.as_chunks::<3>().0.iter().enumerate() {
                let corner = [at[0] + x as i64, at[1] + y as i64];
                self.fill(corner, [corner[0] + 1, corner[1] + 1], *pixel);
            }
        }
    }

    /// Fills the rectangle from the pixel `from` up to, but without, the pixel `to`.
    pub fn fill(&mut self, from: [i64; 2], to: [i64; 2], color: Color) {
        for y in from[1].max(0)..to[1].min(self.height) {
            for x in from[0].max(0)..to[0].min(self.width) {
                let start = ((y * self.width + x) * 3) as usize;
                self.pixels[start..start + 3].copy_from_slice(&color);
            }
        }
    }

    /// Draws the outline of a rectangle inside its corners, `thickness` pixels wide.
    pub fn outline(
        &mut self,
        [x0, y0]: [i64; 2],
        [x1, y1]: [i64; 2],
        thickness: i64,
        color: Color,
    ) {
        // Corners may come from a network and lie anywhere; the sums must not overflow.
        let inner_x0 = x0.saturating_add(thickness);
        let inner_y0 = y0.saturating_add(thickness);
        let inner_x1 = x1.saturating_sub(thickness);
        let inner_y1 = y1.saturating_sub(thickness);
        self.fill([x0, y0], [x1, inner_y0], color);
        self.fill([x0, inner_y1], [x1, y1], color);
        self.fill([x0, y0], [inner_x0, y1], color);
        self.fill([inner_x1, y0], [x1, y1], color);
    }

    /// Draws text from its upper left corner. A line is 8 × `dot` pixels high, `dot` from 1 to 64;
    /// letters are those of the system's fonts, or have 8 × 8 dots where no font has them. What has
    /// no glyph at all is drawn as a box.
    pub fn text(&mut self, at: [i64; 2], text: &str, dot: i64, color: Color) {
        let mut x = at[0];
        for letter in text.chars().take(letters::MAX_LETTERS) {
            let glyph = letters::glyph(letter, dot);
            let corner = [0, 1].map(|i| [x, at[1]][i].saturating_add(glyph.corner[i]));
            self.glyph(corner, &glyph, color);
            x = x.saturating_add(glyph.advance);
        }
    }

    /// Pixels that [`Self::text`] needs for a text from left to right.
    pub fn text_width(text: &str, dot: i64) -> i64 {
        letters::width(text, dot)
    }

    /// A text that is at most `width` pixels wide: the text itself, or as much of it as fits with
    /// an ellipsis at its end.
    ///
    /// ```
    /// use moue_graph::Canvas;
    /// let label = Canvas::fitted("a caption that is too long", 1, 80);
    /// assert!(label.ends_with('…') && Canvas::text_width(&label, 1) <= 80);
    /// ```
    pub fn fitted(text: &str, dot: i64, width: i64) -> String {
        letters::fitted(text, dot, width)
    }

    /// How many fonts of the system texts are drawn with; 0 if there is none.
    pub fn font_count() -> usize {
        letters::font_count()
    }

    /// The picture of an emoji in the system's font of color emoji; `None` without such a font, and
    /// for sequences of several characters. Its size is the font's, mostly 136 × 128 pixels.
    ///
    /// ```
    /// use moue_graph::Canvas;
    /// if let Some(picture) = Canvas::emoji("😮") {
    ///     assert_eq!(picture.pixels.len(), picture.width * picture.height);
    /// }
    /// assert!(Canvas::emoji("plain text").is_none());
    /// ```
    pub fn emoji(character: &str) -> Option<ColorPicture> {
        letters::color_picture(character)
    }

    fn glyph(&mut self, at: [i64; 2], glyph: &Glyph, color: Color) {
        let width = glyph.width.max(1);
        match &glyph.ink {
            Ink::Coverage(pixels) => {
                for (i, coverage) in pixels.iter().enumerate().filter(|(_, c)| **c > 0) {
                    self.blend(offset(at, i, width), color, *coverage);
                }
            }
            Ink::Color(pixels) => {
                for (i, [red, green, blue, alpha]) in pixels.iter().enumerate() {
                    self.blend(offset(at, i, width), [*red, *green, *blue], *alpha);
                }
            }
        }
    }

    /// Mixes a color into a pixel: not at all at an alpha of 0, fully at 255.
    fn blend(&mut self, [x, y]: [i64; 2], color: Color, alpha: u8) {
        if (0..self.width).contains(&x) && (0..self.height).contains(&y) {
            let start = ((y * self.width + x) * 3) as usize;
            let alpha = u32::from(alpha);
            for (old, new) in self.pixels[start..start + 3].iter_mut().zip(color) {
                let mixed = u32::from(*old) * (255 - alpha) + u32::from(new) * alpha;
                *old = (mixed / 255) as u8;
            }
        }
    }

    /// Draws all shapes of `data`.
    pub(crate) fn draw_all(&mut self, data: &RenderData) {
        for shape in &data.shapes {
            self.draw(shape, data);
        }
    }

    fn draw(&mut self, shape: &Shape, data: &RenderData) {
        let thickness = (data.thickness.round() as i64).clamp(1, 64);
        match shape {
            Shape::Box(b) => {
                let from = self.at([b.xmin, b.ymin]);
                let to = self.at([b.xmin + b.width, b.ymin + b.height]);
                self.outline(from, to, thickness, data.color);
            }
            Shape::Point(point) => {
                let [x, y] = self.at(*point);
                let from = [x.saturating_sub(thickness), y.saturating_sub(thickness)];
                let to = [x.saturating_add(thickness), y.saturating_add(thickness)];
                self.fill(from, to, data.color);
            }
            Shape::Text(point, text) => {
                let dot = (self.width.min(self.height) / SIDE_PER_DOT).clamp(1, 8);
                let [x, y] = self.at(*point);
                // Above the point: 8 dots of the letters and one of space.
                self.text([x, y.saturating_sub(9 * dot)], text, dot, data.color);
            }
        }
    }

    /// The pixel of a relative position. The cast saturates, and NaN becomes 0.
    fn at(&self, point: Point) -> [i64; 2] {
        [
            (point[0] * self.width as f32) as i64,
            (point[1] * self.height as f32) as i64,
        ]
    }
}

/// The place of the pixel `index` of rows of `width` pixels whose corner is at `at`.
fn offset(at: [i64; 2], index: usize, width: usize) -> [i64; 2] {
    let x = at[0].saturating_add((index % width) as i64);
    [x, at[1].saturating_add((index / width) as i64)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use moue::BoundingBox;

    #[test]
    fn drawing_stays_inside() {
        let black = Frame::from_raw(&[0; 300], 10, 10, 30, PixelFormat::Rgb)
            .unwrap()
            .into_owned();
        let mut canvas = Canvas::of(&black);
        let data = RenderData {
            shapes: Vec::new(),
            color: [255, 0, 0],
            thickness: 1.0,
        };
        let wide = BoundingBox {
            xmin: -3.0,
            ymin: 0.5,
            width: 9.0,
            height: f32::INFINITY,
        };
        canvas.draw(&Shape::Box(wide), &data);
        canvas.draw(&Shape::Text([0.9, 0.9], "äb\u{1F600}".to_owned()), &data);
        canvas.draw(&Shape::Point([f32::NAN, 7.0]), &data);
        let image = canvas.into_image();
        assert_eq!(&image.pixels()[5 * 30..5 * 30 + 3], [255, 0, 0]);
    }

    #[test]
    fn letters_of_every_script_leave_ink() {
        for text in [
            "Señor",
            "Привет",
            "日本",
            "😀",
            "—",
            "’",
            "…",
            "×",
            "\u{378}",
        ] {
            let mut canvas = Canvas::new(400, 20, [0, 0, 0]);
            canvas.text([0, 0], text, 2, [255, 255, 255]);
            let lit = canvas.pixels.iter().filter(|value| **value > 100).count();
            assert!(lit > 0, "{text}");
            assert!(Canvas::text_width(text, 2) > 0, "{text}");
        }
    }
}
