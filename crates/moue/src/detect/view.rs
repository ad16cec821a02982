//! Cropping a square part of a picture, possibly rotated and reaching beyond it, and mapping
//! coordinates of the crop back to the picture.

use super::face::Face;
use crate::Frame;
use crate::frame::Square;
use crate::geometry::{BoundingBox, Grid, Point};
use crate::kernels::{Turn, padding};

/// Eyes less tilted than this slope stay as they are in a close-up: the network has learned tilts
/// of that size, and an upright crop needs no second interpolation.
const MIN_SLOPE: f32 = 0.15;

/// Steps of a close-up's grid along its side. A step is then at most half a hundredth of the face's width,
/// well below the error of a proposal.
const GRID_STEPS: f32 = 256.0;

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
    /// Cosine and sine of the angle by which the square is turned; the picture's x axis towards its
    /// y axis.
    direction: [f32; 2],
}

/// The direction of a square that is not turned.
const UPRIGHT: [f32; 2] = [1.0, 0.0];

/// A rotation of the whole picture, in which faces may be upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quarter {
    /// None.
    Upright,
    /// By 90 degrees, the picture's x axis towards its y axis.
    Once,
    /// By 180 degrees.
    Twice,
    /// By 90 degrees the other way.
    Back,
}

impl Quarter {
    /// Cosine and sine of the angle.
    fn direction(self) -> [f32; 2] {
        match self {
            Self::Upright => UPRIGHT,
            Self::Once => [0.0, 1.0],
            Self::Twice => [-1.0, 0.0],
            Self::Back => [0.0, -1.0],
        }
    }

    /// An upright crop of `size × size` RGB pixels, turned: pixels change their places alone.
    pub(super) fn turned(self, upright: &[u8], size: usize) -> Vec<u8> {
        let pixels = upright.as_chunks::<3>().0;
        let last = size.saturating_sub(1);
        // Where the first pixel of a row comes from, and how far on each further one does.
        let row_of = |y: usize| match self {
            Self::Upright => (y * size, 1),
            Self::Once => (last - y, size as isize),
            Self::Twice => ((last - y) * size + last, -1),
            Self::Back => (last * size + y, -(size as isize)),
        };
        let mut out = vec![[0; 3]; size * size];
        for (y, row) in out.chunks_exact_mut(size.max(1)).enumerate() {
            let (mut from, step) = row_of(y);
            for pixel in row {
                *pixel = pixels[from];
                from = from.wrapping_add_signed(step);
            }
        }
        out.into_flattened()
    }
}

impl View {
    /// A square that is not turned.
    pub(super) fn new(center: [f32; 2], side: f32) -> Self {
        Self {
            center,
            side: side.max(MIN_SIDE),
            direction: UPRIGHT,
        }
    }

    /// Side in pixels of the picture.
    pub(super) fn side(&self) -> f32 {
        self.side
    }

    /// The same part of a picture that is `scale` times as wide and high.
    pub(super) fn scaled(&self, scale: f32) -> Self {
        Self {
            center: self.center.map(|v| v * scale),
            side: self.side * scale,
            ..*self
        }
    }

    /// The same square of the turned picture.
    pub(super) fn turned(&self, quarter: Quarter) -> Self {
        Self {
            direction: quarter.direction(),
            ..*self
        }
    }

    /// The same square, turned by the angle with this cosine and sine.
    pub(super) fn turned_by(&self, [cosine, sine]: [f32; 2]) -> Self {
        let [x, y] = self.direction;
        Self {
            direction: [x * cosine - y * sine, y * cosine + x * sine],
            ..*self
        }
    }

    /// The view of a face, `widths` of its widths large, with its eyes level; `None` if its
    /// coordinates are not finite.
    pub(super) fn close_up(frame: &Frame<'_>, face: &Face, widths: f32) -> Option<Self> {
        let size = [frame.width() as f32, frame.height() as f32];
        let b = face.bounding_box;
        let middle = b.center();
        let center = [middle[0] * size[0], middle[1] * size[1]];
        let width = b.width * size[0];
        let side = widths * width.max(b.height * size[1]);
        let finite = center.iter().chain([&side, &width]).all(|v| v.is_finite());
        if !finite || side >= MAX_SIDE_RATIO * size[0].max(size[1]) {
            return None;
        }
        // Networks in floats differ in the last digits between processors. On a grid all of them see
        // the same close-up.
        let grid = Grid::of(side, GRID_STEPS);
        Some(Self {
            center: center.map(|v| grid.nearest(v)),
            side: grid.nearest(side).max(MIN_SIDE),
            direction: level(face, size, &grid, width),
        })
    }

    /// Whether the middle of a face lies in the view.
    pub(super) fn shows(&self, frame: &Frame<'_>, face: &Face) -> bool {
        let middle = face.bounding_box.center();
        let x = middle[0] * frame.width() as f32 - self.center[0];
        let y = middle[1] * frame.height() as f32 - self.center[1];
        let [cos, sin] = self.direction;
        let half = self.side / 2.0;
        (x * cos + y * sin).abs() <= half && (y * cos - x * sin).abs() <= half
    }

    /// The part as `size × size` pixels, RGB.
    pub(super) fn crop(&self, frame: &Frame<'_>, size: usize) -> Vec<u8> {
        let [cos, sin] = self.direction;
        if self.direction == UPRIGHT {
            return frame.window(self.around(1.0), size);
        }
        // What is cut out upright is a little larger than the view and has its scale, so that
        // turning is all that is left.
        let wide = sin.abs() + cos.abs();
        let cut = (wide * size as f32).ceil();
        let larger = cut / size as f32;
        let upright = frame.window(self.around(larger), cut as usize);
        turned(upright, cut as usize, size, [cos, sin])
    }

    /// The upright square of `times` the view's side around its middle.
    fn around(&self, times: f32) -> Square {
        let side = times * self.side;
        let corner = self.center.map(|v| v - side / 2.0);
        Square { corner, side }
    }

    /// Turns coordinates of the view, 0..1, into coordinates of the picture. The box keeps its
    /// size: it is square, and faces are upright in what is finally kept.
    pub(super) fn restore(&self, face: &Face, frame: &Frame<'_>) -> Face {
        let [cos, sin] = self.direction;
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

/// The direction of the line through the eyes; upright where it is not known or nearly level.
fn level(face: &Face, size: [f32; 2], grid: &Grid, width: f32) -> [f32; 2] {
    let Some([right, left, ..]) = face.key_points else {
        return UPRIGHT;
    };
    let [x, y] = [0, 1].map(|i| grid.nearest((left[i] - right[i]) * size[i]));
    // Not `hypot`, whose last digit differs between mathematical libraries.
    let distance = (x * x + y * y).sqrt();
    let is_level = x > 0.0 && y.abs() <= MIN_SLOPE * x;
    if !distance.is_finite() || is_level || distance <= MIN_EYE_DISTANCE * width {
        return UPRIGHT;
    }
    [x / distance, y / distance]
}

/// A turned square of `size` pixels around the middle of one of `side` pixels; `across` is a step along
/// its rows.
fn turned(mut pixels: Vec<u8>, side: usize, size: usize, across: [f32; 2]) -> Vec<u8> {
    pixels.resize(pixels.len() + padding(side), 0);
    let mut out = vec![0; size * size * 3];
    Turn::new(&pixels, side, size, across).write(&mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f32::consts::{FRAC_PI_2, PI};

    /// Red grows to the right, green downwards.
    fn ramp() -> Frame<'static> {
        let pixels = (0..100 * 200)
            .flat_map(|i| [(i % 200) as u8, (i / 200) as u8 * 2, 7])
            .collect();
        Frame::from_pixels(pixels, 200, 100).unwrap()
    }

    fn view(center: [f32; 2], side: f32, angle: f32) -> View {
        View {
            direction: [angle.cos(), angle.sin()],
            ..View::new(center, side)
        }
    }

    #[test]
    fn turns_add_up() {
        let turned = view([5.0, 5.0], 4.0, 0.5).turned_by([0.25f32.cos(), 0.25f32.sin()]);
        let expected = view([5.0, 5.0], 4.0, 0.75);
        let pairs = turned.direction.into_iter().zip(expected.direction);
        assert!(pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-6));
        assert_eq!(
            (turned.center, turned.side),
            (expected.center, expected.side)
        );
    }

    #[test]
    fn quarters_have_the_pixels_of_turned_views() {
        let frame = ramp();
        for (quarter, angle) in [
            (Quarter::Once, FRAC_PI_2),
            (Quarter::Twice, PI),
            (Quarter::Back, -FRAC_PI_2),
        ] {
            let upright = View::new([101.0, 52.0], 40.0).crop(&frame, 32);
            let quick = quarter.turned(&upright, 32);
            let slow = view([101.0, 52.0], 40.0, angle).crop(&frame, 32);
            let mut pairs = quick.iter().zip(&slow);
            assert!(pairs.all(|(a, b)| a.abs_diff(*b) <= 2), "{quarter:?}");
        }
    }

    #[test]
    fn every_pixel_is_where_restore_says() {
        let frame = ramp();
        for (angle, side) in [(0.0, 48.0), (0.4, 40.0), (FRAC_PI_2, 32.0), (-2.5, 37.0)] {
            let view = view([101.0, 52.0], side, angle);
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
        let pixels = view([0.0, 0.0], 60.0, 0.0).crop(&ramp(), 32);
        assert_eq!(pixels[..3], [0; 3]);
        assert_eq!(pixels[(20 * 32 + 20) * 3 + 2], 7);
        assert!(
            view([-900.0, 50.0], 60.0, 1.0)
                .crop(&ramp(), 8)
                .iter()
                .all(|v| *v == 0)
        );
    }
}
