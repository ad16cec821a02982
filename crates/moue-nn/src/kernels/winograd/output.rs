//! Transforms sums of products back to output pixels.

use super::transforms::{FourByFour, Transform, TwoByTwo, transposed};
use super::{Side, TileBlock, WinogradJob};
use crate::kernels::simd::{Buffers, Simd};
use std::ops::Range;

/// Transforms the sums of a block of tiles and stores some channels of the output, with `Wide` vectors first
/// and `Narrow` ones for the channels that are left.
///
/// # Safety
/// The processor must have the instructions of both, the buffers must have passed [`WinogradJob::check`],
/// the block must be the job's, and `channels` those of whole panels.
#[inline(always)]
pub(in crate::kernels) unsafe fn transform_output<Wide: Simd, Narrow: Simd>(
    job: &WinogradJob,
    io: Buffers<f32>,
    block: &TileBlock,
    channels: Range<usize>,
) {
    // SAFETY: the sides are those of the transforms.
    unsafe {
        match job.side {
            Side::Two => transform_tiles::<TwoByTwo, Wide, Narrow, 2, 4>(job, io, block, channels),
            Side::Four => {
                transform_tiles::<FourByFour, Wide, Narrow, 4, 6>(job, io, block, channels)
            }
        }
    }
}

/// # Safety
/// As for [`transform_output`].
#[inline(always)]
unsafe fn transform_tiles<T: Transform<M, R>, W: Simd, N: Simd, const M: usize, const R: usize>(
    job: &WinogradJob,
    io: Buffers<f32>,
    block: &TileBlock,
    channels: Range<usize>,
) {
    let wide = channels.start + channels.len() / W::LANES * W::LANES;
    // Positions lie as far apart as the block has channels of tiles.
    let step = block.tiles.len() * job.sums_stride();
    for (i, tile) in block.tiles.clone().enumerate() {
        let corner = job.corner(tile);
        // SAFETY: `c` steps over whole vectors inside the channels, of the output and of the block.
        unsafe {
            let from = block.sums.add(i * job.sums_stride());
            for c in (channels.start..wide).step_by(W::LANES) {
                transform_square::<T, W, M, R>(job, io, corner, c, from.add(c), step);
            }
            for c in (wide..channels.end).step_by(N::LANES) {
                transform_square::<T, N, M, R>(job, io, corner, c, from.add(c), step);
            }
        }
    }
}

/// Transforms one vector of channels from `c` on of the tile at `corner`, whose sums start at `from` and lie
/// `step` floats apart, along columns and then along rows.
///
/// # Safety
/// As for [`transform_output`]; the channels have a whole vector from `c` on.
#[expect(
    clippy::needless_range_loop,
    reason = "loops over a constant range are unrolled, and closures would be calls from functions for \
              other instruction sets"
)]
#[inline(always)]
unsafe fn transform_square<T: Transform<M, R>, V: Simd, const M: usize, const R: usize>(
    job: &WinogradJob,
    io: Buffers<f32>,
    [n, y, x]: [usize; 3],
    c: usize,
    from: *const f32,
    step: usize,
) {
    // SAFETY: the block has sums of every position.
    unsafe {
        let sums = load_square::<V, R>(from, step);
        let mut columns = [[V::splat(0.0); M]; R];
        for j in 0..R {
            columns[j] = T::output(sums[j]);
        }
        let lines = transposed(columns);
        let [height, width] = job.shape.output;
        for i in 0..M.min(height - y) {
            let row = (n * height + y + i) * width + x;
            store_row(job, io, row, M.min(width - x), c, T::output(lines[i]));
        }
    }
}

/// Loads the sums of all positions, which lie `step` floats apart, as columns.
///
/// # Safety
/// There must be a whole vector at each step.
#[expect(
    clippy::needless_range_loop,
    reason = "loops over a constant range are unrolled, and closures would be calls from functions for \
              other instruction sets"
)]
#[inline(always)]
unsafe fn load_square<V: Simd, const R: usize>(from: *const f32, step: usize) -> [[V; R]; R] {
    // SAFETY: the caller vouches for the vectors.
    unsafe {
        let mut columns = [[V::splat(0.0); R]; R];
        for i in 0..R {
            for j in 0..R {
                columns[j][i] = V::load(from.add((i * R + j) * step));
            }
        }
        columns
    }
}

/// Stores the first `count` pixels of a tile's row, from the output's pixel `first` on.
///
/// # Safety
/// As for [`transform_square`]; the pixels are the output's.
#[expect(
    clippy::needless_range_loop,
    reason = "loops over a constant range are unrolled, and closures would be calls from functions for \
              other instruction sets"
)]
#[inline(always)]
unsafe fn store_row<V: Simd, const M: usize>(
    job: &WinogradJob,
    io: Buffers<f32>,
    first: usize,
    count: usize,
    c: usize,
    pixels: [V; M],
) {
    for j in 0..count {
        // SAFETY: as for this function.
        unsafe { store(job, io, (first + j) * job.sums_stride(), c, pixels[j]) }
    }
}

/// Adds the bias, clamps, adds the residual and stores a vector of channels from `c` on of the pixel that
/// starts at `pixel`.
///
/// # Safety
/// As for [`transform_square`]; the pixel is one of the output's.
#[inline(always)]
unsafe fn store<V: Simd>(job: &WinogradJob, io: Buffers<f32>, pixel: usize, c: usize, sum: V) {
    // SAFETY: the caller vouches for pixel and channels; there is a bias for each channel.
    unsafe {
        let bias = V::load(job.bias.as_ptr().add(c));
        let residual = if io.residual.is_null() {
            None
        } else {
            Some(V::load(io.residual.add(pixel + c)))
        };
        let value = job.epilogue.apply(sum.add(bias), residual);
        value.store(io.output.add(pixel + c));
    }
}
