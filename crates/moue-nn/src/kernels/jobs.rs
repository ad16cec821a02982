//! What a kernel is told to do, laid out for it once when a model is loaded.

use super::{BLOCK, padded};
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

/// A convolution as an indirect matrix product: every output pixel reads `taps` rows of `depth` floats.
#[derive(Debug)]
pub(crate) struct ConvJob {
    pub(super) pixels: usize,
    pub(super) taps: usize,
    pub(super) depth: usize,
    pub(super) input_stride: usize,
    /// For every output pixel and tap, where its input row starts; `None` where pixel i simply reads row i.
    pub(super) offsets: Option<Vec<u32>>,
    pub(super) panels: Vec<Panel>,
    pub(super) weights: Aligned,
    pub(super) bias: Vec<f32>,
    pub(super) output_stride: usize,
    pub(super) epilogue: Epilogue,
    /// Shortest input that all offsets stay inside of.
    input_len: usize,
    /// A row of zeros for the taps outside.
    pub(super) zeros: Vec<f32>,
}

/// Where a convolution reads.
#[derive(Debug)]
pub(crate) struct Reading {
    /// Floats from one row of the input to the next.
    pub(crate) stride: usize,
    /// For each output pixel and tap the row it reads, `None` where a tap is outside; or nothing where pixel i reads row i.
    pub(crate) rows: Option<Vec<Option<u32>>>,
}

impl ConvJob {
    /// Packs `weights`, given as `outputs × taps × depth`, into panels of the given widths.
    pub(crate) fn new(
        weights: &[f32],
        bias: &[f32],
        [outputs, taps, depth]: [usize; 3],
        pixels: usize,
        Reading { stride, rows }: Reading,
        widths: &[usize],
        epilogue: Epilogue,
    ) -> Self {
        assert_eq!(weights.len(), outputs * taps * depth);
        assert!(rows.as_ref().map_or(taps == 1, |r| r.len() == pixels * taps));
        let furthest = match &rows {
            Some(rows) => rows.iter().flatten().max().map_or(0, |r| *r as usize),
            None => pixels - 1,
        };
        assert!(furthest * stride + depth < OUTSIDE as usize);
        let scale = |row: Option<u32>| row.map_or(OUTSIDE, |r| r * stride as u32);
        let (panels, weights) = pack(weights, outputs, taps * depth, widths);
        let mut bias = bias.to_vec();
        // A kernel may load half a panel's vector more than there are columns.
        bias.resize(padded(outputs) + BLOCK, 0.0);
        Self {
            pixels,
            taps,
            depth,
            input_stride: stride,
            offsets: rows.map(|rows| rows.into_iter().map(scale).collect()),
            panels,
            weights: Aligned::from_slice(&weights),
            bias,
            output_stride: padded(outputs),
            epilogue,
            input_len: furthest * stride + depth,
            zeros: vec![0.0; depth],
        }
    }

    /// Panics unless the buffers are as long as the job reads and writes.
    pub(super) fn check(&self, input: &[f32], residual: Option<&[f32]>, output: &[f32]) {
        let written = self.pixels * self.output_stride;
        assert!(input.len() >= self.input_len && output.len() >= written);
        assert!(residual.is_none_or(|r| r.len() >= written));
    }

    pub(crate) fn set_epilogue(&mut self, epilogue: Epilogue) {
        self.epilogue = epilogue;
    }

    pub(crate) fn epilogue(&self) -> Epilogue {
        self.epilogue
    }
}

/// What one thread computes of a convolution at a time.
#[derive(Clone, Debug)]
pub(crate) struct ConvPart {
    pub(super) panels: Range<usize>,
    pub(super) pixels: Range<usize>,
}

impl ConvJob {
    fn multiply_adds(&self) -> usize {
        self.pixels * self.taps * self.depth * self.output_stride
    }

    /// Cuts the job into parts for so many threads: by pixels, or by output channels where pixels are few.
    pub(super) fn parts(&self, threads: usize) -> ConvParts {
        /// Fewest pixels of a part, so that its tiles are whole.
        const PIXELS: usize = 24;
        let wanted = wanted_parts(self.multiply_adds(), threads);
        let by_pixels = wanted.min(self.pixels / PIXELS);
        match wanted > 1 && by_pixels < wanted.min(2 * threads) {
            true => ConvParts { count: wanted.min(self.panels.len()), by_pixels: false },
            false => ConvParts { count: by_pixels.max(1), by_pixels: true },
        }
    }

    pub(super) fn part(&self, parts: ConvParts, i: usize) -> ConvPart {
        let all = ConvPart { panels: 0..self.panels.len(), pixels: 0..self.pixels };
        match parts.by_pixels {
            true => ConvPart { pixels: share(self.pixels, parts.count, i), ..all },
            false => ConvPart { panels: share(self.panels.len(), parts.count, i), ..all },
        }
    }
}

/// Into how many parts a convolution is cut, and along what.
#[derive(Clone, Copy)]
pub(super) struct ConvParts {
    pub(super) count: usize,
    by_pixels: bool,
}

/// How many parts are worth it: one where one thread works; else a few for each thread, as some threads are held up, and none too small to be handed over.
fn wanted_parts(multiply_adds: usize, threads: usize) -> usize {
    const WORTH: usize = 40_000;
    if threads == 1 { 1 } else { (multiply_adds / WORTH).clamp(1, 4 * threads) }
}

/// Part `i` of `0..whole` cut into `count` parts of nearly the same length.
fn share(whole: usize, count: usize, i: usize) -> Range<usize> {
    whole * i / count..whole * (i + 1) / count
}

/// Cuts `outputs × inner` weights into panels, each stored as `inner × width`, missing columns zero.
fn pack(weights: &[f32], outputs: usize, inner: usize, widths: &[usize]) -> (Vec<Panel>, Vec<f32>) {
    let mut panels = Vec::new();
    let mut packed = Vec::with_capacity(padded(outputs) * inner);
    let mut column = 0;
    while column < padded(outputs) {
        let left = padded(outputs) - column;
        let width = widths.iter().copied().find(|w| *w <= left).unwrap_or(BLOCK);
        panels.push(Panel { column, width, weights: packed.len() });
        // A panel of three halves of a vector is stored as two vectors.
        let stored = if width == 24 { 32 } else { width };
        for k in 0..inner {
            let of = |c: usize| if c < outputs.min(column + width) { weights[c * inner + k] } else { 0.0 };
            packed.extend((column..column + stored).map(of));
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
}

impl DepthwiseJob {
    /// Output rows of the whole batch.
    pub(super) fn rows(&self) -> usize {
        self.batch * self.output[0]
    }

    /// Into how many parts of rows the job is cut for so many threads.
    pub(super) fn parts(&self, threads: usize) -> usize {
        let taps = self.kernel[0] * self.kernel[1];
        wanted_parts(self.rows() * self.output[1] * taps * self.channels, threads).min(self.rows()).max(1)
    }

    pub(super) fn part(&self, parts: usize, i: usize) -> Range<usize> {
        share(self.rows(), parts, i)
    }

    /// Panics unless the buffers are as long as the job reads and writes.
    pub(super) fn check(&self, input: &[f32], output: &[f32]) {
        assert!(self.channels.is_multiple_of(BLOCK) && self.bias.len() >= self.channels);
        assert!(input.len() >= self.batch * self.input[0] * self.input[1] * self.channels);
        assert!(output.len() >= self.batch * self.output[0] * self.output[1] * self.channels);
        assert!(self.weights.len() >= self.kernel[0] * self.kernel[1] * self.channels);
    }

    /// The taps, as a half-open range, that fall inside the picture for output row or column `at` of `axis`.
    pub(super) fn taps(&self, axis: usize, at: usize) -> (usize, usize) {
        let start = at * self.stride[axis];
        let step = self.dilation[axis];
        let first = self.before[axis].saturating_sub(start).div_ceil(step);
        let room = (self.input[axis] + self.before[axis]).saturating_sub(start).div_ceil(step);
        (first.min(self.kernel[axis]), room.min(self.kernel[axis]))
    }
}
