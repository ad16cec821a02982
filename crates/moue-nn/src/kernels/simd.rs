//! The kernels, written once over a vector type and instantiated per instruction set.

use super::jobs::{ConvJob, DepthwiseJob, OUTSIDE, Panel};
use crate::graph::Clamp;
use std::ops::Range;

/// A vector of `LANES` floats.
///
/// # Safety
/// Implementations may use instructions that the processor must have; every method may only be
/// called where it has them. Pointers must be valid for `LANES` floats.
pub(super) unsafe trait Simd: Copy {
    const LANES: usize;
    unsafe fn splat(x: f32) -> Self;
    unsafe fn load(from: *const f32) -> Self;
    unsafe fn store(self, to: *mut f32);
    unsafe fn add(self, other: Self) -> Self;
    /// `self + a × b`.
    unsafe fn multiply_add(self, a: Self, b: Self) -> Self;
    /// Into `[low, high]`.
    unsafe fn clamp(self, low: Self, high: Self) -> Self;
}

/// The buffers of one convolution; `residual` may be null.
#[derive(Clone, Copy)]
pub(super) struct Buffers {
    pub(super) input: *const f32,
    pub(super) residual: *const f32,
    pub(super) output: *mut f32,
}

/// Computes `M` output pixels from `first` on, for the `N` vectors of one panel.
///
/// # Safety
/// As for [`conv_panel`]; `first + M` must not exceed the job's pixels.
#[inline(always)]
unsafe fn conv_tile<V: Simd, const M: usize, const N: usize>(job: &ConvJob, panel: &Panel, io: Buffers, first: usize) {
    // SAFETY: the job's constructor made offsets, weights and bias fit each other, `ConvJob::check`
    // made the buffers fit the job, and the caller keeps `first + M` within the pixels.
    unsafe {
        let mut weights = job.weights.as_ptr().add(panel.weights);
        let bias = job.bias.as_ptr().add(panel.column);
        let mut sums: [[V; N]; M] = [std::array::from_fn(|n| V::load(bias.add(n * V::LANES))); M];
        for tap in 0..job.taps {
            let rows: [*const f32; M] = match &job.offsets {
                None => std::array::from_fn(|m| io.input.add((first + m) * job.input_stride)),
                Some(offsets) => std::array::from_fn(|m| match *offsets.get_unchecked((first + m) * job.taps + tap) {
                    OUTSIDE => job.zeros.as_ptr(),
                    offset => io.input.add(offset as usize),
                }),
            };
            for k in 0..job.depth {
                let column: [V; N] = std::array::from_fn(|n| V::load(weights.add(n * V::LANES)));
                weights = weights.add(N * V::LANES);
                for m in 0..M {
                    let x = V::splat(*rows[m].add(k));
                    for n in 0..N {
                        sums[m][n] = sums[m][n].multiply_add(x, column[n]);
                    }
                }
            }
        }
        store_tile(job, panel, io, first, sums);
    }
}

/// # Safety
/// As for [`conv_tile`].
#[inline(always)]
unsafe fn store_tile<V: Simd, const M: usize, const N: usize>(
    job: &ConvJob,
    panel: &Panel,
    io: Buffers,
    first: usize,
    sums: [[V; N]; M],
) {
    // SAFETY: rows `first..first + M` and the panel's columns lie inside output and residual.
    unsafe {
        let bounds = |c: Clamp| (V::splat(c.low), V::splat(c.high));
        let (one, two) = (bounds(job.epilogue.first), bounds(job.epilogue.second));
        for (m, row) in sums.iter().enumerate() {
            for (n, sum) in row.iter().enumerate() {
                let at = (first + m) * job.output_stride + panel.column + n * V::LANES;
                let mut value = sum.clamp(one.0, one.1);
                if !io.residual.is_null() {
                    value = value.add(V::load(io.residual.add(at))).clamp(two.0, two.1);
                }
                value.store(io.output.add(at));
            }
        }
    }
}

/// Computes some pixels of one panel in tiles of `M`; the last tile overlaps the one before.
///
/// # Safety
/// The processor must have `V`'s instructions, the buffers must have passed [`ConvJob::check`], and `pixels` must be the job's.
#[inline(always)]
pub(super) unsafe fn conv_panel<V: Simd, const M: usize, const N: usize>(
    job: &ConvJob,
    panel: &Panel,
    io: Buffers,
    pixels: Range<usize>,
) {
    // SAFETY: every tile lies inside `pixels`.
    unsafe {
        if pixels.len() < M {
            for first in pixels {
                conv_tile::<V, 1, N>(job, panel, io, first);
            }
            return;
        }
        let mut first = pixels.start;
        while first + M <= pixels.end {
            conv_tile::<V, M, N>(job, panel, io, first);
            first += M;
        }
        if first < pixels.end {
            conv_tile::<V, M, N>(job, panel, io, pixels.end - M);
        }
    }
}

/// One output row of a depthwise convolution: the taps that count and where they start.
#[derive(Clone, Copy)]
struct Row {
    input: *const f32,
    output: *mut f32,
    ky: (usize, usize),
}

/// `M` neighbouring output pixels from column `x` on, for one vector of channels.
///
/// # Safety
/// All taps `row.ky × kx` of these pixels must lie inside the picture, and `c` inside the channels.
#[inline(always)]
unsafe fn depthwise_tile<V: Simd, const M: usize>(
    job: &DepthwiseJob,
    row: Row,
    x: usize,
    kx: (usize, usize),
    c: usize,
) {
    // SAFETY: the caller keeps every tap inside the picture; weights and bias cover all channels.
    unsafe {
        let mut sums = [V::load(job.bias.as_ptr().add(c)); M];
        let step = job.stride[1] * job.channels;
        for ky in row.ky.0..row.ky.1 {
            let line = row.input.wrapping_add(ky * job.dilation[0] * job.input[1] * job.channels);
            for tap in kx.0..kx.1 {
                let weight = V::load(job.weights.as_ptr().add((ky * job.kernel[1] + tap) * job.channels + c));
                let left = (x * job.stride[1] + tap * job.dilation[1]) * job.channels + c;
                // `line` starts `before` columns left of the picture; the sum lands inside it.
                let from = line.wrapping_add(left);
                for (m, sum) in sums.iter_mut().enumerate() {
                    *sum = sum.multiply_add(V::load(from.wrapping_add(m * step)), weight);
                }
            }
        }
        let (low, high) = (V::splat(job.clamp.low), V::splat(job.clamp.high));
        for (m, sum) in sums.iter().enumerate() {
            sum.clamp(low, high).store(row.output.add((x + m) * job.channels + c));
        }
    }
}

/// One row for one vector of channels: border pixels one by one, the interior in tiles of 4.
///
/// # Safety
/// As for [`depthwise`].
#[inline(always)]
unsafe fn depthwise_row<V: Simd>(job: &DepthwiseJob, row: Row, interior: (usize, usize), c: usize) {
    // SAFETY: `taps` gives only taps inside the picture; interior pixels have all of them inside.
    unsafe {
        let mut x = 0;
        while x < job.output[1] {
            if x >= interior.0 && x + 4 <= interior.1 {
                depthwise_tile::<V, 4>(job, row, x, (0, job.kernel[1]), c);
                x += 4;
            } else {
                depthwise_tile::<V, 1>(job, row, x, job.taps(1, x), c);
                x += 1;
            }
        }
    }
}

/// Runs [`depthwise_row`] for some rows, counted through the batch, with `Wide` vectors first and `Narrow` ones for the rest.
///
/// # Safety
/// The processor must have the instructions of both, the buffers must have passed [`DepthwiseJob::check`], and `rows` must be the
/// job's.
#[inline(always)]
pub(super) unsafe fn depthwise<Wide: Simd, Narrow: Simd>(
    job: &DepthwiseJob,
    input: *const f32,
    output: *mut f32,
    rows: Range<usize>,
) {
    let interior = job.interior();
    let wide = job.channels / Wide::LANES * Wide::LANES;
    for at in rows {
        let (n, y) = (at / job.output[0], at % job.output[0]);
        // Starts above and left of the picture by the padding; only taps inside are followed.
        let line = (n * job.input[0] + y * job.stride[0]) * job.input[1] * job.channels;
        let back = (job.before[0] * job.input[1] + job.before[1]) * job.channels;
        let row = Row {
            input: input.wrapping_add(line).wrapping_sub(back),
            output: output.wrapping_add(at * job.output[1] * job.channels),
            ky: job.taps(0, y),
        };
        // SAFETY: `c` steps over whole vectors inside the channels.
        unsafe {
            for c in (0..wide).step_by(Wide::LANES) {
                depthwise_row::<Wide>(job, row, interior, c);
            }
            for c in (wide..job.channels).step_by(Narrow::LANES) {
                depthwise_row::<Narrow>(job, row, interior, c);
            }
        }
    }
}

/// Multiply-adds of one round of [`peak`], in vectors: enough to fill the pipelines, few enough for the registers.
pub(super) const PEAK_VECTORS: usize = 12;

/// Multiplies and adds in registers alone.
///
/// # Safety
/// The processor must have `V`'s instructions.
#[inline(always)]
pub(super) unsafe fn peak<V: Simd>(rounds: usize) -> f32 {
    let mut last = [0.0; 64];
    // SAFETY: `last` is longer than any vector.
    unsafe {
        let (x, y) = (V::splat(std::hint::black_box(0.5)), V::splat(std::hint::black_box(1e-3)));
        let mut sums = [x; PEAK_VECTORS];
        for _ in 0..rounds {
            for sum in &mut sums {
                *sum = sum.multiply_add(x, y);
            }
        }
        let all = sums.into_iter().reduce(|a, b| a.add(b)).unwrap_or(x);
        all.store(last.as_mut_ptr());
    }
    last[0]
}

/// A kernel table whose functions run with `$features` switched on.
macro_rules! kernel_table {
    ($name:ident, $module:ident, [$($features:literal)?], wide $wide:ty, narrow $narrow:ty, tiles { $($width:literal => $vector:ty, $m:literal, $n:literal;)+ }) => {
        mod $module {
            use super::*;
            use $crate::kernels::jobs::{ConvJob, ConvPart, DepthwiseJob};
            use $crate::kernels::simd::{Buffers, conv_panel, depthwise};

            /// # Safety
            /// As for [`conv_panel`], for every panel and pixel of `part`.
            $(#[target_feature(enable = $features)])?
            pub(super) unsafe fn conv(job: &ConvJob, io: Buffers, part: &ConvPart) {
                for panel in &job.panels[part.panels.clone()] {
                    // SAFETY: the caller has checked the buffers; the features are those of the vector types.
                    unsafe {
                        match panel.width {
                            $($width => conv_panel::<$vector, $m, $n>(job, panel, io, part.pixels.clone()),)+
                            width => unreachable!("panel of {width} columns"),
                        }
                    }
                }
            }

            /// # Safety
            /// As for [`depthwise`].
            $(#[target_feature(enable = $features)])?
            pub(super) unsafe fn depthwise_rows(job: &DepthwiseJob, io: Buffers, rows: std::ops::Range<usize>) {
                // SAFETY: as in `conv`.
                unsafe { depthwise::<$wide, $narrow>(job, io.input, io.output, rows) }
            }

            /// # Safety
            /// The processor must have the features.
            $(#[target_feature(enable = $features)])?
            pub(super) unsafe fn peak(rounds: usize) -> f32 {
                // SAFETY: the features are those of the vector type.
                unsafe { $crate::kernels::simd::peak::<$wide>(rounds) }
            }
        }

        pub(crate) const $name: $crate::kernels::Kernels = $crate::kernels::Kernels {
            panels: &[$($width),+],
            conv_part: $module::conv,
            depthwise_rows: $module::depthwise_rows,
            lanes: <$wide as $crate::kernels::simd::Simd>::LANES,
            peak: $module::peak,
        };
    };
}
pub(super) use kernel_table;
