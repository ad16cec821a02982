//! An image to draw on.

use crate::types::{Color, Image, RenderData, Shape};
use font8x8::UnicodeFonts;
use moue::frame::PixelFormat;
use moue::{Frame, Point};

/// A picture to draw on; what lies outside of it is left out.
#[derive(Debug, Clone)]
pub struct Canvas {
    width: i64,
    height: i64,
    pixels: Vec<u8>,
}

impl Canvas {
    /// A canvas of one color; sides of 0 become 1.
    pub fn new(width: usize, height: usize, color: Color) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        Self {
            width: width as i64,
            height: height as i64,
            pixels: color.repeat(width * height),
        }
    }

    /// A canvas with a picture on it.
    pub fn of(image: &Frame<'_>) -> Self {
        Self {
            width: image.width() as i64,
            height: image.height() as i64,
            pixels: image.pixels().to_vec(),
        }
    }

    /// The picture.
    pub fn into_image(self) -> Image {
        let (width, height) = (self.width as usize, self.height as usize);
        let frame = Frame::from_raw(&self.pixels, width, height, width * 3, PixelFormat::Rgb);
        frame.expect("the picture has kept its size").into_owned()
    }

    /// Puts a picture at a pixel.
    pub fn paste(&mut self, image: &Frame<'_>, at: [i64; 2]) {
        for (y, row) in image.pixels().chunks_exact(image.width() * 3).enumerate() {
            for (x, pixel) in row.as_chunks::<3>().0.iter().enumerate() {
                let corner = [at[0] + x as i64, at[1] + y as i64];
                self.fill(corner, [corner[0] + 1, corner[1] + 1], *pixel);
            }
        }
    }

    /// Fills a rectangle of pixels, the end left out.
    pub fn fill(&mut self, from: [i64; 2], to: [i64; 2], color: Color) {
        for y in from[1].max(0)..to[1].min(self.height) {
            for x in from[0].max(0)..to[0].min(self.width) {
                let start = ((y * self.width + x) * 3) as usize;
                self.pixels[start..start + 3].copy_from_slice(&color);
            }
        }
    }

    /// The outline of a rectangle of pixels.
    pub fn outline(&mut self, [x0, y0]: [i64; 2], [x1, y1]: [i64; 2], thick: i64, color: Color) {
        self.fill([x0, y0], [x1, y0 + thick], color);
        self.fill([x0, y1 - thick], [x1, y1], color);
        self.fill([x0, y0], [x0 + thick, y1], color);
        self.fill([x1 - thick, y0], [x1, y1], color);
    }

    /// Letters of 8 × 8 dots of `dot` pixels, from their upper left corner.
    pub fn text(&mut self, at: [i64; 2], text: &str, dot: i64, color: Color) {
        for (number, letter) in text.chars().take(200).enumerate() {
            for (row, bits) in font8x8::BASIC_FONTS
                .get(letter)
                .unwrap_or_default()
                .iter()
                .enumerate()
            {
                for column in (0..8).filter(|c| bits & (1 << c) != 0) {
                    let corner = [
                        at[0] + (number as i64 * 8 + column) * dot,
                        at[1] + row as i64 * dot,
                    ];
                    self.fill(corner, [corner[0] + dot, corner[1] + dot], color);
                }
            }
        }
    }

    fn at(&self, point: Point) -> [i64; 2] {
        [
            (point[0] * self.width as f32) as i64,
            (point[1] * self.height as f32) as i64,
        ]
    }

    pub(crate) fn draw(&mut self, shape: &Shape, data: &RenderData) {
        let thick = (data.thickness.round() as i64).clamp(1, 64);
        match shape {
            Shape::Box(b) => {
                let corners = (
                    self.at([b.xmin, b.ymin]),
                    self.at([b.xmin + b.width, b.ymin + b.height]),
                );
                self.outline(corners.0, corners.1, thick, data.color);
            }
            Shape::Point(point) => {
                let [x, y] = self.at(*point);
                self.fill([x - thick, y - thick], [x + thick, y + thick], data.color);
            }
            Shape::Text(point, text) => {
                let dot = (self.width.min(self.height) / 320).clamp(1, 8);
                let [x, y] = self.at(*point);
                self.text([x, y - 9 * dot], text, dot, data.color);
            }
        }
    }
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
}
