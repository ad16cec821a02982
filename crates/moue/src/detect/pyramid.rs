//! A picture at several sizes (an image pyramid), so that a view that shows much of it at a small size need
//! not read all of its pixels again.

use super::view::View;
use crate::Frame;

/// A smaller picture is used for a view if each pixel of the crop still covers so many of its pixels along
/// an axis. Below 2 the borders between its pixels would show as stripes.
const MIN_STEP: f32 = 2.0;

/// The picture, and pictures that are half, a quarter, … as wide and high.
pub(super) struct Pyramid<'a> {
    frame: &'a Frame<'a>,
    halves: Vec<Frame<'static>>,
}

impl<'a> Pyramid<'a> {
    /// A picture that is searched by views of up to `widest` of its longer sides, at `size` pixels.
    pub(super) fn new(frame: &'a Frame<'a>, widest: f32, size: usize) -> Self {
        let mut pyramid = Self::flat(frame);
        let longer = frame.width().max(frame.height()) as f32;
        let mut step = widest * longer / size.max(1) as f32 / 2.0;
        while step >= MIN_STEP {
            let Some(half) = half_of(pyramid.smallest()) else {
                break;
            };
            pyramid.halves.push(half);
            step /= 2.0;
        }
        pyramid
    }

    /// The picture alone, for few views.
    pub(super) fn flat(frame: &'a Frame<'a>) -> Self {
        let halves = Vec::new();
        Self { frame, halves }
    }

    /// The picture at its own size.
    pub(super) fn frame(&self) -> &'a Frame<'a> {
        self.frame
    }

    fn smallest(&self) -> &Frame<'_> {
        self.halves.last().unwrap_or(self.frame)
    }

    /// What a view shows, as `size × size` pixels, RGB.
    pub(super) fn crop(&self, view: &View, size: usize) -> Vec<u8> {
        let mut step = view.side() / size as f32 / 2.0;
        let mut scale = 1.0;
        let mut level = self.frame;
        for half in &self.halves {
            if step < MIN_STEP {
                break;
            }
            level = half;
            scale /= 2.0;
            step /= 2.0;
        }
        view.scaled(scale).crop(level, size)
    }
}

/// The mean of each two by two pixels; `None` of a picture without them. Of an odd side the last row or
/// column is left out, so that places halve exactly.
fn half_of(frame: &Frame<'_>) -> Option<Frame<'static>> {
    let [width, height] = [frame.width() / 2, frame.height() / 2];
    if width == 0 || height == 0 {
        return None;
    }
    if (2 * width, 2 * height) == (frame.width(), frame.height()) {
        return Some(frame.resized(width, height));
    }
    let even = frame.cropped(0, 0, 2 * width, 2 * height);
    Some(even.resized(width, height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_nearly_the_same_at_every_level() {
        for [width, height] in [[640, 480], [517, 801], [1300, 9]] {
            let color = |x: usize, y: usize| [x * 255 / width, y * 255 / height, 90];
            let pixels = (0..width * height).flat_map(|i| color(i % width, i / width));
            let pixels = pixels.map(|v| v as u8).collect();
            let frame = Frame::from_pixels(pixels, width, height).unwrap();
            let pyramid = Pyramid::new(&frame, 1.6, 64);
            assert!(pyramid.halves.len() >= 2);
            let longer = width.max(height) as f32;
            let middle = [width as f32 / 2.0, height as f32 / 2.0];
            for side in [0.3, 0.7, 1.0, 1.6] {
                let view = View::new(middle, side * longer);
                let one = pyramid.crop(&view, 64);
                let other = Pyramid::flat(&frame).crop(&view, 64);
                // At the edge of the picture a pixel is partly black.
                let off = one.iter().zip(&other).filter(|(a, b)| a.abs_diff(**b) > 2);
                assert!(off.count() <= 4 * 64 * 3, "{width}×{height}, {side}");
            }
        }
    }

    #[test]
    fn small_and_thin_pictures_have_no_halves() {
        let frame = Frame::from_pixels(vec![0; 100 * 70 * 3], 100, 70).unwrap();
        assert!(Pyramid::new(&frame, 1.6, 128).halves.is_empty());
        let thin = Frame::from_pixels(vec![0; 3000 * 3], 3000, 1).unwrap();
        assert!(Pyramid::new(&thin, 1.0, 128).halves.is_empty());
    }
}
