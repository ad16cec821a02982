//! What a kernel is told to do, laid out for it once when a model is loaded.

use super::{BLOCK, ByteKernels, padded};
use crate::aligned::Aligned;
use crate::graph::Clamp;
use std::ops::Range;

/// What happens to a sum before it is stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Epilogue {
    /// Applied to the sum itself.
    pub(crate) first: Clamp,
    /// Applied after the residual has been added, where there is one.
    pub(crate) second: Clamp,
}

/// A group of output channels whose weights lie together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Panel {
    /// First output channel.
    pub(crate) column: usize,
    /// Number of output channels, one of the widths in [`super::Kernels::panels`].
    pub(crate) width: usize,
    /// Where its `taps × depth × width` weights start.
    pub(crate) weights: usize,
}

/// Marks a tap that falls outside the picture.
pub(super) const OUTSIDE: u32 = u32::MAX;

/// Where a convolution reads.
#[derive(Debug)]
pub(crate) struct Reading {
    /// Elements from one row of the input to the next.
    pub(crate) stride: usize,
    /// For each output pixel and tap the row it reads, `None` where a tap is outside; or nothing
    /// where pixel i reads row i.
    pub(crate) rows: Option<Vec<Option<u32>>>,
}

/// The way of a convolution, an indirect matrix product, over its input and output: every output
/// pixel reads `taps` rows of `depth` elements and writes a row of `output_stride`.
#[derive(Debug)]
pub(crate) struct Walk {
    pub(super) pixels: usize,
    pub(super) taps: usize,
    pub(super) depth: usize,
    pub(super) input_stride: usize,
    /// For every output pixel and tap, where its input row starts; `None` where pixel i simply
    /// reads row i.
    pub(super) offsets: Option<Vec<u32>>,
    pub(super) panels: Vec<Panel>,
    pub(super) output_stride: usize,
    /// Shortest input that all offsets stay inside of.
    input_len: usize,
}

impl Walk {
    pub(super) fn new(
        [outputs, taps, depth]: [usize; 3],
        pixels: usize,
        Reading { stride, rows }: Reading,
        panels: Vec<Panel>,
    ) -> Self {
        assert!(
            rows.as_ref()
                .map_or(taps == 1, |r| r.len() == pixels * taps)
        );
        let furthest = match &rows {
            Some(rows) => rows.iter().flatten().max().map_or(0, |r| *r as usize),
            None => pixels - 1,
        };
        assert!(furthest * stride + depth < OUTSIDE as usize);
        let scale = |row: Option<u32>| row.map_or(OUTSIDE, |r| r * stride as u32);
        Self {
            pixels,
            taps,
            depth,
            input_stride: stride,
            offsets: rows.map(|rows| rows.into_iter().map(scale).collect()),
            panels,
            output_stride: padded(outputs),
            input_len: furthest * stride + depth,
        }
    }

    /// Panics unless buffers of these lengths are as long as what is read and written.
    pub(super) fn check(&self, input: usize, residual: Option<usize>, output: usize) {
        let written = self.pixels * self.output_stride;
        assert!(input >= self.input_len && output >= written);
        assert!(residual.is_none_or(|r| r >= written));
    }

    fn multiply_adds(&self) -> usize {
        self.pixels * self.taps * self.depth * self.output_stride
    }

    /// Cuts the job into parts for so many threads: by pixels, or by output channels where pixels
    /// are few.
    pub(super) fn parts(&self, threads: usize) -> ConvParts {
        /// Fewest pixels of a part, so that its tiles are whole.
        const PIXELS: usize = 24;
        let wanted = wanted_parts(self.multiply_adds(), threads);
        let by_pixels = wanted.min(self.pixels / PIXELS);
        match wanted > 1 && by_pixels < wanted.min(2 * threads) {
            true => ConvParts {
                count: wanted.min(self.panels.len()),
                by_pixels: false,
            },
            false => ConvParts {
                count: by_pixels.max(1),
                by_pixels: true,
            },
        }
    }

    pub(super) fn part(&self, parts: ConvParts, i: usize) -> ConvPart {
        let all = ConvPart {
            panels: 0..self.panels.len(),
            pixels: 0..self.pixels,
        };
        match parts.by_pixels {
            true => ConvPart {
                pixels: share(self.pixels, parts.count, i),
                ..all
            },
            false => ConvPart {
                panels: share(self.panels.len(), parts.count, i),
                ..all
            },
        }
    }
}

/// A convolution of floats.
#[derive(Debug)]
pub(crate) struct ConvJob {
    pub(super) walk: Walk,
    pub(super) weights: Aligned,
    pub(super) bias: Vec<f32>,
    pub(super) epilogue: Epilogue,
    /// A row of zeros for the taps outside.
    pub(super) zeros: Vec<f32>,
}

impl ConvJob {
    /// Packs `weights`, given as `outputs × taps × depth`, into panels of the given widths.
    pub(crate) fn new(
        weights: &[f32],
        bias: &[f32],
        [outputs, taps, depth]: [usize; 3],
        pixels: usize,
        reading: Reading,
        widths: &[usize],
        epilogue: Epilogue,
    ) -> Self {
        assert_eq!(weights.len(), outputs * taps * depth);
        let inner = taps * depth;
        let of = |k: usize, column: usize| weights[column * inner + k];
        let (panels, weights) = pack(outputs, inner, widths, of);
        let mut bias = bias.to_vec();
        bias.resize(stored(outputs), 0.0);
        Self {
            walk: Walk::new([outputs, taps, depth], pixels, reading, panels),
            weights: Aligned::from_slice(&weights),
            bias,
            epilogue,
            zeros: vec![0.0; depth],
        }
    }

    pub(crate) fn set_epilogue(&mut self, epilogue: Epilogue) {
        self.epilogue = epilogue;
    }

    pub(crate) fn epilogue(&self) -> Epilogue {
        self.epilogue
    }
}

/// From the sum of products of 8-bit numbers to an 8-bit number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requantization {
    /// What each channel's sum is multiplied by.
    pub(crate) scales: Vec<f32>,
    /// The zero of the input and of the output, counted from -128.
    pub(crate) zeros: [f32; 2],
    /// Bounds of the result, counted from -128.
    pub(crate) bounds: Clamp,
}

/// A convolution of 8-bit numbers, which lie in memory as bytes that count from -128.
#[derive(Debug)]
pub(crate) struct Int8ConvJob {
    pub(super) walk: Walk,
    /// In groups of four along the depth: `taps × groups × width × 4`.
    pub(super) weights: Aligned,
    pub(super) bias: Vec<i32>,
    pub(super) requantization: Requantization,
    /// A row of the input's zero for the taps outside.
    pub(super) outside: Vec<u8>,
}

/// Numbers of which a kernel multiplies the sums at once.
pub(crate) const GROUP: usize = 4;

impl Int8ConvJob {
    /// As [`ConvJob::new`]; `requantization` has a scale for each output.
    pub(crate) fn new(
        weights: &[i8],
        bias: &[i32],
        [outputs, taps, depth]: [usize; 3],
        pixels: usize,
        reading: Reading,
        kernels: &ByteKernels,
        mut requantization: Requantization,
    ) -> Self {
        assert_eq!(weights.len(), outputs * taps * depth);
        let groups = depth.div_ceil(GROUP);
        let of = |k: usize, column: usize| -> [i8; GROUP] {
            let (tap, first) = (k / groups, k % groups * GROUP);
            let at = |d: usize| (column * taps + tap) * depth + d;
            std::array::from_fn(|i| {
                if first + i < depth {
                    weights[at(first + i)]
                } else {
                    0
                }
            })
        };
        let (panels, packed) = pack(outputs, taps * groups, kernels.panels, of);
        // Inputs count from -128; what that and their zero add to each sum is taken away
        // beforehand.
        let zero = requantization.zeros[0] as i32;
        let sum = |column: usize| {
            let of_column = &weights[column * taps * depth..][..taps * depth];
            of_column
                .iter()
                .fold(0i32, |sum, w| sum.wrapping_add(i32::from(*w)))
        };
        let taken = zero - if kernels.signed { 128 } else { 0 };
        let shifted = |(column, b): (usize, &i32)| b.wrapping_sub(taken.wrapping_mul(sum(column)));
        let mut bias: Vec<i32> = bias.iter().enumerate().map(shifted).collect();
        bias.resize(stored(outputs), 0);
        requantization.scales.resize(stored(outputs), 0.0);
        Self {
            walk: Walk::new([outputs, taps, groups * GROUP], pixels, reading, panels),
            weights: Aligned::from_bytes(bytemuck::cast_slice(&packed)),
            bias,
            requantization,
            outside: vec![zero as u8; groups * GROUP],
        }
    }
}

/// What one thread computes of a convolution at a time.
#[derive(Clone, Debug)]
pub(crate) struct ConvPart {
    pub(super) panels: Range<usize>,
    pub(super) pixels: Range<usize>,
}

/// Into how many parts a convolution is cut, and along what.
#[derive(Clone, Copy)]
pub(super) struct ConvParts {
    pub(super) count: usize,
    by_pixels: bool,
}

/// How many parts are worth it: one where one thread works; else a few for each thread, as some
/// threads are held up, and none too small to be handed over.
fn wanted_parts(multiply_adds: usize, threads: usize) -> usize {
    const WORTH: usize = 20_000;
    if threads == 1 {
        1
    } else {
        (multiply_adds / WORTH).clamp(1, 4 * threads)
    }
}

/// Part `i` of `0..whole` cut into `count` parts of nearly the same length.
fn share(whole: usize, count: usize, i: usize) -> Range<usize> {
    whole * i / count..whole * (i + 1) / count
}

/// Elements that a kernel may load for so many columns: half a panel's vector more than there are.
fn stored(outputs: usize) -> usize {
    padded(outputs) + BLOCK
}

/// Cuts `outputs × inner` weights into panels, each stored as `inner × width`, missing columns
/// zero.
fn pack<T: Default>(
    outputs: usize,
    inner: usize,
    widths: &[usize],
    of: impl Fn(usize, usize) -> T,
) -> (Vec<Panel>, Vec<T>) {
    let mut panels = Vec::new();
    let mut packed = Vec::with_capacity(padded(outputs) * inner);
    let mut column = 0;
    while column < padded(outputs) {
        let left = padded(outputs) - column;
        let width = widths.iter().copied().find(|w| *w <= left).unwrap_or(BLOCK);
        panels.push(Panel {
            column,
            width,
            weights: packed.len(),
        });
        // A panel of three halves of a vector is stored as two vectors.
        let stored = if width == 24 { 32 } else { width };
        let end = outputs.min(column + width);
        for k in 0..inner {
            packed.extend(
                (column..column + stored).map(|c| if c < end { of(k, c) } else { T::default() }),
            );
        }
        column += width;
    }
    (panels, packed)
}

/// A depthwise convolution: each channel has its own window.
#[derive(Debug)]
pub(crate) struct DepthwiseJob {
    pub(crate) batch: usize,
    pub(crate) input: [usize; 2],
    pub(crate) output: [usize; 2],
    pub(crate) kernel: [usize; 2],
    pub(crate) stride: [usize; 2],
    pub(crate) dilation: [usize; 2],
    /// Rows above and columns left of the picture that count as zero.
    pub(crate) before: [usize; 2],
    /// Floats per pixel, a multiple of [`BLOCK`].
    pub(crate) channels: usize,
    /// `kernel height × kernel width × channels`.
    pub(crate) weights: Aligned,
    pub(crate) bias: Vec<f32>,
    pub(crate) clamp: Clamp,
    /// Of 8-bit numbers, whose weights and sums are exact in floats; empty where the elements are
    /// floats.
    pub(crate) requantization: Requantization,
}

impl DepthwiseJob {
    /// Output rows of the whole batch.
    pub(super) fn rows(&self) -> usize {
        self.batch * self.output[0]
    }

    /// Into how many parts of rows the job is cut for so many threads.
    pub(super) fn parts(&self, threads: usize) -> usize {
        let taps = self.kernel[0] * self.kernel[1];
        wanted_parts(self.rows() * self.output[1] * taps * self.channels, threads)
            .min(self.rows())
            .max(1)
    }

    pub(super) fn part(&self, parts: usize, i: usize) -> Range<usize> {
        share(self.rows(), parts, i)
    }

    /// Panics unless the buffers are as long as the job reads and writes.
    pub(super) fn check<T>(&self, input: &[T], output: &[T]) {
        assert!(self.channels.is_multiple_of(BLOCK) && self.bias.len() >= self.channels);
        assert!(size_of::<T>() > 1 || self.requantization.scales.len() >= self.channels);
        assert!(input.len() >= self.batch * self.input[0] * self.input[1] * self.channels);
        assert!(output.len() >= self.batch * self.output[0] * self.output[1] * self.channels);
        assert!(self.weights.len() >= self.kernel[0] * self.kernel[1] * self.channels);
    }

    /// The taps, as a half-open range, that fall inside the picture for output row or column `at`
    /// of `axis`.
    pub(super) fn taps(&self, axis: usize, at: usize) -> (usize, usize) {
        let start = at * self.stride[axis];
        let step = self.dilation[axis];
        let first = self.before[axis].saturating_sub(start).div_ceil(step);
        let room = (self.input[axis] + self.before[axis])
            .saturating_sub(start)
            .div_ceil(step);
        (first.min(self.kernel[axis]), room.min(self.kernel[axis]))
    }
}
