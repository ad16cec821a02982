//! The *indirection buffer* of a convolution (Dukhan, "The Indirect Convolution Algorithm", arXiv
//! 1907.02129): for each output pixel and tap where its input row starts. It turns every
//! convolution into a matrix product that reads its left side through pointers, without copying
//! patches first (im2col). Padding is a row of zeros that offsets point to.

use super::block::padded;
use super::packing::Panel;
use std::ops::Range;

/// Marks a tap that falls outside the picture.
pub(super) const OUTSIDE: u32 = u32::MAX;

/// Where a convolution reads its input.
#[derive(Debug)]
pub(crate) struct InputAddressing {
    /// Elements from one row of the input to the next.
    pub(crate) stride: usize,
    /// For each output pixel and tap the row it reads, `None` where a tap is outside; or nothing
    /// where pixel i reads row i.
    pub(crate) rows: Option<Vec<Option<u32>>>,
}

/// The sizes of a convolution as a matrix product: `pixels × (taps × depth)` times
/// `(taps × depth) × outputs`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConvShape {
    /// Output channels.
    pub(crate) outputs: usize,
    /// Runs of elements that each output pixel reads.
    pub(crate) taps: usize,
    /// Elements of each run.
    pub(crate) depth: usize,
    /// Output pixels of the whole batch.
    pub(crate) pixels: usize,
}

/// The indirection buffer and what goes with it: every output pixel reads `taps` rows of `depth`
/// elements and writes a row of `output_stride`.
#[derive(Debug)]
pub(crate) struct Indirection {
    pub(super) pixels: usize,
    pub(super) taps: usize,
    pub(super) depth: usize,
    pub(super) input_stride: usize,
    /// For every output pixel and tap, where its input row starts; `None` where pixel i simply
    /// reads row i, as in convolutions of one tap.
    pub(super) offsets: Option<Vec<u32>>,
    pub(super) panels: Vec<Panel>,
    pub(super) output_stride: usize,
    /// Shortest input that all offsets stay inside of.
    input_len: usize,
}

impl Indirection {
    /// # Panics
    /// If the addressing has not one row for each pixel and tap, or offsets exceed 32 bits.
    pub(super) fn new(shape: ConvShape, addressing: InputAddressing, panels: Vec<Panel>) -> Self {
        let ConvShape {
            outputs,
            taps,
            depth,
            pixels,
        } = shape;
        let InputAddressing { stride, rows } = addressing;
        // The kernels read offsets without checks of their own.
        assert!(
            rows.as_ref()
                .map_or(taps == 1, |r| r.len() as u128 == product([pixels, taps]))
        );
        // Found once here, so that a run checks one length instead of every offset.
        let furthest = match &rows {
            Some(rows) => rows.iter().flatten().max().map_or(0, |r| *r as usize),
            None => pixels - 1,
        };
        let end = product([furthest, stride]) + depth as u128;
        assert!(end < u128::from(OUTSIDE) && end <= usize::MAX as u128);
        let offset = |row: Option<u32>| row.map_or(OUTSIDE, |r| r * stride as u32);
        Self {
            pixels,
            taps,
            depth,
            input_stride: stride,
            offsets: rows.map(|rows| rows.into_iter().map(offset).collect()),
            panels,
            output_stride: padded(outputs),
            input_len: furthest * stride + depth,
        }
    }

    /// # Panics
    /// Unless buffers of these lengths are as long as what is read and written. The kernels rely on
    /// it.
    pub(super) fn check(&self, input: usize, residual: Option<usize>, output: usize) {
        let written = product([self.pixels, self.output_stride]);
        assert!(input >= self.input_len && output as u128 >= written);
        assert!(residual.is_none_or(|r| r as u128 >= written));
    }

    fn multiply_adds(&self) -> u128 {
        product([self.pixels, self.taps, self.depth, self.output_stride])
    }

    /// Cuts the convolution into parts for so many threads: by pixels, or by output channels where
    /// pixels are few.
    pub(super) fn parts(&self, threads: usize) -> ConvParts {
        /// Fewest pixels of a part: two whole tiles of the tallest micro-kernel, of 12 pixels.
        const MIN_PIXELS: usize = 24;
        let useful = useful_parts(self.multiply_adds(), threads);
        let by_pixels = useful.min(self.pixels / MIN_PIXELS);
        // Cut by pixels, all threads read all weights; that is only worth it with parts for all.
        if useful > 1 && by_pixels < useful.min(2 * threads) {
            return ConvParts {
                count: useful.min(self.panels.len()),
                by_pixels: false,
            };
        }
        ConvParts {
            count: by_pixels.max(1),
            by_pixels: true,
        }
    }

    pub(super) fn part(&self, parts: ConvParts, i: usize) -> ConvPart {
        parts.part(self.pixels, self.panels.len(), i)
    }
}

/// What one thread computes of a convolution at a time; by Winograd's algorithm, pixels are tiles.
#[derive(Clone, Debug)]
pub(crate) struct ConvPart {
    pub(super) panels: Range<usize>,
    pub(super) pixels: Range<usize>,
}

/// Into how many parts a convolution is cut, and along what.
#[derive(Clone, Copy)]
pub(super) struct ConvParts {
    pub(super) count: usize,
    pub(super) by_pixels: bool,
}

impl ConvParts {
    /// Part `i` of so many pixels and panels.
    pub(super) fn part(self, pixels: usize, panels: usize, i: usize) -> ConvPart {
        let mut part = ConvPart {
            panels: 0..panels,
            pixels: 0..pixels,
        };
        if self.by_pixels {
            part.pixels = share(pixels, self.count, i);
        } else {
            part.panels = share(panels, self.count, i);
        }
        part
    }
}

/// How many parts are worth it: one where one thread works; else a few for each thread, as some
/// threads are held up, and none too small to be handed over.
pub(super) fn useful_parts(multiply_adds: u128, threads: usize) -> usize {
    /// Fewest multiply-adds of a part: below it, taking a part costs as much as computing it.
    const MIN_MULTIPLY_ADDS: u128 = 20_000;
    if threads == 1 {
        1
    } else {
        let most = 4 * threads as u128;
        (multiply_adds / MIN_MULTIPLY_ADDS).clamp(1, most) as usize
    }
}

/// The product of up to four sizes, which 128 bits hold on targets of 32 bits and, as no size is
/// above 2³², on those of 64 too.
pub(super) fn product<const N: usize>(sizes: [usize; N]) -> u128 {
    let sizes = sizes.iter().map(|size| *size as u128);
    sizes.fold(1, u128::saturating_mul)
}

/// Part `i` of `0..whole` cut into `count` parts of nearly the same length.
pub(super) fn share(whole: usize, count: usize, i: usize) -> Range<usize> {
    let bound = |i: usize| (whole as u64 * i as u64 / count as u64) as usize;
    bound(i)..bound(i + 1)
}
