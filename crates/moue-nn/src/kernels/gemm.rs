//! The float convolution: a register-blocked GEMM micro-kernel over the indirection buffer. A tile
//! of `M` output pixels and `N` vectors of output channels keeps its sums in registers, so that
//! each weight that is loaded serves `M` pixels and each input value `N` vectors.

use super::indirection::{Indirection, OUTSIDE};
use super::jobs::ConvJob;
use super::packing::Panel;
use super::simd::{Buffers, Simd, even_tiles, tile_of};
use std::ops::Range;

/// Where `M` output pixels from `first` on read their row of `tap`, and whether one of them lies inside.
///
/// # Safety
/// As for [`conv_panel`]; `outside` is as long as a row.
#[expect(
    clippy::needless_range_loop,
    reason = "loops over a constant range are unrolled, and closures would be calls from functions for \
              other instruction sets"
)]
#[inline(always)]
pub(super) unsafe fn rows<T, const M: usize>(
    indirection: &Indirection,
    input: *const T,
    outside: *const T,
    first: usize,
    tap: usize,
) -> ([*const T; M], bool) {
    // SAFETY: `Indirection::new` made the offsets fit pixels and taps, and `Indirection::check` the
    // input fit the offsets.
    unsafe {
        let mut rows = [outside; M];
        let Some(offsets) = &indirection.offsets else {
            for m in 0..M {
                rows[m] = input.add((first + m) * indirection.input_stride);
            }
            return (rows, true);
        };
        let mut is_inside = false;
        let offsets = offsets.as_ptr().add(first * indirection.taps + tap);
        for m in 0..M {
            let offset = *offsets.add(m * indirection.taps);
            if offset != OUTSIDE {
                rows[m] = input.add(offset as usize);
                is_inside = true;
            }
        }
        (rows, is_inside)
    }
}

/// Computes `M` output pixels from `first` on, for the `N` vectors of one panel, the last of which
/// counts only by its lower half where `HALF` is set.
///
/// # Safety
/// As for [`conv_panel`]; `first + M` must not exceed the job's pixels.
#[expect(
    clippy::needless_range_loop,
    reason = "loops over a constant range are unrolled, and closures would be calls from functions for \
              other instruction sets"
)]
#[inline(always)]
unsafe fn conv_tile<V: Simd, const M: usize, const N: usize, const HALF: bool>(
    job: &ConvJob,
    panel: &Panel,
    io: Buffers<f32>,
    first: usize,
) {
    // SAFETY: the job's constructor made offsets, weights and bias fit each other,
    // `Indirection::check` made the buffers fit the job, and the caller keeps `first + M` within
    // the pixels.
    unsafe {
        let mut weights = job.weights.as_ptr().add(panel.weights);
        let bias = job.bias.as_ptr().add(panel.column);
        let mut biases = [V::splat(0.0); N];
        for n in 0..N {
            biases[n] = V::load(bias.add(n * V::LANES));
        }
        let mut sums = [biases; M];
        for tap in 0..job.indirection.taps {
            let (rows, is_inside): ([*const f32; M], bool) =
                rows(&job.indirection, io.input, job.zeros.as_ptr(), first, tap);
            // All pixels of the tile read padding here. What 0 times infinity would be is not a number in
            // tiles of other pixels.
            if !is_inside {
                weights = weights.add(job.indirection.depth * N * V::LANES);
                continue;
            }
            for k in 0..job.indirection.depth {
                // Each column of weights is loaded once for all `M` pixels, each input value is
                // spread to a vector once for all `N` columns.
                let mut column = [V::splat(0.0); N];
                for n in 0..N {
                    column[n] = V::load(weights.add(n * V::LANES));
                }
                weights = weights.add(N * V::LANES);
                for m in 0..M {
                    let x = V::splat(*rows[m].add(k));
                    for n in 0..N {
                        sums[m][n] = sums[m][n].multiply_add(x, column[n]);
                    }
                }
            }
        }
        store_tile::<V, M, N, HALF>(job, panel, io, first, sums);
    }
}

/// Clamps, adds the residual and stores. It is done here, while the sums are in registers.
///
/// # Safety
/// As for [`conv_tile`].
#[inline(always)]
unsafe fn store_tile<V: Simd, const M: usize, const N: usize, const HALF: bool>(
    job: &ConvJob,
    panel: &Panel,
    io: Buffers<f32>,
    first: usize,
    sums: [[V; N]; M],
) {
    // SAFETY: rows `first..first + M` and the panel's columns lie inside output and residual.
    unsafe {
        for (m, row) in sums.iter().enumerate() {
            for (n, sum) in row.iter().enumerate() {
                let at = (first + m) * job.indirection.output_stride + panel.column + n * V::LANES;
                let half = HALF && n == N - 1;
                let residual = if io.residual.is_null() {
                    None
                } else if half {
                    Some(V::load_half(io.residual.add(at)))
                } else {
                    Some(V::load(io.residual.add(at)))
                };
                let value = job.epilogue.apply(*sum, residual);
                if half {
                    value.store_half(io.output.add(at))
                } else {
                    value.store(io.output.add(at))
                }
            }
        }
    }
}

/// Computes some pixels of one panel in tiles of up to `M`, all of nearly the same size.
///
/// # Safety
/// The processor must have `V`'s instructions, the buffers must have passed
/// [`Indirection::check`], and `pixels` must be the job's.
#[inline(always)]
pub(super) unsafe fn conv_panel<V: Simd, const M: usize, const N: usize, const HALF: bool>(
    job: &ConvJob,
    panel: &Panel,
    io: Buffers<f32>,
    pixels: Range<usize>,
) {
    for tile in even_tiles(pixels, M) {
        // SAFETY: every tile lies inside `pixels`.
        unsafe {
            tile_of!(tile.len(), M, conv_tile::<V, N, HALF>(job, panel, io, tile.start), [1 2 3 4 5 6 7 8 9 10 11 12]);
        }
    }
}
