//! A square part of a picture at another size, its place and side in fractions of a pixel.
//!
//! Shrinking averages the covered area, enlarging is bilinear. Beyond the picture it is black.

use super::resize::{Source, weighted};
use super::shares::{Share, Shares};
use std::ops::Range;

/// A square in pixels of the picture, whose integers are pixel edges.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Square {
    /// Top left corner.
    pub(crate) corner: [f32; 2],
    pub(crate) side: f32,
}

/// The square as `size × size` pixels, RGB.
pub(super) fn window(source: Source<'_>, square: Square, size: usize) -> Vec<u8> {
    let columns = axis_shares(square.corner[0], square.side, size, source.width);
    let rows = axis_shares(square.corner[1], square.side, size, source.height);
    weighted(source, &columns, &rows)
}

/// For each of `size` cells from `start` on, `length` pixels long in all, the shares of the picture's
/// `whole` pixels. What lies outside has none, and counts as black.
fn axis_shares(start: f32, length: f32, size: usize, whole: usize) -> Shares {
    let step = f64::from(length) / size as f64;
    Shares::new(size, |i, shares| {
        let at = f64::from(start) + i as f64 * step;
        if step > 1.0 {
            shares.extend(covered(at, step, whole));
        } else {
            shares.extend(interpolated(at + step / 2.0, whole));
        }
    })
}

/// The pixels that `step` pixels from `at` on cover, by how much.
fn covered(at: f64, step: f64, whole: usize) -> impl Iterator<Item = Share> {
    let end = at + step;
    pixels(at.floor(), end.ceil(), whole).map(move |source| {
        let left = at.max(source as f64);
        let right = end.min(source as f64 + 1.0);
        share(source, (right - left) / step)
    })
}

/// The two pixels whose middles are around `at`.
fn interpolated(at: f64, whole: usize) -> impl Iterator<Item = Share> {
    let first = (at - 0.5).floor();
    let part = at - 0.5 - first;
    pixels(first, first + 2.0, whole).map(move |source| {
        let is_first = source as f64 == first;
        share(source, if is_first { 1.0 - part } else { part })
    })
}

/// The picture's pixels of an interval.
fn pixels(start: f64, end: f64, whole: usize) -> Range<usize> {
    // A conversion of a negative number is 0.
    let end = (end as usize).min(whole);
    (start as usize).min(end)..end
}

fn share(source: usize, weight: f64) -> Share {
    let weight = weight as f32;
    Share { source, weight }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square of a picture of 8×1 gray values; its only row is repeated nowhere.
    fn row(values: &[u8], at: f32, side: f32, size: usize) -> Vec<u8> {
        let pixels: Vec<u8> = values.iter().flat_map(|v| [*v; 3]).collect();
        let tall = pixels.repeat(values.len());
        let source = Source {
            pixels: &tall,
            width: values.len(),
            height: values.len(),
        };
        let corner = [at, 2.0];
        let all = window(source, Square { corner, side }, size);
        let middle = &all[size / 2 * size * 3..][..size * 3];
        middle.chunks_exact(3).map(|pixel| pixel[0]).collect()
    }

    #[test]
    fn a_square_of_the_same_size_is_a_copy() {
        let values = [9, 20, 30, 47, 5, 60, 7, 80];
        assert_eq!(row(&values, 2.0, 4.0, 4), values[2..6]);
    }

    #[test]
    fn half_a_pixel_lies_between_its_neighbors() {
        let values = [0, 10, 20, 30, 40, 50, 60, 70];
        assert_eq!(row(&values, 2.5, 4.0, 4), [25, 35, 45, 55]);
        assert_eq!(row(&values, 1.5, 4.0, 2), [20, 40]);
    }

    #[test]
    fn outside_is_black() {
        let values = [100; 8];
        assert_eq!(row(&values, -2.0, 4.0, 4), [0, 0, 100, 100]);
        assert_eq!(row(&values, 6.5, 4.0, 4), [100, 50, 0, 0]);
        assert_eq!(row(&values, 30.0, 4.0, 2), [0, 0]);
    }
}
