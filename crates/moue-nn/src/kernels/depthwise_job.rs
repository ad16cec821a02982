//! Depthwise convolutions laid out for the kernels.

use super::block::BLOCK;
use super::indirection::{product, share, useful_parts};
use super::jobs::Requantization;
use crate::aligned::Aligned;
use crate::graph::Clamp;
use std::ops::Range;

/// A depthwise convolution: each channel has its own window. Sizes are rows first, then columns.
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
    /// Elements per pixel, a multiple of [`BLOCK`].
    pub(crate) channels: usize,
    /// `kernel height × kernel width × channels`.
    pub(crate) weights: Aligned,
    pub(crate) bias: Vec<f32>,
    pub(crate) clamp: Clamp,
    /// For int8 codes, whose weights and sums are exact in floats; empty where the elements are
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
        let multiply_adds = [self.rows(), self.output[1], taps, self.channels];
        useful_parts(product(multiply_adds), threads)
            .min(self.rows())
            .max(1)
    }

    pub(super) fn part(&self, parts: usize, i: usize) -> Range<usize> {
        share(self.rows(), parts, i)
    }

    /// # Panics
    /// Unless the buffers are as long as the job reads and writes. The kernels rely on it.
    pub(super) fn check<T>(&self, input: &[T], output: &[T]) {
        assert!(self.channels.is_multiple_of(BLOCK) && self.bias.len() >= self.channels);
        assert!(size_of::<T>() > 1 || self.requantization.scales.len() >= self.channels);
        // In 128 bits, where products of four sizes cannot wrap: the kernels rely on them.
        let covers = |len: usize, sizes: [usize; 4]| len as u128 >= product(sizes);
        let picture = |[h, w]: [usize; 2]| [self.batch, h, w, self.channels];
        assert!(covers(input.len(), picture(self.input)));
        assert!(covers(output.len(), picture(self.output)));
        let [kh, kw] = self.kernel;
        assert!(covers(self.weights.len(), [1, kh, kw, self.channels]));
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
