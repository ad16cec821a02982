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
}

/// The length of a vector. Not `hypot`, whose last digit differs between mathematical libraries.
pub(super) fn length(x: f32, y: f32) -> f32 {
    (x * x + y * y).sqrt()
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
