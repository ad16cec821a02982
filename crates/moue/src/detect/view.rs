//! What the network sees: a square part of a picture, possibly turned and reaching beyond it.

use super::Face;
use crate::Frame;
use crate::geometry::{BoundingBox, Point};
use crate::resize::resize;

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
            side: side.max(2.0),
            angle,
        }
    }

    /// The part as `size × size` pixels, RGB.
    pub(super) fn sample(&self, frame: &Frame<'_>, size: usize) -> Vec<u8> {
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

    /// The part as values in [-1, 1] for a network whose input is `size × size`.
    pub(super) fn write_input(&self, frame: &Frame<'_>, size: usize, input: &mut [f32]) {
        let pixels = self.sample(frame, size);
        input
            .iter_mut()
            .zip(&pixels)
            .for_each(|(to, from)| *to = f32::from(*from) / 127.5 - 1.0);
    }

    /// Turns coordinates of the view, 0..1, into coordinates of the picture. The box keeps its
    /// size: it is square, and faces are upright in what is finally kept.
    pub(super) fn restore(&self, face: &Face, frame: &Frame<'_>) -> Face {
        let (sin, cos) = self.angle.sin_cos();
        let size = [frame.width() as f32, frame.height() as f32];
        let point = |p: Point| -> Point {
            let (x, y) = ((p[0] - 0.5) * self.side, (p[1] - 0.5) * self.side);
            [
                (self.center[0] + x * cos - y * sin) / size[0],
                (self.center[1] + x * sin + y * cos) / size[1],
            ]
        };
        let b = face.bounding_box;
        let center = point(b.center());
        let (width, height) = (
            b.width * self.side / size[0],
            b.height * self.side / size[1],
        );
        let bounding_box = BoundingBox {
            xmin: center[0] - width / 2.0,
            ymin: center[1] - height / 2.0,
            width,
            height,
        };
        Face {
            bounding_box,
            score: face.score,
            key_points: face.key_points.map(|points| points.map(point)),
        }
    }
}

/// The square of `length` pixels at `corner`, as `size × size` pixels, black where it lies outside.
fn square(frame: &Frame<'_>, corner: [i64; 2], length: usize, size: usize) -> Vec<u8> {
    let inside = |axis: usize, whole: usize| {
        let start = corner[axis].clamp(0, whole as i64);
        let end = (corner[axis] + length as i64).clamp(start, whole as i64);
        (start, (end - start) as usize)
    };
    let ((left, width), (top, height)) = (inside(0, frame.width()), inside(1, frame.height()));
    let mut out = vec![0; size * size * 3];
    if width == 0 || height == 0 {
        return out;
    }
    let scale = size as f32 / length as f32;
    let place = |at: i64, axis: usize| {
        (((at - corner[axis]) as f32 * scale).round() as usize).min(size - 1)
    };
    let (x, y) = (place(left, 0), place(top, 1));
    let fitted = |pixels: usize, start: usize| {
        ((pixels as f32 * scale).round() as usize).clamp(1, size - start)
    };
    let (to_width, to_height) = (fitted(width, x), fitted(height, y));
    let part = frame.cropped(left as usize, top as usize, width, height);
    let part = resize(&part, to_width, to_height);
    for (line, row) in part.chunks_exact(to_width * 3).enumerate() {
        out[((y + line) * size + x) * 3..][..row.len()].copy_from_slice(row);
    }
    out
}

/// Samples a turned square of `size` pixels around `middle` from one of `side` pixels; `across` is
/// a step along its rows.
fn turned(pixels: &[u8], side: usize, size: usize, middle: [f32; 2], across: [f32; 2]) -> Vec<u8> {
    let down = [-across[1], across[0]];
    let half = size as f32 / 2.0 - 0.5;
    let mut out = Vec::with_capacity(size * size * 3);
    for y in 0..size {
        for x in 0..size {
            let (u, v) = (x as f32 - half, y as f32 - half);
            let at = [0, 1].map(|i| middle[i] + u * across[i] + v * down[i] - 0.5);
            out.extend(bilinear(pixels, side, at));
        }
    }
    out
}

/// The color at a position whose integers are pixel centers; the border is repeated.
fn bilinear(pixels: &[u8], side: usize, at: [f32; 2]) -> [u8; 3] {
    let [x, y] = at.map(|v| v.clamp(0.0, (side - 1) as f32));
    let (x0, y0) = (x as usize, y as usize);
    let (fx, fy) = (x - x0 as f32, y - y0 as f32);
    let (right, below) = (
        usize::from(x0 + 1 < side) * 3,
        usize::from(y0 + 1 < side) * side * 3,
    );
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
            let pixels = view.sample(&frame, 32);
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
        let pixels = View::new([0.0, 0.0], 60.0, 0.0).sample(&ramp(), 32);
        assert_eq!(pixels[..3], [0; 3]);
        assert_eq!(pixels[(20 * 32 + 20) * 3 + 2], 7);
        assert!(
            View::new([-900.0, 50.0], 60.0, 1.0)
                .sample(&ramp(), 8)
                .iter()
                .all(|v| *v == 0)
        );
    }
}
