//! The vector type over which kernels are written once, to be instantiated for each instruction
//! set.

use std::ops::Range;

/// A vector of `LANES` floats.
///
/// # Safety
/// Implementations may use instructions that the processor must have; every method may only be
/// called where it has them. Pointers must be valid for `LANES` floats.
pub(super) unsafe trait Simd: Copy {
    const LANES: usize;
    /// `x` in every lane.
    unsafe fn splat(x: f32) -> Self;
    unsafe fn load(from: *const f32) -> Self;
    unsafe fn store(self, to: *mut f32);
    /// The lower half from `LANES / 2` floats; only for vectors of which a table uses halves.
    unsafe fn load_half(_from: *const f32) -> Self {
        // Only AVX-512 has tiles that end in half a vector.
        unreachable!("no table uses half of this vector")
    }
    /// Stores the lower half.
    unsafe fn store_half(self, _to: *mut f32) {
        unreachable!("no table uses half of this vector")
    }
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn subtract(self, other: Self) -> Self;
    /// `self + a × b`.
    unsafe fn multiply_add(self, a: Self, b: Self) -> Self;
    /// `self × scale + zero`, rounded after each step on every processor, for requantization. A fused
    /// sum would round a byte in some 100,000 to another one, and one byte early in a network changes
    /// the last digits of all results.
    #[inline(always)]
    unsafe fn scaled(self, scale: Self, zero: Self) -> Self {
        // SAFETY: these are instructions of the same vector.
        unsafe { Self::splat(0.0).multiply_add(self, scale).add(zero) }
    }
    /// Into `[low, high]`; NaN becomes `low` on every instruction set, so that results do not
    /// depend on it.
    unsafe fn clamp(self, low: Self, high: Self) -> Self;
    /// `LANES` bytes as floats.
    unsafe fn load_u8(from: *const u8) -> Self;
    /// Stores floats of 0 to 255 as bytes, rounded to the nearest.
    unsafe fn store_u8(self, to: *mut u8);
    /// The same for the lower half.
    unsafe fn store_half_u8(self, _to: *mut u8) {
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

/// Cuts `whole` into as few tiles of up to `most` as can be, all of nearly the same size: no tile
/// is mostly idle.
#[inline(always)]
pub(super) fn even_tiles(whole: Range<usize>, most: usize) -> impl Iterator<Item = Range<usize>> {
    let count = whole.len().div_ceil(most);
    let size = whole.len() / count.max(1);
    let larger = whole.len() % count.max(1);
    // The first tiles are one larger. No product is above the length, which on targets of 32 bits
    // the product of length and number would be.
    let bound = move |i: usize| whole.start + size * i + larger.min(i);
    (0..count).map(move |i| bound(i)..bound(i + 1))
}

/// Calls a tile's function with the number of pixels that is known only at run time, up to `M`.
// A match over constants, as sums stay in registers only where their number is known when the
// kernel is compiled.
macro_rules! tile_of {
    ($count:expr, $most:ident, $tile:ident::<$vector:ident, $n:ident, $half:ident>$arguments:tt, [$($m:literal)+]) => {
        match $count {
            $($m if $m <= $most => $tile::<$vector, $m, $n, $half>$arguments,)+
            count => unreachable!("a tile of {count} pixels"),
        }
    };
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
        let x = V::splat(std::hint::black_box(0.5));
        let y = V::splat(std::hint::black_box(1e-3));
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
pub(super) use tile_of;

#[cfg(test)]
mod tests {
    use super::even_tiles;

    /// The tiles follow each other from `start` on, and are of `most` pixels or one less.
    fn assert_even(tiles: impl Iterator<Item = std::ops::Range<usize>>, start: usize, most: usize) {
        let mut end = start;
        for tile in tiles {
            assert!(
                tile.start == end && (most - 1..=most).contains(&tile.len()),
                "{tile:?}"
            );
            end = tile.end;
        }
    }

    #[test]
    fn tiles_are_even_at_any_length() {
        for (length, count) in [(0, 0), (1, 1), (12, 1), (13, 2), (363 * 363, 10_981)] {
            let tiles: Vec<_> = even_tiles(5..5 + length, 12).collect();
            assert_eq!(tiles.len(), count);
            assert_eq!(tiles.last().map_or(5, |t| t.end), 5 + length);
        }
        // Products with the length would wrap, as those of 363 × 363 pixels do in 32 bits.
        assert_even(even_tiles(0..usize::MAX, 12).take(100_000), 0, 12);
        assert_even(even_tiles(7..363 * 363, 12), 7, 12);
    }
}
