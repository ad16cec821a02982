//! The int8 convolution: the micro-kernel of `gemm` over a vector that sums products of four codes
//! at a time, which is what dot product instructions do (VNNI on x86-64, SDOT on AArch64). Sums are
//! 32-bit integers; requantization scales, rounds and clamps them while they are in registers.

use super::block::GROUP;
use super::gemm::rows;
use super::jobs::Int8ConvJob;
use super::packing::Panel;
use super::simd::{Buffers, Simd, even_tiles, tile_of};
use std::ops::Range;

/// A vector of 32-bit sums, as many as `Floats` has lanes.
///
/// # Safety
/// Implementations may use instructions that the processor must have; every method may only be
/// called where it has them. Pointers must be valid for what is read.
pub(super) unsafe trait Sums: Copy {
    /// The sums as floats, to be scaled and rounded.
    type Floats: Simd;
    /// Four bytes of the input, in every lane.
    type Input: Copy;
    /// Four weights for each lane.
    type Weights: Copy;
    /// `LANES` sums to start from.
    unsafe fn load(from: *const i32) -> Self;
    /// Reads four bytes.
    unsafe fn input(from: *const u8) -> Self::Input;
    /// Reads `4 × LANES` weights.
    unsafe fn weights(from: *const i8) -> Self::Weights;
    /// Adds to each lane the products of four bytes and four weights.
    unsafe fn add_products(self, input: Self::Input, weights: Self::Weights) -> Self;
    unsafe fn floats(self) -> Self::Floats;
}

/// Computes `M` output pixels from `first` on, for the `N` vectors of one panel, as
/// `gemm::conv_tile` does.
///
/// # Safety
/// As for [`int8_panel`]; `first + M` must not exceed the job's pixels.
#[expect(
    clippy::needless_range_loop,
    reason = "loops over a constant range are unrolled, and closures would be calls from functions for \
              other instruction sets"
)]
#[inline(always)]
unsafe fn int8_tile<S: Sums, const M: usize, const N: usize, const HALF: bool>(
    job: &Int8ConvJob,
    panel: &Panel,
    io: Buffers<u8>,
    first: usize,
) {
    let lanes = <S::Floats as Simd>::LANES;
    // SAFETY: the job's constructor made offsets, weights and bias fit each other,
    // `Indirection::check` made the buffers fit the job, and the caller keeps `first + M` within
    // the pixels.
    unsafe {
        let mut weights = job.weights.as_ptr().cast::<i8>().add(panel.weights * GROUP);
        let bias = job.bias.as_ptr().add(panel.column);
        let mut biases = [S::load(bias); N];
        for n in 1..N {
            biases[n] = S::load(bias.add(n * lanes));
        }
        let mut sums = [biases; M];
        for tap in 0..job.indirection.taps {
            let (rows, is_inside): ([*const u8; M], bool) =
                rows(&job.indirection, io.input, job.outside.as_ptr(), first, tap);
            if !is_inside && job.outside_is_zero {
                weights = weights.add(job.indirection.depth * N * lanes);
                continue;
            }
            for k in (0..job.indirection.depth).step_by(GROUP) {
                let mut columns = [S::weights(weights); N];
                for n in 1..N {
                    columns[n] = S::weights(weights.add(n * lanes * GROUP));
                }
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

/// Requantizes and stores.
///
/// # Safety
/// As for [`int8_tile`].
#[inline(always)]
pub(super) unsafe fn store_tile<S: Sums, const M: usize, const N: usize, const HALF: bool>(
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
        let low = S::Floats::splat(r.bounds.low);
        let high = S::Floats::splat(r.bounds.high);
        let zero = S::Floats::splat(r.zero_points[1]);
        for n in 0..N {
            let scale = S::Floats::load(r.scales.as_ptr().add(panel.column + n * lanes));
            for (m, row) in sums.iter().enumerate() {
                let to = io
                    .output
                    .add((first + m) * job.indirection.output_stride + panel.column + n * lanes);
                let value = row[n].floats().scaled(scale, zero).clamp(low, high);
                if HALF && n == N - 1 {
                    value.store_half_u8(to)
                } else {
                    value.store_u8(to)
                }
            }
        }
    }
}

/// Computes some pixels of one panel in tiles of up to `M`, all of nearly the same size.
///
/// # Safety
/// The processor must have `S`'s instructions, the buffers must have passed
/// [`Indirection::check`](super::indirection::Indirection::check), and `pixels` must be the job's.
#[inline(always)]
pub(super) unsafe fn int8_panel<S: Sums, const M: usize, const N: usize, const HALF: bool>(
    job: &Int8ConvJob,
    panel: &Panel,
    io: Buffers<u8>,
    pixels: Range<usize>,
) {
    for tile in even_tiles(pixels, M) {
        // SAFETY: every tile lies inside `pixels`.
        unsafe {
            tile_of!(tile.len(), M, int8_tile::<S, N, HALF>(job, panel, io, tile.start), [1 2 3 4 5 6 7 8 9 10 11 12]);
        }
    }
}
