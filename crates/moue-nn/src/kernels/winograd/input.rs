//! Transforms the input.

use super::transforms::{FourByFour, Transform, TwoByTwo, transposed};
use super::{Side, TileBlock, WinogradJob};
use crate::kernels::block::padded;
use crate::kernels::simd::Simd;

/// Transforms the input of a block of tiles, with `Wide` vectors first and `Narrow` ones for the channels
/// that are left.
///
/// # Safety
/// The processor must have the instructions of both, the input must have passed [`WinogradJob::check`], and
/// the block must be the job's.
#[inline(always)]
pub(in crate::kernels) unsafe fn transform_input<Wide: Simd, Narrow: Simd>(
    job: &WinogradJob,
    input: *const f32,
    block: &TileBlock,
) {
    // SAFETY: the sides are those of the transforms.
    unsafe {
        match job.side {
            Side::Two => transform_tiles::<TwoByTwo, Wide, Narrow, 2, 4>(job, input, block),
            Side::Four => transform_tiles::<FourByFour, Wide, Narrow, 4, 6>(job, input, block),
        }
    }
}

/// # Safety
/// As for [`transform_input`].
#[inline(always)]
unsafe fn transform_tiles<T: Transform<M, R>, W: Simd, N: Simd, const M: usize, const R: usize>(
    job: &WinogradJob,
    input: *const f32,
    block: &TileBlock,
) {
    let stride = job.input_stride();
    let wide = stride / W::LANES * W::LANES;
    // Positions lie as far apart as the block has channels of tiles.
    let step = block.tiles.len() * stride;
    for (i, tile) in block.tiles.clone().enumerate() {
        let pixels = pixels::<R>(job, input, tile);
        // SAFETY: `c` steps over whole vectors inside the channels, of the input and of the block.
        unsafe {
            let to = block.input.add(i * stride);
            for c in (0..wide).step_by(W::LANES) {
                transform_square::<T, W, M, R>(&pixels, c, to.add(c), step);
            }
            for c in (wide..stride).step_by(N::LANES) {
                transform_square::<T, N, M, R>(&pixels, c, to.add(c), step);
            }
        }
    }
}

/// Where the pixels of a tile lie; those outside of the picture are a row of zeros.
#[inline(always)]
fn pixels<const R: usize>(
    job: &WinogradJob,
    input: *const f32,
    tile: usize,
) -> [[*const f32; R]; R] {
    let [n, y, x] = job.corner(tile);
    let [height, width] = job.shape.input;
    let stride = padded(job.shape.depth);
    let mut pixels = [[job.zeros.as_ptr(); R]; R];
    for (i, pixel) in pixels.as_flattened_mut().iter_mut().enumerate() {
        let row = (y + i / R).wrapping_sub(job.shape.before[0]);
        let column = (x + i % R).wrapping_sub(job.shape.before[1]);
        if row < height && column < width {
            *pixel = input.wrapping_add(((n * height + row) * width + column) * stride);
        }
    }
    pixels
}

/// Transforms one vector of channels from `c` on, along rows and then along columns.
///
/// # Safety
/// The pixels have a whole vector from `c` on, and so has `to` at each of `R × R` steps.
#[expect(
    clippy::needless_range_loop,
    reason = "loops over a constant range are unrolled, and closures would be calls from functions for \
              other instruction sets"
)]
#[inline(always)]
unsafe fn transform_square<T: Transform<M, R>, V: Simd, const M: usize, const R: usize>(
    pixels: &[[*const f32; R]; R],
    c: usize,
    to: *mut f32,
    step: usize,
) {
    // SAFETY: the caller vouches for the pixels and for `to`.
    unsafe {
        let mut lines = [[V::splat(0.0); R]; R];
        for i in 0..R {
            for j in 0..R {
                lines[i][j] = V::load(pixels[i][j].add(c));
            }
            lines[i] = T::input(lines[i]);
        }
        let columns = transposed(lines);
        for j in 0..R {
            let column = T::input(columns[j]);
            for i in 0..R {
                column[i].store(to.add((i * R + j) * step));
            }
        }
    }
}
