//! The pixels of an aligned crop, in gray.
//!
//! A large face is first averaged over blocks of whole pixels, which is cheap. What is left to shrink
//! is sampled bilinearly on a grid that is turned with the face.

use super::align::{Alignment, length};
use crate::Frame;
use crate::kernels::{self, Raster, Samples};

/// After averaging over blocks a value of the crop still covers at least so many blocks along a side:
/// fewer would blur it.
const MIN_BLOCKS: f32 = 2.0;

/// Largest side of a block, in pixels: with 257 rows sums of 16 bits would overflow.
const MAX_BLOCK: usize = 128;

/// Most samples along a side of one value: the time grows with the square.
const MAX_SAMPLES: usize = 8;

impl Alignment {
    /// Writes the crop as `size × size` gray values in [-1, 1], each averaged over several samples
    /// where the crop shrinks. Beyond the picture its edge is repeated.
    pub fn sample(&self, frame: &Frame<'_>, size: usize, out: &mut [f32]) {
        sample(self, frame, size, out);
    }
}

fn sample(crop: &Alignment, frame: &Frame<'_>, size: usize, out: &mut [f32]) {
    let longest = [crop.across, crop.down].map(|[x, y]| length(x, y));
    let filter = Filter::of(longest[0].max(longest[1]) / size as f32);
    // Brightness is computed once for each pixel, not for each sample: a crop that shrinks takes up
    // to four samples of a pixel, one that grows more.
    let gray = Gray::around(frame, crop, filter.block);
    let cell = |side: [f32; 2]| side.map(|v| v / (size * filter.block) as f32);
    let offsets = filter.offsets();
    let samples = Samples {
        origin: gray.position(crop.origin),
        across: cell(crop.across),
        down: cell(crop.down),
        scale: 1.0 / ((offsets.len() * offsets.len()) as f32 * 127.5),
        offsets: &offsets,
        size,
    };
    kernels::sample(&gray.raster, &samples, out);
}

/// How the values of a crop are averaged.
struct Filter {
    /// Side of the blocks that pixels are averaged over first.
    block: usize,
    /// Bilinear samples of blocks along a side of each value.
    samples: usize,
    /// Their distance, as a share of the side.
    spacing: f32,
}

impl Filter {
    /// For values that are `shrinks` pixels wide.
    ///
    /// Without blocks it averages as many samples as there are pixels along the side: fewer would
    /// alias, more would read pixels twice. Blocks blur, as interpolation between them does, so the
    /// samples move together until the variance of the whole filter is what it is without blocks.
    fn of(shrinks: f32) -> Self {
        let pixels = (shrinks.ceil() as usize).clamp(1, MAX_SAMPLES);
        let block = ((shrinks / MIN_BLOCKS) as usize).clamp(1, MAX_BLOCK);
        if block == 1 {
            return Self {
                block,
                samples: pixels,
                spacing: 1.0 / pixels as f32,
            };
        }
        let square = |v: usize| (v * v) as f32;
        // Along one axis, in pixels: n points at a distance d have the variance d² (n² - 1) / 12, a
        // linear interpolation between neighbors at a distance b has b² / 6.
        let wanted = square_of(shrinks / pixels as f32) * (square(pixels) - 1.0) / 12.0 + 1.0 / 6.0;
        let blurred = (square(block) - 1.0) / 12.0 + square(block) / 6.0;
        let left = (wanted - blurred).max(0.0);
        let samples = ((12.0 * left).sqrt() / block as f32)
            .ceil()
            .clamp(2.0, MAX_SAMPLES as f32);
        let spacing = (12.0 * left / (square_of(samples) - 1.0)).sqrt() / shrinks;
        Self {
            block,
            samples: samples as usize,
            spacing,
        }
    }

    /// Where the samples of a value lie, from its middle on, in shares of its side.
    fn offsets(&self) -> Vec<f32> {
        let middle = (self.samples - 1) as f32 / 2.0;
        (0..self.samples)
            .map(|i| (i as f32 - middle) * self.spacing)
            .collect()
    }
}

fn square_of(value: f32) -> f32 {
    value * value
}

/// The brightness of the part of a picture that a crop touches, averaged over square blocks.
struct Gray {
    /// The first pixel, along x and y.
    start: [usize; 2],
    /// Side of a block, in pixels.
    block: usize,
    raster: Raster,
}

impl Gray {
    fn around(frame: &Frame<'_>, crop: &Alignment, block: usize) -> Self {
        let (left, width) = span(crop, 0, frame.width());
        let (top, height) = span(crop, 1, frame.height());
        let rows: Vec<&[u8]> = (top..top + height)
            .map(|y| &frame.pixels()[(y * frame.width() + left) * 3..][..width * 3])
            .collect();
        let mut raster = Raster::new(width.div_ceil(block), height.div_ceil(block));
        if block == 1 {
            let pairs = rows.iter().zip(raster.rows_mut());
            pairs.for_each(|(row, out)| kernels::brightness(row, out));
        } else {
            average_blocks(&rows, block, &mut raster);
        }
        Self {
            start: [left, top],
            block,
            raster,
        }
    }

    /// A position of the picture in blocks, whose integers are their middles.
    fn position(&self, at: [f32; 2]) -> [f32; 2] {
        [0, 1].map(|axis| (at[axis] - self.start[axis] as f32) / self.block as f32 - 0.5)
    }
}

/// The brightness of blocks of `block` pixels a side; those at the right and lower edge may be
/// smaller.
fn average_blocks(rows: &[&[u8]], block: usize, raster: &mut Raster) {
    let width = rows.first().map_or(0, |row| row.len() / 3);
    let mut sums = vec![0; width * 3 + 1];
    let mut totals = vec![[0; 4]; width.div_ceil(block)];
    let whole = width / block;
    for (rows, out) in rows.chunks(block).zip(raster.rows_mut()) {
        sums.fill(0);
        rows.iter()
            .for_each(|row| kernels::add_bytes(&mut sums, row));
        totals.fill([0; 4]);
        kernels::add_blocks(&sums, block, &mut totals);
        let pixels = |across: usize| (rows.len() * across) as f32;
        let (inner, edge) = totals.split_at(whole);
        kernels::mean_brightness(inner, pixels(block), out);
        kernels::mean_brightness(edge, pixels(width % block), &mut out[whole..]);
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

    /// A vertical edge, seen by one row of values that are `shrinks` pixels wide.
    fn edge(shrinks: f32, values: usize) -> Vec<f32> {
        let width = (shrinks * values as f32).ceil() as usize;
        let row = (0..width).flat_map(|x| [if 2 * x < width { 0 } else { 255 }; 3]);
        let pixels: Vec<u8> = row.collect::<Vec<u8>>().repeat(width);
        let frame = Frame::from_pixels(pixels, width, width).unwrap();
        let mut out = vec![0.0; values * values];
        sample(&Alignment::whole(&frame), &frame, values, &mut out);
        out[..values].to_vec()
    }

    #[test]
    fn an_edge_is_as_sharp_whether_pixels_are_averaged_first_or_not() {
        let expected = edge(3.875, 16);
        for shrinks in [4.0, 5.5, 6.0, 11.0, 40.0] {
            let found = edge(shrinks, 16);
            for (a, b) in expected.iter().zip(&found) {
                assert!(
                    (a - b).abs() < 0.25,
                    "{shrinks}: {found:?} beside {expected:?}"
                );
            }
        }
    }

    #[test]
    fn the_filter_grows_with_the_crop() {
        let [near, large, huge] = [3.0, 4.2, 400.0].map(Filter::of);
        assert_eq!((near.block, near.samples), (1, 3));
        assert_eq!((large.block, large.samples), (2, 2));
        assert_eq!(huge.block, MAX_BLOCK);
    }
}
