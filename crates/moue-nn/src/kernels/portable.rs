//! Kernels in plain Rust, for processors without kernels of their own.

use super::simd::{Simd, kernel_table};

/// Eight floats that the compiler may keep in whatever registers the target has.
#[derive(Clone, Copy)]
struct F32x8([f32; 8]);

// SAFETY: needs no special instructions.
unsafe impl Simd for F32x8 {
    const LANES: usize = 8;

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self {
        Self([x; 8])
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller vouches for eight floats; arrays of floats need no more alignment than one.
        unsafe { Self(*from.cast()) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: as in `load`.
        unsafe { *to.cast() = self.0 }
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] + other.0[i]))
    }

    #[inline(always)]
    unsafe fn multiply_add(self, a: Self, b: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] + a.0[i] * b.0[i]))
    }

    #[inline(always)]
    unsafe fn clamp(self, low: Self, high: Self) -> Self {
        // Comparisons rather than f32::max and min, which cost extra instructions for NaN.
        let max = |a: f32, b: f32| if a > b { a } else { b };
        let min = |a: f32, b: f32| if a < b { a } else { b };
        Self(std::array::from_fn(|i| min(max(self.0[i], low.0[i]), high.0[i])))
    }
}

kernel_table!(PORTABLE, portable_kernels, [], wide F32x8, narrow F32x8, tiles {
    8 => F32x8, 4, 1;
});
