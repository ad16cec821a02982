//! Resizing as OpenCV does it, to the pixel, since the reference detections were made with it.
//!
//! Shrinking averages the covered area (`INTER_AREA`), everything else is bilinear with weights
//! of 11 bits (`INTER_LINEAR`).

use super::shares::{Share, Shares};
use crate::kernels::{self, Columns};
use std::ops::Range;

/// RGB pixels without gaps.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) pixels: &'a [u8],
    pub(super) width: usize,
    pub(super) height: usize,
}

impl<'a> Source<'a> {
    fn row(&self, y: usize) -> &'a [u8] {
        &self.pixels[y * self.width * 3..][..self.width * 3]
    }
}

/// Resizes to `width × height` pixels, RGB.
pub(super) fn resize(source: Source<'_>, width: usize, height: usize) -> Vec<u8> {
    if (width, height) == (source.width, source.height) {
        return source.pixels.to_vec();
    }
    if width > source.width || height > source.height {
        return bilinear(source, width, height);
    }
    if source.width.is_multiple_of(width) && source.height.is_multiple_of(height) {
        return area_blocks(source, width, height);
    }
    area(source, width, height)
}

/// Rows that sums of 16 bits have room for.
const MAX_SUMMED: usize = 257;

/// Area averaging where each target pixel covers a block of whole source pixels.
fn area_blocks(source: Source<'_>, width: usize, height: usize) -> Vec<u8> {
    let across = source.width / width;
    let down = source.height / height;
    let stride = source.width * 3;
    // OpenCV has a path of its own for halving, which rounds halves up: these are none any more.
    let offset = if (across, down) == (2, 2) { 0.5 } else { 0.0 };
    let scale = 1.0 / (across * down) as f32;
    let mut out = vec![0; width * height * 3];
    // Down first: whole rows are added, which the compiler turns into vector instructions.
    let mut columns = vec![0; stride + 1];
    let mut totals = vec![[0; 4]; width];
    let blocks = source.pixels.chunks_exact(stride * down);
    for (block, out) in blocks.zip(out.chunks_exact_mut(width * 3)) {
        totals.fill([0; 4]);
        for rows in block.chunks(stride * MAX_SUMMED) {
            columns.fill(0);
            let rows = rows.chunks_exact(stride);
            rows.for_each(|row| kernels::add_bytes(&mut columns, row));
            kernels::add_blocks(&columns, across, &mut totals);
        }
        kernels::round_means(&totals, offset, scale, out);
    }
    out
}

/// Area averaging with fractional weights (`INTER_AREA`).
fn area(source: Source<'_>, width: usize, height: usize) -> Vec<u8> {
    let columns = Shares::of_area(source.width, width);
    weighted(source, &columns, &Shares::of_area(source.height, height))
}

/// The picture whose pixels are these shares of the source's columns and rows.
///
/// Rows are added down the columns first, since few sums are left to be narrowed then. OpenCV narrows
/// first; where that order may round to another byte, a pixel is computed again in it.
pub(super) fn weighted(source: Source<'_>, columns: &Shares, rows: &Shares) -> Vec<u8> {
    let width = columns.len();
    let touched = columns.touched();
    let packed = columns_of(columns, touched.start);
    let tie_distance = 0.5 - largest_difference(columns, rows);
    let mut out = vec![0; width * rows.len() * 3];
    // The weights that a cell has too many may belong to pixels behind the last one.
    let mut sums = [(); 2].map(|()| vec![0.0; (touched.len() + packed.count) * 3 + 1]);
    // In the place of the second row, where the number of rows is odd.
    let mut no_row = vec![[0; 3]; width];
    let mut ties = Vec::new();
    for (i, out) in out.chunks_mut((width * 6).max(1)).enumerate() {
        let rows = (i * 2..rows.len()).take(2).map(|row| rows.cell(row));
        for (shares, sums) in rows.clone().zip(&mut sums) {
            add_rows(source, shares, &touched, sums);
        }
        let mut lines = out.as_chunks_mut().0.chunks_mut(width.max(1));
        let mut bytes = [(); 2].map(|()| lines.next().unwrap_or_default());
        if bytes[1].is_empty() {
            bytes[1] = &mut no_row;
        }
        let [upper, lower] = &mut bytes;
        let sums = [&sums[0][..], &sums[1]];
        kernels::narrow(sums, &packed, tie_distance, [upper, lower], &mut ties);
        for cell in ties.drain(..) {
            for (shares, bytes) in rows.clone().zip(&mut bytes) {
                bytes[cell] = narrowed_first(source, columns.cell(cell), shares);
            }
        }
    }
    out
}

/// How far sums of these shares in the two orders may be from each other: either is off by 255 times half
/// a unit in the last place of a float for each term at most. Two terms more are for the products, and
/// for weights that add up to slightly more than 1.
fn largest_difference(columns: &Shares, rows: &Shares) -> f32 {
    255.0 * f32::EPSILON * (columns.most() + rows.most() + 2) as f32
}

/// Writes the weighted sum of rows, of the columns that are touched.
fn add_rows(source: Source<'_>, shares: &[Share], touched: &Range<usize>, sums: &mut [f32]) {
    // In pairs, so that sums are read and written half as often; a share of nothing may be the second.
    let pair = |shares: &[Share]| {
        let second = shares.get(1).copied();
        let second = second.unwrap_or(Share {
            weight: 0.0,
            ..shares[0]
        });
        let pair = [shares[0], second];
        let bytes = |share: Share| &source.row(share.source)[touched.start * 3..touched.end * 3];
        (pair.map(bytes), pair.map(|share| share.weight))
    };
    let mut pairs = shares.chunks(2).map(pair);
    let Some((rows, weights)) = pairs.next() else {
        return sums.fill(0.0);
    };
    kernels::weigh_rows(sums, rows, weights);
    pairs.for_each(|(rows, weights)| kernels::add_rows(sums, rows, weights));
}

/// A pixel in OpenCV's order: each row is narrowed, then added.
fn narrowed_first(source: Source<'_>, columns: &[Share], rows: &[Share]) -> [u8; 3] {
    let mut sum = [0.0; 3];
    for row in rows {
        let pixels = source.row(row.source).as_chunks::<3>().0;
        let mut line = [0.0; 3];
        for column in columns {
            let pixel = pixels[column.source];
            (0..3).for_each(|c| line[c] += f32::from(pixel[c]) * column.weight);
        }
        (0..3).for_each(|c| sum[c] += row.weight * line[c]);
    }
    sum.map(kernels::rounded)
}

/// The shares of each cell, counted from pixel `start` on.
fn columns_of(cells: &Shares, start: usize) -> Columns {
    let count = cells.most().max(1);
    let first = |cell: &[Share]| cell.first().map_or(0, |share| share.source - start);
    let mut weights = vec![0.0; count * cells.len()];
    for (cell, weights) in cells.cells().zip(weights.chunks_exact_mut(count)) {
        let pairs = weights.iter_mut().zip(cell);
        pairs.for_each(|(weight, share)| *weight = share.weight);
    }
    Columns {
        firsts: cells.cells().map(first).collect(),
        count,
        weights,
    }
}

/// One target pixel of bilinear interpolation along an axis.
struct Tap {
    first: usize,
    second: usize,
    /// Of first and second, in 1/2048.
    weights: [i32; 2],
}

/// The two source pixels of each of `to` cells.
fn linear_taps(from: usize, to: usize) -> Vec<Tap> {
    let scale = 1.0 / (to as f64 / from as f64);
    (0..to)
        .map(|i| linear_tap(((i as f64 + 0.5) * scale - 0.5) as f32, from))
        .collect()
}

/// The tap at a source position whose integers are pixel centers; the border is repeated.
fn linear_tap(at: f32, from: usize) -> Tap {
    let low = at.floor();
    let (first, part) = if low < 0.0 {
        (0, 0.0)
    } else if low as usize >= from - 1 {
        (from - 1, 0.0)
    } else {
        (low as usize, at - low)
    };
    // 11 bits, OpenCV's INTER_RESIZE_COEF_BITS: two such products of a byte fit in 32 bits.
    let weight = |w: f32| (w * 2048.0).round_ties_even() as i32;
    Tap {
        first,
        second: (first + 1).min(from - 1),
        weights: [weight(1.0 - part), weight(part)],
    }
}

/// Bilinear interpolation (`INTER_LINEAR`) in fixed point.
fn bilinear(source: Source<'_>, width: usize, height: usize) -> Vec<u8> {
    let columns = linear_taps(source.width, width);
    let mut out = Vec::with_capacity(width * height * 3);
    for tap in linear_taps(source.height, height) {
        let top = stretched(source.row(tap.first), &columns);
        let bottom = stretched(source.row(tap.second), &columns);
        let pairs = top.into_iter().zip(bottom);
        out.extend(pairs.map(|(above, below)| blended(above, below, tap.weights)));
    }
    out
}

/// A row at the target's width, in 1/2048 of a gray level.
fn stretched(row: &[u8], columns: &[Tap]) -> Vec<i32> {
    let value = |x: usize, c: usize| i32::from(row[x * 3 + c]);
    let mix = |tap: &Tap, c: usize| {
        value(tap.first, c) * tap.weights[0] + value(tap.second, c) * tap.weights[1]
    };
    columns
        .iter()
        .flat_map(|tap| (0..3).map(move |c| mix(tap, c)))
        .collect()
}

/// Two rows' values mixed and rounded in the three shifts that OpenCV's vector code does, which
/// lose other bits than one shift would.
fn blended(above: i32, below: i32, weights: [i32; 2]) -> u8 {
    let sum = ((weights[0] * (above >> 4)) >> 16) + ((weights[1] * (below >> 4)) >> 16);
    ((sum + 2) >> 2).clamp(0, 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Resizes a gray picture.
    fn resized(values: &[u8], from_width: usize, width: usize, height: usize) -> Vec<u8> {
        let pixels: Vec<u8> = values.iter().flat_map(|v| [*v; 3]).collect();
        let source = Source {
            pixels: &pixels,
            width: from_width,
            height: values.len() / from_width,
        };
        resize(source, width, height)
    }

    #[test]
    fn halves_round_as_opencv_does() {
        assert_eq!(
            resized(&[0, 0, 1, 1], 2, 1, 1),
            [1; 3],
            "2×2 rounds halves up"
        );
        assert_eq!(resized(&[0, 0, 0, 1, 1, 1, 0, 0], 8, 4, 1)[..3], [0; 3]);
        assert_eq!(
            resized(&[0, 1], 2, 1, 1),
            [0; 3],
            "other sizes round to even"
        );
    }

    /// Compares areas of a noisy picture, whose values are multiples of `step`, with OpenCV's order.
    fn check_order(width: usize, height: usize, step: u8) {
        let noise = |i: usize| (i.wrapping_mul(2_654_435_761) >> 13) as u8 / step * step;
        let pixels: Vec<u8> = (0..width * height * 3).map(noise).collect();
        let source = Source {
            pixels: &pixels,
            width,
            height,
        };
        for (to_width, to_height) in [(37, 29), (64, 48), (11, 7), (width - 1, height - 3)] {
            let columns = Shares::of_area(width, to_width);
            let rows = Shares::of_area(height, to_height);
            let row = |row| {
                columns
                    .cells()
                    .flat_map(move |c| narrowed_first(source, c, row))
            };
            let expected: Vec<u8> = rows.cells().flat_map(row).collect();
            let found = weighted(source, &columns, &rows);
            assert_eq!(found, expected, "{to_width}×{to_height}");
        }
    }

    #[test]
    fn pixels_are_those_of_the_order_that_opencv_adds_in() {
        // Even numbers and weights of a quarter give ties; the sizes give all kinds of weights.
        for (width, height) in [(96, 64), (97, 61), (150, 150)] {
            for step in [1, 2, 5] {
                check_order(width, height, step);
            }
        }
    }

    #[test]
    fn flat_pictures_stay_flat() {
        for (width, height) in [(3, 2), (7, 5), (14, 9), (20, 3)] {
            assert!(
                resized(&[77; 35], 7, width, height)
                    .iter()
                    .all(|v| *v == 77),
                "{width}×{height}"
            );
        }
    }
}
