//! Cropping a square part of a picture, possibly rotated and reaching beyond it, and mapping
//! coordinates of the crop back to the picture.

use super::face::Face;
use crate::Frame;
use crate::geometry::{BoundingBox, Point};

/// Eyes less tilted than this, in radians, stay as they are in a close-up: the network has learned
/// tilts of that size, and an upright crop needs no second interpolation.
const MIN_ROLL: f32 = 0.15;

/// Eyes that are closer than this, in widths of the face, belong to a profile: the line through
/// them does not show the face's angle.
const MIN_EYE_DISTANCE: f32 = 0.2;

/// A close-up that is this many times larger than the picture comes from a broken box, and would
/// take memory without bound.
const MAX_SIDE_RATIO: f32 = 8.0;

/// Least side of a view, in pixels: below it there is nothing to interpolate between.
const MIN_SIDE: f32 = 2.0;

/// A square in pixels of the picture. Where it lies outside, it is black.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct View {
    center: [f32; 2],
    side: f32,
    /// Radians by which the square is turned; the picture's x axis towards its y axis.
    angle: f32,
}

impl View {
    pub(super) fn new(center: [f32; 2], side: f32, angle: f32) -> Self {
        Self {
            center,
            side: side.max(MIN_SIDE),
            angle,
        }
    }

    /// The view of a face, `widths` of its widths large, with its eyes level; `None` if its
    /// coordinates are not finite.
    pub(super) fn close_up(frame: &Frame<'_>, face: &Face, widths: f32) -> Option<Self> {
        let [width, height] = [frame.width() as f32, frame.height() as f32];
        let b = face.bounding_box;
        let center = [b.center()[0] * width, b.center()[1] * height];
        let side = widths * (b.width * width).max(b.height * height);
        let roll = roll(face, width, height);
        let angle = if roll.abs() > MIN_ROLL { roll } else { 0.0 };
        let finite = center.iter().chain([&side, &angle]).all(|v| v.is_finite());
        let bounded = side < MAX_SIDE_RATIO * width.max(height);
        (finite && bounded).then(|| Self::new(center, side, angle))
    }

    /// Whether the middle of a face lies in the view.
    pub(super) fn shows(&self, frame: &Frame<'_>, face: &Face) -> bool {
        let middle = face.bounding_box.center();
        let x = middle[0] * frame.width() as f32 - self.center[0];
        let y = middle[1] * frame.height() as f32 - self.center[1];
        let (sin, cos) = self.angle.sin_cos();
        let half = self.side / 2.0;
        (x * cos + y * sin).abs() <= half && (y * cos - x * sin).abs() <= half
    }

    /// The part as `size × size` pixels, RGB.
    pub(super) fn crop(&self, frame: &Frame<'_>, size: usize) -> Vec<u8> {
        let (sin, cos) = self.angle.sin_cos();
        let wide = sin.abs() + cos.abs();
        let length = (self.side * wide).ceil().max(1.0) as usize;
        let corner = self
            .center
            .map(|c| (c - length as f32 / 2.0).round() as i64);
        // What is cut out upright is a little larger than the view and has its scale, so that
        // turning is all that is left.
        let cut = ((length as f32 / self.side * size as f32).ceil() as usize).max(1);
        let upright = square(frame, corner, length, cut);
        let scale = cut as f32 / length as f32;
        let middle = [0, 1].map(|i| (self.center[i] - corner[i] as f32) * scale);
        let step = self.side * scale / size as f32;
        if self.angle == 0.0 && cut == size {
            return upright;
        }
        turned(&upright, cut, size, middle, [cos * step, sin * step])
    }

    /// Turns coordinates of the view, 0..1, into coordinates of the picture. The box keeps its
    /// size: it is square, and faces are upright in what is finally kept.
    pub(super) fn restore(&self, face: &Face, frame: &Frame<'_>) -> Face {
        let (sin, cos) = self.angle.sin_cos();
        let size = [frame.width() as f32, frame.height() as f32];
        let point = |p: Point| -> Point {
            let [x, y] = p.map(|v| (v - 0.5) * self.side);
            [
                (self.center[0] + x * cos - y * sin) / size[0],
                (self.center[1] + x * sin + y * cos) / size[1],
            ]
        };
        let b = face.bounding_box;
        let sides = [
            b.width * self.side / size[0],
            b.height * self.side / size[1],
        ];
        Face {
            bounding_box: BoundingBox::centered(point(b.center()), sides),
            score: face.score,
            key_points: face.key_points.map(|points| points.map(point)),
        }
    }
}

/// The angle of the line through the eyes, in radians; 0 where it is not known.
fn roll(face: &Face, width: f32, height: f32) -> f32 {
    let Some([right, left, ..]) = face.key_points else {
        return 0.0;
    };
    let x = (left[0] - right[0]) * width;
    let y = (left[1] - right[1]) * height;
    if x.hypot(y) > MIN_EYE_DISTANCE * face.bounding_box.width * width {
        y.atan2(x)
    } else {
        0.0
    }
}

/// The square of `length` pixels at `corner`, as `size × size` pixels, black where it lies outside.
fn square(frame: &Frame<'_>, corner: [i64; 2], length: usize, size: usize) -> Vec<u8> {
    let mut out = vec![0; size * size * 3];
    let scale = size as f32 / length as f32;
    let span = |axis: usize, whole: usize| Span::of(corner[axis], length, whole, scale, size);
    let (Some(x), Some(y)) = (span(0, frame.width()), span(1, frame.height())) else {
        return out;
    };
    let part = frame.cropped(x.start, y.start, x.length, y.length);
    let part = part.resized_pixels(x.to_length, y.to_length);
    for (line, row) in part.chunks_exact(x.to_length * 3).enumerate() {
        out[((y.to_start + line) * size + x.to_start) * 3..][..row.len()].copy_from_slice(row);
    }
    out
}

/// Along one axis, the pixels of the picture that a square shows, and where they go.
struct Span {
    start: usize,
    length: usize,
    to_start: usize,
    to_length: usize,
}

impl Span {
    /// Of a square that starts at `corner` and has `length` pixels of a picture with `whole`;
    /// `None` if it lies outside.
    fn of(corner: i64, length: usize, whole: usize, scale: f32, size: usize) -> Option<Self> {
        let start = corner.clamp(0, whole as i64);
        let end = (corner + length as i64).clamp(start, whole as i64);
        let shown = (end - start) as usize;
        if shown == 0 {
            return None;
        }
        let to_start = (((start - corner) as f32 * scale).round() as usize).min(size - 1);
        let to_length = ((shown as f32 * scale).round() as usize).clamp(1, size - to_start);
        Some(Self {
            start: start as usize,
            length: shown,
            to_start,
            to_length,
        })
    }
}

/// Samples a turned square of `size` pixels around `middle` from one of `side` pixels; `across` is
/// a step along its rows.
fn turned(pixels: &[u8], side: usize, size: usize, middle: [f32; 2], across: [f32; 2]) -> Vec<u8> {
    let down = [-across[1], across[0]];
    let half = size as f32 / 2.0 - 0.5;
    let mut out = Vec::with_capacity(size * size * 3);
    for y in 0..size {
        for x in 0..size {
            let u = x as f32 - half;
            let v = y as f32 - half;
            let at_x = middle[0] + u * across[0] + v * down[0] - 0.5;
            let at_y = middle[1] + u * across[1] + v * down[1] - 0.5;
            out.extend(bilinear(pixels, side, [at_x, at_y]));
        }
    }
    out
}

/// The color at a position whose integers are pixel centers; the border is repeated.
// Called for each pixel of a crop, so that a call of its own would cost more than what it computes.
#[inline(always)]
fn bilinear(pixels: &[u8], side: usize, at: [f32; 2]) -> [u8; 3] {
    let last = (side - 1) as f32;
    let x = at[0].clamp(0.0, last);
    let y = at[1].clamp(0.0, last);
    let x0 = x as usize;
    let y0 = y as usize;
    let fx = x - x0 as f32;
    let fy = y - y0 as f32;
    let right = usize::from(x0 + 1 < side) * 3;
    let below = usize::from(y0 + 1 < side) * side * 3;
    let first = (y0 * side + x0) * 3;
    std::array::from_fn(|c| {
        let value = |offset: usize| f32::from(pixels[first + offset + c]);
        let top = value(0) * (1.0 - fx) + value(right) * fx;
        let bottom = value(below) * (1.0 - fx) + value(below + right) * fx;
        (top * (1.0 - fy) + bottom * fy + 0.5) as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f32::consts::FRAC_PI_2;

    /// Red grows to the right, green downwards.
    fn ramp() -> Frame<'static> {
        let pixels = (0..100 * 200)
            .flat_map(|i| [(i % 200) as u8, (i / 200) as u8 * 2, 7])
            .collect();
        Frame::from_pixels(pixels, 200, 100).unwrap()
    }

    #[test]
    fn every_pixel_is_where_restore_says() {
        let frame = ramp();
        for (angle, side) in [(0.0, 48.0), (0.4, 40.0), (FRAC_PI_2, 32.0), (-2.5, 37.0)] {
            let view = View::new([101.0, 52.0], side, angle);
            let pixels = view.crop(&frame, 32);
            for (x, y) in [(3, 4), (16, 16), (28, 9)] {
                let whole = Face::whole();
                let at = [(x as f32 + 0.5) / 32.0, (y as f32 + 0.5) / 32.0];
                let back = view
                    .restore(
                        &Face {
                            key_points: Some([at; 6]),
                            ..whole
                        },
                        &frame,
                    )
                    .key_points
                    .unwrap()[0];
                let wanted = [back[0] * 200.0 - 0.5, (back[1] * 100.0 - 0.5) * 2.0];
                let pixel = &pixels[(y * 32 + x) * 3..];
                for c in 0..2 {
                    assert!(
                        (f32::from(pixel[c]) - wanted[c]).abs() < 2.5,
                        "{angle} {side} ({x}, {y}): {wanted:?} {pixel:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn outside_is_black() {
        let pixels = View::new([0.0, 0.0], 60.0, 0.0).crop(&ramp(), 32);
        assert_eq!(pixels[..3], [0; 3]);
        assert_eq!(pixels[(20 * 32 + 20) * 3 + 2], 7);
        assert!(
            View::new([-900.0, 50.0], 60.0, 1.0)
                .crop(&ramp(), 8)
                .iter()
                .all(|v| *v == 0)
        );
    }
}
