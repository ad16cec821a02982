//! Convolutions of 8-bit numbers, written once over a vector that sums products of four at a time.

use super::jobs::{GROUP, Int8ConvJob, Panel};
use super::simd::{Buffers, Simd, even_tiles, rows, tile_of};
use std::ops::Range;

/// A vector of 32-bit sums, as many as `Floats` has lanes.
///
/// # Safety
/// Implementations may use instructions that the processor must have; every method may only be
/// called where it has them. Pointers must be valid for what is read.
pub(super) unsafe trait Sums: Copy {
    /// The sums as floats, to be scaled and rounded.
    type Floats: Simd;
    /// Four numbers of the input, for every lane.
    type Input: Copy;
    /// Four weights for each lane.
    type Weights: Copy;
    unsafe fn load(from: *const i32) -> Self;
    /// Four bytes.
    unsafe fn input(from: *const u8) -> Self::Input;
    /// `4 × LANES` bytes.
    unsafe fn weights(from: *const i8) -> Self::Weights;
    /// `self` and the products of four numbers and four weights.
    unsafe fn add_products(self, input: Self::Input, weights: Self::Weights) -> Self;
    unsafe fn floats(self) -> Self::Floats;
}

/// Computes `M` output pixels from `first` on, for the `N` vectors of one panel, as
/// `simd::conv_tile` does.
///
/// # Safety
/// As for [`byte_panel`]; `first + M` must not exceed the job's pixels.
#[inline(always)]
unsafe fn byte_tile<S: Sums, const M: usize, const N: usize, const HALF: bool>(
    job: &Int8ConvJob,
    panel: &Panel,
    io: Buffers<u8>,
    first: usize,
) {
    let lanes = <S::Floats as Simd>::LANES;
    // SAFETY: the job's constructor made offsets, weights and bias fit each other, `Walk::check`
    // made the buffers fit the job, and the caller keeps `first + M` within the pixels.
    unsafe {
        let mut weights = job.weights.as_ptr().cast::<i8>().add(panel.weights * GROUP);
        let bias = job.bias.as_ptr().add(panel.column);
        let mut sums: [[S; N]; M] = [std::array::from_fn(|n| S::load(bias.add(n * lanes))); M];
        for tap in 0..job.walk.taps {
            let rows: [*const u8; M] = rows(&job.walk, io.input, job.outside.as_ptr(), first, tap);
            for k in (0..job.walk.depth).step_by(GROUP) {
                let columns: [S::Weights; N] =
                    std::array::from_fn(|n| S::weights(weights.add(n * lanes * GROUP)));
                weights = weights.add(N * lanes * GROUP);
                for m in 0..M {
                    let input = S::input(rows[m].add(k));
                    for n in 0..N {
                        sums[m][n] = sums[m][n].add_products(input, columns[n]);
                    }
                }
            }
        }
        store_tile::<S, M, N, HALF>(job, panel, io, first, sums);
    }
}

/// # Safety
/// As for [`byte_tile`].
#[inline(always)]
unsafe fn store_tile<S: Sums, const M: usize, const N: usize, const HALF: bool>(
    job: &Int8ConvJob,
    panel: &Panel,
    io: Buffers<u8>,
    first: usize,
    sums: [[S; N]; M],
) {
    let lanes = <S::Floats as Simd>::LANES;
    let r = &job.requantization;
    // SAFETY: rows `first..first + M` and the panel's columns lie inside the output; there are
    // scales for whole vectors.
    unsafe {
        let (low, high) = (
            S::Floats::splat(r.bounds.low),
            S::Floats::splat(r.bounds.high),
        );
        let zero = S::Floats::splat(r.zeros[1]);
        for n in 0..N {
            let scale = S::Floats::load(r.scales.as_ptr().add(panel.column + n * lanes));
            for (m, row) in sums.iter().enumerate() {
                let to = io
                    .output
                    .add((first + m) * job.walk.output_stride + panel.column + n * lanes);
                let value = zero.multiply_add(row[n].floats(), scale).clamp(low, high);
                if HALF && n == N - 1 {
                    value.store_half_bytes(to)
                } else {
                    value.store_bytes(to)
                }
            }
        }
    }
}

/// Computes some pixels of one panel in tiles of up to `M`, all of nearly the same size.
///
/// # Safety
/// The processor must have `S`'s instructions, the buffers must have passed `Walk::check`, and
/// `pixels` must be the job's.
#[inline(always)]
pub(super) unsafe fn byte_panel<S: Sums, const M: usize, const N: usize, const HALF: bool>(
    job: &Int8ConvJob,
    panel: &Panel,
    io: Buffers<u8>,
    pixels: Range<usize>,
) {
    for tile in even_tiles(pixels, M) {
        // SAFETY: every tile lies inside `pixels`.
        unsafe {
            tile_of!(tile.len(), M, byte_tile::<S, N, HALF>(job, panel, io, tile.start), [1 2 3 4 5 6 7 8 9 10 11 12]);
        }
    }
}

/// A table of kernels for 8-bit numbers whose functions run with `$features` switched on.
macro_rules! byte_table {
    ($name:ident, $module:ident, [$($features:literal)?], signed $signed:literal, tiles { $($width:literal => $sums:ty, $m:literal, $n:literal $(, half $half:literal)?;)+ }) => {
        mod $module {
            use super::*;
            use $crate::kernels::int8::byte_panel;
            use $crate::kernels::jobs::{Int8ConvJob, ConvPart};
            use $crate::kernels::simd::Buffers;

            /// # Safety
            /// As for [`byte_panel`], for every panel and pixel of `part`.
            $(#[target_feature(enable = $features)])?
            pub(super) unsafe fn conv(job: &Int8ConvJob, io: Buffers<u8>, part: &ConvPart) {
                for panel in &job.walk.panels[part.panels.clone()] {
                    // SAFETY: the caller has checked the buffers; the features are those of the
                    // vector types.
                    unsafe {
                        match panel.width {
                            $($width => byte_panel::<$sums, $m, $n, { false $(|| $half)? }>(job, panel, io, part.pixels.clone()),)+
                            width => unreachable!("panel of {width} columns"),
                        }
                    }
                }
            }
        }

        pub(super) const $name: $crate::kernels::ByteKernels =
            $crate::kernels::ByteKernels { panels: &[$($width),+], signed: $signed, conv_part: $module::conv };
    };
}
pub(super) use byte_table;
