//! Eye alignment: cutting a face out upright, at one size, the eyes always in the same places.
//!
//! It is the similarity transform that maps the two eyes to fixed points, the result of Procrustes
//! analysis for two points.

use super::error::{EmbedError, MIN_FACE_PIXELS};
use crate::geometry::Grid;
use crate::{Face, Frame};

/// Height of the eyes in the crop, 0 at its top, 1 at its bottom.
pub const CROP_EYES_Y: f32 = 0.38;

/// Distance of the eyes in the crop, as a share of its side. The framing is that of the FER+
/// pictures: brows and mouth have room, hair and ears are mostly left out.
pub const CROP_EYE_DISTANCE: f32 = 0.36;

/// The crop is at least this many boxes wide, so that a profile, whose eyes nearly meet, is not cut
/// too close.
const MIN_BOXES: f32 = 1.0;

/// Eyes closer than this share of the face's width define no angle, as their positions have errors.
const MIN_EYE_DISTANCE: f32 = 0.05;

/// Steps of the grid of eye positions along the distance of the eyes, at least. A step is a
/// fiftieth of a pixel of the crop or less.
const GRID_STEPS: f32 = 512.0;

/// Most samples along a side of one value: enough for faces of 500 pixels at the network's 64; the
/// time grows with the square.
const MAX_SUPERSAMPLING: usize = 8;

/// A square part of a picture, possibly turned: how crop coordinates map to the picture's pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alignment {
    /// Pixel position of the crop's top left corner.
    pub origin: [f32; 2],
    /// Pixels that the crop's upper side runs along x and y.
    pub across: [f32; 2],
    /// Pixels that the crop's left side runs along x and y.
    pub down: [f32; 2],
}

impl Alignment {
    /// The crop around `face`, turned so that the eyes are level.
    ///
    /// # Errors
    /// [`EmbedError::TooSmall`], [`EmbedError::Outside`] and [`EmbedError::NoKeyPoints`].
    pub fn of(frame: &Frame<'_>, face: &Face) -> Result<Self, EmbedError> {
        let size = [frame.width() as f32, frame.height() as f32];
        let pixel = |p: [f32; 2]| [p[0] * size[0], p[1] * size[1]];
        let Some([right, left, ..]) = face.key_points else {
            return Err(EmbedError::NoKeyPoints);
        };
        let [right, left] = [right, left].map(pixel);
        // Networks in floats differ in the last digits between processors. On a grid all of them
        // get the same crop, and so, with a network in bytes, the same embedding.
        let width = face.bounding_box.width * size[0];
        let apart = length(left[0] - right[0], left[1] - right[1]);
        let grid = Grid::of(apart.max(MIN_EYE_DISTANCE * width), GRID_STEPS);
        let [right, left] = [right, left].map(|p| p.map(|v| grid.nearest(v)));
        let width = grid.nearest(width);
        let middle = [(right[0] + left[0]) / 2.0, (right[1] + left[1]) / 2.0];
        let inside = |axis: usize| (0.0..=size[axis]).contains(&middle[axis]);
        let eyes = [left[0] - right[0], left[1] - right[1]];
        let distance = length(eyes[0], eyes[1]);
        // Infinite and NaN coordinates come from a network's overflow or a caller's face;
        // `contains` refuses NaN, so that no crop of nothing becomes a vector.
        if !(distance.is_finite() && width.is_finite() && inside(0) && inside(1)) {
            return Err(EmbedError::Outside);
        }
        if width < MIN_FACE_PIXELS {
            return Err(EmbedError::TooSmall { pixels: width });
        }
        // The eyes give the scale, as the training crops do; the box only bounds it.
        let side = (distance / CROP_EYE_DISTANCE).max(MIN_BOXES * width);
        let level = if distance > MIN_EYE_DISTANCE * width {
            [eyes[0] / distance, eyes[1] / distance]
        } else {
            [1.0, 0.0]
        };
        let across = [level[0] * side, level[1] * side];
        let down = [-across[1], across[0]];
        let origin = [0, 1].map(|i| middle[i] - 0.5 * across[i] - CROP_EYES_Y * down[i]);
        Ok(Self {
            origin,
            across,
            down,
        })
    }

    /// The whole picture, scaled to a square.
    pub fn whole(frame: &Frame<'_>) -> Self {
        Self {
            origin: [0.0; 2],
            across: [frame.width() as f32, 0.0],
            down: [0.0, frame.height() as f32],
        }
    }

    /// Writes the crop as `size × size` gray values in [-1, 1], each averaged over several samples
    /// where the crop shrinks. Beyond the picture its edge is repeated.
    pub fn sample(&self, frame: &Frame<'_>, size: usize, out: &mut [f32]) {
        let longest = [self.across, self.down].map(|[x, y]| length(x, y));
        let longest = longest[0].max(longest[1]);
        // As many samples as the crop has pixels of the picture along its longer side: fewer would
        // alias, more would read pixels twice.
        let fine = ((longest / size as f32).ceil() as usize).clamp(1, MAX_SUPERSAMPLING);
        // Brightness is computed once for each pixel, not for each sample: a crop that shrinks
        // takes up to four samples of a pixel, one that grows more.
        let gray = Gray::around(frame, self);
        let step = 1.0 / (size * fine) as f32;
        let dx = self.across.map(|v| v * step);
        let dy = self.down.map(|v| v * step);
        let scale = 1.0 / ((fine * fine) as f32 * 127.5);
        for (i, value) in out.iter_mut().enumerate().take(size * size) {
            let x = ((i % size) * fine) as f32 + 0.5;
            let y = ((i / size) * fine) as f32 + 0.5;
            let mut sum = 0.0;
            for sub_y in 0..fine {
                let v = y + sub_y as f32;
                let start_x = self.origin[0] + x * dx[0] + v * dy[0];
                let start_y = self.origin[1] + x * dx[1] + v * dy[1];
                sum += (0..fine)
                    .map(|u| u as f32)
                    .map(|u| gray.at([start_x + u * dx[0], start_y + u * dx[1]]))
                    .sum::<f32>();
            }
            *value = sum * scale - 1.0;
        }
    }
}

/// The length of a vector. Not `hypot`, whose last digit differs between mathematical libraries.
fn length(x: f32, y: f32) -> f32 {
    (x * x + y * y).sqrt()
}

/// The brightness (ITU-R BT.601) of the part of a picture that a crop touches.
struct Gray {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Gray {
    fn around(frame: &Frame<'_>, crop: &Alignment) -> Self {
        let (left, width) = span(crop, 0, frame.width());
        let (top, height) = span(crop, 1, frame.height());
        let row = |y: usize| &frame.pixels()[(y * frame.width() + left) * 3..][..width * 3];
        let luma = |p: &[u8; 3]| {
            0.299 * f32::from(p[0]) + 0.587 * f32::from(p[1]) + 0.114 * f32::from(p[2])
        };
        let values = (top..top + height)
            .flat_map(|y| row(y).as_chunks::<3>().0.iter().map(luma))
            .collect();
        Self {
            left,
            top,
            width,
            height,
            values,
        }
    }

    /// Bilinear brightness at a position of the picture whose integers are pixel edges.
    // Called for each sample: as a call of its own it more than doubles the time of a crop.
    #[inline(always)]
    fn at(&self, at: [f32; 2]) -> f32 {
        let inside = |v: f32, start: usize, size: usize| {
            (v - 0.5 - start as f32).clamp(0.0, (size - 1) as f32)
        };
        let x = inside(at[0], self.left, self.width);
        let y = inside(at[1], self.top, self.height);
        let x0 = x as usize;
        let y0 = y as usize;
        let fx = x - x0 as f32;
        let fy = y - y0 as f32;
        let right = usize::from(x0 + 1 < self.width);
        let below = usize::from(y0 + 1 < self.height);
        let upper = y0 * self.width + x0;
        let lower = (y0 + below) * self.width + x0;
        let v = &self.values;
        let top = v[upper] * (1.0 - fx) + v[upper + right] * fx;
        let bottom = v[lower] * (1.0 - fx) + v[lower + right] * fx;
        top * (1.0 - fy) + bottom * fy
    }
}

/// The first pixel along `axis` that the crop touches and how many there are, at least one, inside
/// the picture.
fn span(crop: &Alignment, axis: usize, size: usize) -> (usize, usize) {
    let [o, a, d] = [crop.origin, crop.across, crop.down].map(|v| v[axis]);
    let corners = [o, o + a, o + d, o + a + d];
    let low = corners.iter().copied().fold(f32::INFINITY, f32::min) - 1.0;
    let high = corners.iter().copied().fold(f32::NEG_INFINITY, f32::max) + 1.0;
    let first = (low.max(0.0) as usize).min(size - 1);
    let last = (high.max(0.0) as usize).clamp(first, size - 1);
    (first, last + 1 - first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BoundingBox;
    use crate::frame::PixelFormat;

    fn face(right: [f32; 2], left: [f32; 2]) -> Face {
        let bounding_box = BoundingBox {
            xmin: 0.3,
            ymin: 0.3,
            width: 0.4,
            height: 0.4,
        };
        Face {
            bounding_box,
            score: 1.0,
            key_points: Some([right, left, [0.5; 2], [0.5; 2], [0.5; 2], [0.5; 2]]),
        }
    }

    fn frame() -> Frame<'static> {
        Frame::from_raw(&[128; 300 * 100 * 3], 300, 100, 900, PixelFormat::Rgb)
            .unwrap()
            .into_owned()
    }

    #[test]
    fn eyes_land_where_they_belong_whatever_the_roll() {
        let frame = frame();
        for angle in [0.0f32, 0.3, -1.2, 3.0] {
            let [dx, dy] = [30.0 * angle.cos(), 30.0 * angle.sin()];
            let right = [150.0 - dx, 50.0 - dy];
            let left = [150.0 + dx, 50.0 + dy];
            let relative = |p: [f32; 2]| [p[0] / 300.0, p[1] / 100.0];
            let a = Alignment::of(&frame, &face(relative(right), relative(left))).unwrap();
            let side = a.across[0].hypot(a.across[1]);
            for (eye, x) in [(right, 0.5 - 30.0 / side), (left, 0.5 + 30.0 / side)] {
                for (i, wanted) in eye.iter().enumerate() {
                    let at = a.origin[i] + x * a.across[i] + CROP_EYES_Y * a.down[i];
                    // Half a step of the grid, for eyes that are 60 pixels apart.
                    let tolerance = 60.0 / GRID_STEPS / 2.0;
                    assert!((at - wanted).abs() <= tolerance, "angle {angle}");
                }
            }
        }
    }

    #[test]
    fn impossible_faces_are_refused_with_a_reason() {
        let frame = frame();
        let far = face([2.0, 0.5], [2.1, 0.5]);
        assert_eq!(Alignment::of(&frame, &far), Err(EmbedError::Outside));
        let broken = face([f32::NAN, 0.5], [0.5, 0.5]);
        assert_eq!(Alignment::of(&frame, &broken), Err(EmbedError::Outside));
        let mut tiny = face([0.4, 0.4], [0.6, 0.4]);
        tiny.bounding_box.width = 0.01;
        assert!(matches!(
            Alignment::of(&frame, &tiny),
            Err(EmbedError::TooSmall { .. })
        ));
    }

    #[test]
    fn a_crop_larger_than_the_picture_repeats_its_edge() {
        let frame = frame();
        let around = Alignment {
            origin: [-500.0, -500.0],
            across: [2000.0, 0.0],
            down: [0.0, 2000.0],
        };
        let mut out = [0.0; 64];
        around.sample(&frame, 8, &mut out);
        assert!(out.iter().all(|v| (v - (128.0 / 127.5 - 1.0)).abs() < 1e-4));
    }
}
