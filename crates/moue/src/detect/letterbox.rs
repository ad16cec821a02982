//! Fitting a picture into a square with black bars.

use super::face::Face;
use crate::Frame;

/// A picture scaled to fit a rectangle, and how to get back to its own coordinates.
#[derive(Debug, Clone, PartialEq)]
pub struct Letterbox {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
    /// Share of the rectangle that the bars left and right, above and below take up, each.
    bars: [f32; 2],
}

impl Letterbox {
    /// Scales `frame` to fit `size × size` pixels: areas are averaged where it shrinks, else
    /// bilinear.
    pub fn fit(frame: &Frame<'_>, size: usize) -> Self {
        Self::fit_into(frame, size, size)
    }

    /// As [`Letterbox::fit`], into `width × height` pixels.
    ///
    /// ```
    /// use moue::Frame;
    /// use moue::detect::Letterbox;
    /// let square = Frame::from_pixels(vec![255; 4 * 4 * 3], 4, 4)?;
    /// let wide = Letterbox::fit_into(&square, 8, 4);
    /// assert_eq!(wide.bars(), [0.25, 0.0]);
    /// # Ok::<(), moue::frame::RawError>(())
    /// ```
    pub fn fit_into(frame: &Frame<'_>, width: usize, height: usize) -> Self {
        let [width, height] = [width, height].map(|side| side.max(1));
        let [from_width, from_height] = [frame.width() as f32, frame.height() as f32];
        let scale = (width as f32 / from_width).min(height as f32 / from_height);
        let scaled =
            |length: f32, limit: usize| ((length * scale).round() as usize).clamp(1, limit);
        let inner_width = scaled(from_width, width);
        let inner_height = scaled(from_height, height);
        let inner = frame.resized_pixels(inner_width, inner_height);
        let left = (width - inner_width) / 2;
        let top = (height - inner_height) / 2;
        let mut pixels = vec![0; width * height * 3];
        for (y, row) in inner.chunks_exact(inner_width * 3).enumerate() {
            pixels[((top + y) * width + left) * 3..][..row.len()].copy_from_slice(row);
        }
        // The bars follow from the aspect ratio, not from the rounded pixels, as in MediaPipe.
        let aspect = (from_width / from_height) / (width as f32 / height as f32);
        let bars = if aspect < 1.0 {
            [(1.0 - aspect) / 2.0, 0.0]
        } else {
            [0.0, (1.0 - 1.0 / aspect) / 2.0]
        };
        Self {
            width,
            height,
            pixels,
            bars,
        }
    }

    /// `height × width × 3` bytes: red, green, blue.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Share of the rectangle that the bars take up: left and right, above and below, each.
    pub fn bars(&self) -> [f32; 2] {
        self.bars
    }

    /// The fitted picture with its bars.
    pub fn into_frame(self) -> Frame<'static> {
        Frame::from_owned(self.width, self.height, self.pixels)
    }

    /// Turns coordinates of the square into coordinates of the picture.
    pub(super) fn remove_from(&self, face: &mut Face) {
        let scale = self.bars.map(|bar| 1.0 - 2.0 * bar);
        let b = &mut face.bounding_box;
        b.xmin = (b.xmin - self.bars[0]) / scale[0];
        b.ymin = (b.ymin - self.bars[1]) / scale[1];
        b.width /= scale[0];
        b.height /= scale[1];
        for point in face.key_points.iter_mut().flatten() {
            *point = std::array::from_fn(|i| (point[i] - self.bars[i]) / scale[i]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::PixelFormat;

    #[test]
    fn tall_pictures_get_bars_at_the_sides() {
        let white = vec![255; 10 * 20 * 3];
        let frame = Frame::from_raw(&white, 10, 20, 30, PixelFormat::Rgb).unwrap();
        let boxed = Letterbox::fit(&frame, 8);
        assert_eq!(boxed.bars, [0.25, 0.0]);
        for (i, pixel) in boxed.pixels().as_chunks::<3>().0.iter().enumerate() {
            let inside = (2..6).contains(&(i % 8));
            assert_eq!(*pixel, [if inside { 255 } else { 0 }; 3], "pixel {i}");
        }
    }

    #[test]
    fn extreme_shapes_keep_a_pixel() {
        let line = vec![9; 3 * 5000];
        let frame = Frame::from_raw(&line, 5000, 1, 15000, PixelFormat::Rgb).unwrap();
        assert_eq!(
            Letterbox::fit(&frame, 128)
                .pixels()
                .iter()
                .filter(|v| **v == 9)
                .count(),
            128 * 3
        );
    }
}
