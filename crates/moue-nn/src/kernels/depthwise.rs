//! Depthwise convolutions. Neighboring output pixels share most of the columns that they read, so a
//! tile of up to four pixels loads each column once and keeps all of them in registers.

use super::depthwise_job::DepthwiseJob;
use super::simd::{Simd, even_tiles};
use std::ops::Range;

/// One output row of a depthwise convolution: the taps that count and where they start.
#[derive(Clone, Copy)]
struct Row<T> {
    input: *const T,
    output: *mut T,
    ky: (usize, usize),
}

/// What depthwise convolutions read and write, computed with as floats.
///
/// # Safety
/// Pointers must be valid for a whole vector, and `c` must lie inside the job's channels.
pub(super) unsafe trait Element: Copy {
    unsafe fn load<V: Simd>(job: &DepthwiseJob, from: *const Self) -> V;
    unsafe fn store<V: Simd>(job: &DepthwiseJob, c: usize, sum: V, to: *mut Self);
}

// SAFETY: loads and stores one vector.
unsafe impl Element for f32 {
    #[inline(always)]
    unsafe fn load<V: Simd>(_job: &DepthwiseJob, from: *const f32) -> V {
        // SAFETY: the caller vouches for the vector.
        unsafe { V::load(from) }
    }

    #[inline(always)]
    unsafe fn store<V: Simd>(job: &DepthwiseJob, _c: usize, sum: V, to: *mut f32) {
        // SAFETY: as in `load`.
        unsafe {
            sum.clamp(V::splat(job.clamp.low), V::splat(job.clamp.high))
                .store(to)
        }
    }
}

// SAFETY: loads and stores one vector; `DepthwiseJob::check` saw to it that there is a scale for
// each channel.
unsafe impl Element for u8 {
    #[inline(always)]
    unsafe fn load<V: Simd>(job: &DepthwiseJob, from: *const u8) -> V {
        // SAFETY: the caller vouches for the vector.
        unsafe { V::load_u8(from).add(V::splat(-job.requantization.zero_points[0])) }
    }

    #[inline(always)]
    unsafe fn store<V: Simd>(job: &DepthwiseJob, c: usize, sum: V, to: *mut u8) {
        let r = &job.requantization;
        // SAFETY: as in `load`.
        unsafe {
            let scale = V::load(r.scales.as_ptr().add(c));
            sum.scaled(scale, V::splat(r.zero_points[1]))
                .clamp(V::splat(r.bounds.low), V::splat(r.bounds.high))
                .store_u8(to);
        }
    }
}

/// `M` neighboring output pixels from column `x` on, for one vector of channels and windows `K`
/// wide that move by `S`. Each of the `C` columns that they see is read once; where `INSIDE` does
/// not vouch for it, those outside the picture count as zero.
///
/// # Safety
/// As for [`depthwise`]; `x + M` must not exceed the row, `c` lies inside the channels, and `C` is
/// `(M - 1) × S + K`.
#[expect(
    clippy::needless_range_loop,
    reason = "loops over a constant range are unrolled, and closures would be calls from functions for \
              other instruction sets"
)]
#[inline(always)]
unsafe fn shared_tile<
    T: Element,
    V: Simd,
    const M: usize,
    const K: usize,
    const S: usize,
    const C: usize,
    const INSIDE: bool,
>(
    job: &DepthwiseJob,
    row: Row<T>,
    x: usize,
    c: usize,
) {
    // SAFETY: columns outside the picture are not read; weights and bias cover all channels.
    unsafe {
        let mut sums = [V::load(job.bias.as_ptr().add(c)); M];
        for ky in row.ky.0..row.ky.1 {
            // `line` starts `before` columns left of the picture; what is read of it lies inside.
            let line = row
                .input
                .wrapping_add((ky * job.dilation[0]).wrapping_mul(job.input[1] * job.channels) + c);
            let mut columns = [V::splat(0.0); C];
            for i in 0..C {
                let at = x * S + i;
                if INSIDE || (at >= job.before[1] && at < job.before[1] + job.input[1]) {
                    columns[i] = T::load(job, line.wrapping_add(at * job.channels));
                }
            }
            for k in 0..K {
                let weight = V::load(job.weights.as_ptr().add((ky * K + k) * job.channels + c));
                for (m, sum) in sums.iter_mut().enumerate() {
                    *sum = sum.multiply_add(columns[m * S + k], weight);
                }
            }
        }
        store_row(job, row, x, c, sums);
    }
}

/// Stores the sums of `M` neighboring pixels.
///
/// # Safety
/// As for [`shared_tile`].
#[inline(always)]
unsafe fn store_row<T: Element, V: Simd, const M: usize>(
    job: &DepthwiseJob,
    row: Row<T>,
    x: usize,
    c: usize,
    sums: [V; M],
) {
    for (m, sum) in sums.into_iter().enumerate() {
        // SAFETY: the pixels and channels lie inside the output row.
        unsafe { T::store(job, c, sum, row.output.add((x + m) * job.channels + c)) }
    }
}

/// One output pixel for one vector of channels, whatever the window.
///
/// # Safety
/// All taps `row.ky × kx` of the pixel must lie inside the picture, and `c` inside the channels.
#[inline(always)]
unsafe fn any_pixel<T: Element, V: Simd>(
    job: &DepthwiseJob,
    row: Row<T>,
    x: usize,
    kx: (usize, usize),
    c: usize,
) {
    // SAFETY: the caller keeps every tap inside the picture; weights and bias cover all channels.
    unsafe {
        let mut sum = V::load(job.bias.as_ptr().add(c));
        for ky in row.ky.0..row.ky.1 {
            let line = row
                .input
                .wrapping_add((ky * job.dilation[0]).wrapping_mul(job.input[1] * job.channels) + c);
            for tap in kx.0..kx.1 {
                let weight = V::load(
                    job.weights
                        .as_ptr()
                        .add((ky * job.kernel[1] + tap) * job.channels + c),
                );
                let from =
                    line.wrapping_add((x * job.stride[1] + tap * job.dilation[1]) * job.channels);
                sum = sum.multiply_add(T::load(job, from), weight);
            }
        }
        store_row(job, row, x, c, [sum]);
    }
}

/// One row for one vector of channels and windows `K` wide that move by `S`, in tiles of up to four
/// pixels of nearly the same size. `C1` to `C4` are the columns that tiles of one to four pixels
/// see.
///
/// # Safety
/// As for [`depthwise`].
#[inline(always)]
unsafe fn shared_row<
    T: Element,
    V: Simd,
    const K: usize,
    const S: usize,
    const C1: usize,
    const C2: usize,
    const C3: usize,
    const C4: usize,
>(
    job: &DepthwiseJob,
    row: Row<T>,
    c: usize,
) {
    // Four pixels of a window 5 wide need eight columns, four sums and a weight: what the 16 vector
    // registers of AVX2 hold.
    for tile in even_tiles(0..job.output[1], 4) {
        let x = tile.start;
        let inside =
            x * S >= job.before[1] && (tile.end - 1) * S + K <= job.before[1] + job.input[1];
        // SAFETY: `x` and the tile's pixels lie inside the row, and `inside` is what the tiles need
        // to know.
        unsafe {
            // Only tiles at the left and right border pay for the question which columns are
            // inside.
            match (tile.len(), inside) {
                (1, true) => shared_tile::<T, V, 1, K, S, C1, true>(job, row, x, c),
                (2, true) => shared_tile::<T, V, 2, K, S, C2, true>(job, row, x, c),
                (3, true) => shared_tile::<T, V, 3, K, S, C3, true>(job, row, x, c),
                (_, true) => shared_tile::<T, V, 4, K, S, C4, true>(job, row, x, c),
                (1, false) => shared_tile::<T, V, 1, K, S, C1, false>(job, row, x, c),
                (2, false) => shared_tile::<T, V, 2, K, S, C2, false>(job, row, x, c),
                (3, false) => shared_tile::<T, V, 3, K, S, C3, false>(job, row, x, c),
                (_, false) => shared_tile::<T, V, 4, K, S, C4, false>(job, row, x, c),
            }
        }
    }
}

/// One row for one vector of channels.
///
/// # Safety
/// As for [`depthwise`].
#[inline(always)]
unsafe fn depthwise_row<T: Element, V: Simd>(job: &DepthwiseJob, row: Row<T>, c: usize) {
    // SAFETY: the numbers of columns are those of the windows; `taps` gives only taps inside the
    // picture.
    unsafe {
        // The windows of MobileNets have kernels of their own.
        match (job.kernel[1], job.stride[1], job.dilation[1]) {
            (3, 1, 1) => shared_row::<T, V, 3, 1, 3, 4, 5, 6>(job, row, c),
            (3, 2, 1) => shared_row::<T, V, 3, 2, 3, 5, 7, 9>(job, row, c),
            (5, 1, 1) => shared_row::<T, V, 5, 1, 5, 6, 7, 8>(job, row, c),
            (5, 2, 1) => shared_row::<T, V, 5, 2, 5, 7, 9, 11>(job, row, c),
            _ => {
                // A closure would be a call, as it has not the features of this function.
                for x in 0..job.output[1] {
                    any_pixel::<T, V>(job, row, x, job.taps(1, x), c);
                }
            }
        }
    }
}

/// Runs [`depthwise_row`] for some rows, counted through the batch, with `Wide` vectors first and
/// `Narrow` ones for the channels that are left.
///
/// # Safety
/// The processor must have the instructions of both, the buffers must have passed
/// [`DepthwiseJob::check`], and `rows` must be the job's.
#[inline(always)]
pub(super) unsafe fn depthwise<T: Element, Wide: Simd, Narrow: Simd>(
    job: &DepthwiseJob,
    input: *const T,
    output: *mut T,
    rows: Range<usize>,
) {
    let wide = job.channels / Wide::LANES * Wide::LANES;
    for at in rows {
        let n = at / job.output[0];
        let y = at % job.output[0];
        // Starts above and left of the picture by the padding; only taps inside are followed.
        let width = job.input[1] * job.channels;
        // Wrapping, as the pointers are: a border may be longer than 32 bits can address, and what
        // is behind it is never read.
        let line = (n * job.input[0] + y * job.stride[0]).wrapping_mul(width);
        let back = (job.before[0].wrapping_mul(width)).wrapping_add(job.before[1] * job.channels);
        let row = Row {
            input: input.wrapping_add(line).wrapping_sub(back),
            output: output.wrapping_add(at * job.output[1] * job.channels),
            ky: job.taps(0, y),
        };
        // SAFETY: `c` steps over whole vectors inside the channels.
        unsafe {
            for c in (0..wide).step_by(Wide::LANES) {
                depthwise_row::<T, Wide>(job, row, c);
            }
            for c in (wide..job.channels).step_by(Narrow::LANES) {
                depthwise_row::<T, Narrow>(job, row, c);
            }
        }
    }
}
