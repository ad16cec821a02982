//! The matrix products of Winograd's algorithm: for one position, `tiles × depth` times `depth × outputs`.

use super::{TileBlock, WinogradJob};
use crate::kernels::gemm::add_products;
use crate::kernels::packing::Panel;
use crate::kernels::simd::{Simd, even_tiles, tile_of};

/// Rows of a product, and where its sums go.
#[derive(Clone, Copy)]
struct Rows {
    depth: usize,
    input: *const f32,
    input_stride: usize,
    sums: *mut f32,
    sums_stride: usize,
}

/// Sums products of `M` tiles with the `N` vectors of one panel, the last of which counts only by its
/// lower half where `HALF` is set.
///
/// # Safety
/// As for [`product_panel`]; there must be `M` rows.
#[inline(always)]
unsafe fn product_tile<V: Simd, const M: usize, const N: usize, const HALF: bool>(
    rows: Rows,
    weights: *const f32,
) {
    // SAFETY: the caller vouches for rows, weights and sums.
    unsafe {
        let mut inputs = [rows.input; M];
        for m in 1..M {
            inputs[m] = inputs[m - 1].add(rows.input_stride);
        }
        let sums = add_products([[V::splat(0.0); N]; M], inputs, weights, rows.depth);
        store_tile::<V, M, N, HALF>(rows, sums);
    }
}

/// # Safety
/// As for [`product_tile`].
#[inline(always)]
unsafe fn store_tile<V: Simd, const M: usize, const N: usize, const HALF: bool>(
    rows: Rows,
    sums: [[V; N]; M],
) {
    for (m, row) in sums.iter().enumerate() {
        for (n, sum) in row.iter().enumerate() {
            // SAFETY: the caller vouches for the sums.
            unsafe {
                let to = rows.sums.add(m * rows.sums_stride + n * V::LANES);
                if HALF && n == N - 1 {
                    sum.store_half(to)
                } else {
                    sum.store(to)
                }
            }
        }
    }
}

/// The product of one position and one panel, for all tiles of a block.
///
/// # Safety
/// The processor must have `V`'s instructions, and block, position and panel must be the job's.
#[inline(always)]
pub(in crate::kernels) unsafe fn product_panel<
    V: Simd,
    const M: usize,
    const N: usize,
    const HALF: bool,
>(
    job: &WinogradJob,
    block: &TileBlock,
    position: usize,
    panel: &Panel,
) {
    let first = position * block.tiles.len();
    for tiles in even_tiles(0..block.tiles.len(), M) {
        let at = first + tiles.start;
        // SAFETY: every tile lies inside the block, and the panel's columns inside the sums' rows.
        unsafe {
            let weights = (job.weights.as_ptr()).add(position * job.weights_step + panel.weights);
            let rows = Rows {
                depth: job.shape.depth,
                input: block.input.add(at * job.input_stride()),
                input_stride: job.input_stride(),
                sums: block.sums.add(at * job.sums_stride() + panel.column),
                sums_stride: job.sums_stride(),
            };
            tile_of!(tiles.len(), M, product_tile::<V, N, HALF>(rows, weights), [1 2 3 4 5 6 7 8 9 10 11 12]);
        }
    }
}
