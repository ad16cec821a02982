//! Kernels for WebAssembly with 128-bit vectors, chosen when the crate is built (`-C target-feature=+simd128`).

use super::simd::{Simd, kernel_table};
use std::arch::wasm32::{f32x4_add, f32x4_mul, f32x4_pmax, f32x4_pmin, f32x4_splat, v128, v128_load, v128_store};

// SAFETY: the module is only compiled where vectors are switched on.
unsafe impl Simd for v128 {
    const LANES: usize = 4;

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self {
        f32x4_splat(x)
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller vouches for four floats; the instruction needs no alignment.
        unsafe { v128_load(from.cast()) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: as in `load`.
        unsafe { v128_store(to.cast(), self) }
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        f32x4_add(self, other)
    }

    #[inline(always)]
    unsafe fn multiply_add(self, a: Self, b: Self) -> Self {
        // There is no fused form in the baseline of 128-bit vectors.
        f32x4_add(self, f32x4_mul(a, b))
    }

    #[inline(always)]
    unsafe fn clamp(self, low: Self, high: Self) -> Self {
        // `pmax(a, b)` is `a < b ? b : a`: one instruction on x86, and the bound where a value is not a number.
        f32x4_pmin(high, f32x4_pmax(low, self))
    }
}

// Engines map vectors to the 16 registers of x86-64: four rows of two vectors leave room for weights and inputs.
kernel_table!(SIMD128, simd128_kernels, [], wide v128, narrow v128, tiles {
    8 => v128, 4, 2;
});
