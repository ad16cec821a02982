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
        let mut sums = [load_vectors::<V, N>(bias); M];
        for tap in 0..job.indirection.taps {
            let (rows, is_inside): ([*const f32; M], bool) =
                rows(&job.indirection, io.input, job.zeros.as_ptr(), first, tap);
            // All pixels of the tile read padding here. What 0 times infinity would be is not a number in
            // tiles of other pixels.
            if is_inside {
                sums = add_products(sums, rows, weights, job.indirection.depth);
            }
            weights = weights.add(job.indirection.depth * N * V::LANES);
        }
        store_tile::<V, M, N, HALF>(job, panel, io, first, sums);
    }
}

/// # Safety
/// There must be `N` vectors.
#[expect(
    clippy::needless_range_loop,
    reason = "loops over a constant range are unrolled, and closures would be calls from functions for \
              other instruction sets"
)]
#[inline(always)]
unsafe fn load_vectors<V: Simd, const N: usize>(from: *const f32) -> [V; N] {
    // SAFETY: the caller vouches for the vectors.
    unsafe {
        let mut vectors = [V::splat(0.0); N];
        for n in 0..N {
            vectors[n] = V::load(from.add(n * V::LANES));
        }
        vectors
    }
}

/// The micro-kernel: adds the products of `M` rows of `depth` values and the `N` vectors of weights for
/// each of them. A vector of weights is loaded once for all rows, a value spread to a vector once for all
/// weights.
///
/// # Safety
/// The processor must have `V`'s instructions; rows and weights must be as long as that.
#[inline(always)]
pub(super) unsafe fn add_products<V: Simd, const M: usize, const N: usize>(
    mut sums: [[V; N]; M],
    rows: [*const f32; M],
    weights: *const f32,
    depth: usize,
) -> [[V; N]; M] {
    // SAFETY: the caller vouches for rows and weights.
    unsafe {
        for k in 0..depth {
            let column = load_vectors::<V, N>(weights.add(k * N * V::LANES));
            for m in 0..M {
                let x = V::splat(*rows[m].add(k));
                for n in 0..N {
                    sums[m][n] = sums[m][n].multiply_add(x, column[n]);
                }
            }
        }
    }
    sums
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
