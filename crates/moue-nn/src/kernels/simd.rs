//! The kernels, written once over a vector type and instantiated per instruction set.

use super::jobs::{ConvJob, DepthwiseJob, OUTSIDE, Panel, Walk};
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
    /// The lower half from `LANES / 2` floats; only for vectors of which a table uses halves.
    unsafe fn load_half(_from: *const f32) -> Self {
        unreachable!("no table uses half of this vector")
    }
    /// Stores the lower half.
    unsafe fn store_half(self, _to: *mut f32) {
        unreachable!("no table uses half of this vector")
    }
    unsafe fn add(self, other: Self) -> Self;
    /// `self + a × b`.
    unsafe fn multiply_add(self, a: Self, b: Self) -> Self;
    /// Into `[low, high]`.
    unsafe fn clamp(self, low: Self, high: Self) -> Self;
    /// `LANES` bytes as floats.
    unsafe fn load_bytes(from: *const u8) -> Self;
    /// Stores floats of 0 to 255 as bytes, rounded to the nearest.
    unsafe fn store_bytes(self, to: *mut u8);
    /// The same for the lower half.
    unsafe fn store_half_bytes(self, _to: *mut u8) {
        unreachable!("no table uses half of this vector")
    }
}

/// The buffers of one convolution; `residual` may be null.
pub(super) struct Buffers<T> {
    pub(super) input: *const T,
    pub(super) residual: *const T,
    pub(super) output: *mut T,
}

impl<T> Clone for Buffers<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Buffers<T> {}

/// Where `M` output pixels from `first` on read their row of `tap`.
///
/// # Safety
/// As for [`conv_panel`]; `outside` is as long as a row.
#[inline(always)]
pub(super) unsafe fn rows<T, const M: usize>(
    walk: &Walk,
    input: *const T,
    outside: *const T,
    first: usize,
    tap: usize,
) -> [*const T; M] {
    // SAFETY: `Walk::new` made the offsets fit pixels and taps, and `Walk::check` the input fit the
    // offsets.
    unsafe {
        match &walk.offsets {
            None => std::array::from_fn(|m| input.add((first + m) * walk.input_stride)),
            Some(offsets) => std::array::from_fn(|m| {
                match *offsets.get_unchecked((first + m) * walk.taps + tap) {
                    OUTSIDE => outside,
                    offset => input.add(offset as usize),
                }
            }),
        }
    }
}

/// Computes `M` output pixels from `first` on, for the `N` vectors of one panel, the last of which
/// counts only by its lower half where `HALF` says so.
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
    // SAFETY: the job's constructor made offsets, weights and bias fit each other, `ConvJob::check`
    // made the buffers fit the job, and the caller keeps `first + M` within the pixels.
    unsafe {
        let mut weights = job.weights.as_ptr().add(panel.weights);
        let bias = job.bias.as_ptr().add(panel.column);
        let mut sums: [[V; N]; M] = [std::array::from_fn(|n| V::load(bias.add(n * V::LANES))); M];
        for tap in 0..job.walk.taps {
            let rows: [*const f32; M] = rows(&job.walk, io.input, job.zeros.as_ptr(), first, tap);
            for k in 0..job.walk.depth {
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
        store_tile::<V, M, N, HALF>(job, panel, io, first, sums);
    }
}

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
        let bounds = |c: Clamp| (V::splat(c.low), V::splat(c.high));
        let (one, two) = (bounds(job.epilogue.first), bounds(job.epilogue.second));
        for (m, row) in sums.iter().enumerate() {
            for (n, sum) in row.iter().enumerate() {
                let at = (first + m) * job.walk.output_stride + panel.column + n * V::LANES;
                let half = HALF && n == N - 1;
                let mut value = sum.clamp(one.0, one.1);
                if !io.residual.is_null() {
                    let from = io.residual.add(at);
                    let other = if half {
                        V::load_half(from)
                    } else {
                        V::load(from)
                    };
                    value = value.add(other).clamp(two.0, two.1);
                }
                if half {
                    value.store_half(io.output.add(at))
                } else {
                    value.store(io.output.add(at))
                }
            }
        }
    }
}

/// Cuts `whole` into as few tiles of up to `most` as can be, all of nearly the same size.
#[inline(always)]
pub(super) fn even_tiles(whole: Range<usize>, most: usize) -> impl Iterator<Item = Range<usize>> {
    let (start, len, count) = (whole.start, whole.len(), whole.len().div_ceil(most));
    (0..count).map(move |i| start + len * i / count..start + len * (i + 1) / count)
}

/// Calls a tile's function with the number of pixels that is known only at run time, up to `M`.
macro_rules! tile_of {
    ($count:expr, $most:ident, $tile:ident::<$vector:ident, $n:ident, $half:ident>$arguments:tt, [$($m:literal)+]) => {
        match $count {
            $($m if $m <= $most => $tile::<$vector, $m, $n, $half>$arguments,)+
            count => unreachable!("a tile of {count} pixels"),
        }
    };
}

/// Computes some pixels of one panel in tiles of up to `M`, all of nearly the same size.
///
/// # Safety
/// The processor must have `V`'s instructions, the buffers must have passed [`ConvJob::check`], and
/// `pixels` must be the job's.
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
        unsafe { V::load_bytes(from).add(V::splat(-job.requantization.zeros[0])) }
    }

    #[inline(always)]
    unsafe fn store<V: Simd>(job: &DepthwiseJob, c: usize, sum: V, to: *mut u8) {
        let r = &job.requantization;
        // SAFETY: as in `load`.
        unsafe {
            let value = V::splat(r.zeros[1]).multiply_add(sum, V::load(r.scales.as_ptr().add(c)));
            value
                .clamp(V::splat(r.bounds.low), V::splat(r.bounds.high))
                .store_bytes(to);
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
                .wrapping_add(ky * job.dilation[0] * job.input[1] * job.channels + c);
            let columns: [V; C] = std::array::from_fn(|i| {
                let at = x * S + i;
                match INSIDE || (at >= job.before[1] && at < job.before[1] + job.input[1]) {
                    true => T::load(job, line.wrapping_add(at * job.channels)),
                    false => V::splat(0.0),
                }
            });
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
                .wrapping_add(ky * job.dilation[0] * job.input[1] * job.channels + c);
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
    for tile in even_tiles(0..job.output[1], 4) {
        let x = tile.start;
        let inside =
            x * S >= job.before[1] && (tile.end - 1) * S + K <= job.before[1] + job.input[1];
        // SAFETY: `x` and the tile's pixels lie inside the row, and `inside` is what the tiles need
        // to know.
        unsafe {
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
        match (job.kernel[1], job.stride[1], job.dilation[1]) {
            (3, 1, 1) => shared_row::<T, V, 3, 1, 3, 4, 5, 6>(job, row, c),
            (3, 2, 1) => shared_row::<T, V, 3, 2, 3, 5, 7, 9>(job, row, c),
            (5, 1, 1) => shared_row::<T, V, 5, 1, 5, 6, 7, 8>(job, row, c),
            (5, 2, 1) => shared_row::<T, V, 5, 2, 5, 7, 9, 11>(job, row, c),
            _ => (0..job.output[1]).for_each(|x| any_pixel::<T, V>(job, row, x, job.taps(1, x), c)),
        }
    }
}

/// Runs [`depthwise_row`] for some rows, counted through the batch, with `Wide` vectors first and
/// `Narrow` ones for the rest.
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
                depthwise_row::<T, Wide>(job, row, c);
            }
            for c in (wide..job.channels).step_by(Narrow::LANES) {
                depthwise_row::<T, Narrow>(job, row, c);
            }
        }
    }
}

/// Multiply-adds of one round of [`peak`], in vectors: enough to fill the pipelines, few enough for
/// the registers.
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
        let (x, y) = (
            V::splat(std::hint::black_box(0.5)),
            V::splat(std::hint::black_box(1e-3)),
        );
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
    ($name:ident, $module:ident, [$($features:literal)?], bytes $bytes:expr, wide $wide:ty, narrow $narrow:ty, tiles { $($width:literal => $vector:ty, $m:literal, $n:literal $(, half $half:literal)?;)+ }) => {
        mod $module {
            use super::*;
            use $crate::kernels::jobs::{ConvJob, ConvPart, DepthwiseJob};
            use $crate::kernels::simd::{Buffers, conv_panel, depthwise};

            /// # Safety
            /// As for [`conv_panel`], for every panel and pixel of `part`.
            $(#[target_feature(enable = $features)])?
            pub(super) unsafe fn conv(job: &ConvJob, io: Buffers<f32>, part: &ConvPart) {
                for panel in &job.walk.panels[part.panels.clone()] {
                    // SAFETY: the caller has checked the buffers; the features are those of the
                    // vector types.
                    unsafe {
                        match panel.width {
                            $($width => conv_panel::<$vector, $m, $n, { false $(|| $half)? }>(job, panel, io, part.pixels.clone()),)+
                            width => unreachable!("panel of {width} columns"),
                        }
                    }
                }
            }

            /// # Safety
            /// As for [`depthwise`].
            $(#[target_feature(enable = $features)])?
            pub(super) unsafe fn depthwise_rows(job: &DepthwiseJob, io: Buffers<f32>, rows: std::ops::Range<usize>) {
                // SAFETY: as in `conv`.
                unsafe { depthwise::<f32, $wide, $narrow>(job, io.input, io.output, rows) }
            }

            /// # Safety
            /// As for [`depthwise`].
            $(#[target_feature(enable = $features)])?
            pub(super) unsafe fn depthwise_byte_rows(job: &DepthwiseJob, io: Buffers<u8>, rows: std::ops::Range<usize>) {
                // SAFETY: as in `conv`.
                unsafe { depthwise::<u8, $wide, $narrow>(job, io.input, io.output, rows) }
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
            depthwise_byte_rows: $module::depthwise_byte_rows,
            bytes: $bytes,
            lanes: <$wide as $crate::kernels::simd::Simd>::LANES,
            peak: $module::peak,
        };
    };
}
pub(super) use {kernel_table, tile_of};
