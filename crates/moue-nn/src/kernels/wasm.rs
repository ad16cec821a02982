//! Kernels for WebAssembly with 128-bit vectors, chosen when the crate is built (`-C
//! target-feature=+simd128`).

use super::int8::Sums;
use super::simd::Simd;
use super::table::{int8_table, kernel_table};
use std::arch::wasm32::*;

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
    unsafe fn subtract(self, other: Self) -> Self {
        f32x4_sub(self, other)
    }

    #[inline(always)]
    unsafe fn multiply_add(self, a: Self, b: Self) -> Self {
        // There is no fused form in the baseline of 128-bit vectors.
        f32x4_add(self, f32x4_mul(a, b))
    }

    #[inline(always)]
    unsafe fn clamp(self, low: Self, high: Self) -> Self {
        // `pmax(a, b)` is `a < b ? b : a`: one instruction on x86, and the bound where a value is
        // not a number.
        f32x4_pmin(high, f32x4_pmax(low, self))
    }

    #[inline(always)]
    unsafe fn load_u8(from: *const u8) -> Self {
        // SAFETY: the caller vouches for four bytes.
        let bytes = unsafe { v128_load32_zero(from.cast()) };
        f32x4_convert_i32x4(i32x4_extend_low_i16x8(u16x8_extend_low_u8x16(bytes)))
    }

    #[inline(always)]
    unsafe fn store_u8(self, to: *mut u8) {
        let numbers = i32x4_trunc_sat_f32x4(f32x4_nearest(self));
        let words = i16x8_narrow_i32x4(numbers, numbers);
        // SAFETY: the caller vouches for four bytes.
        unsafe { v128_store32_lane::<0>(u8x16_narrow_i16x8(words, words), to.cast()) }
    }
}

/// Four sums of products of int8 codes.
#[derive(Clone, Copy)]
struct I32x4(v128);

// SAFETY: as for `v128`.
unsafe impl Sums for I32x4 {
    type Floats = v128;
    type Input = v128;
    type Weights = v128;

    #[inline(always)]
    unsafe fn load(from: *const i32) -> Self {
        // SAFETY: the caller vouches for four numbers.
        unsafe { Self(v128_load(from.cast())) }
    }

    #[inline(always)]
    unsafe fn input(from: *const u8) -> v128 {
        // SAFETY: the caller vouches for four bytes.
        unsafe { v128_load32_splat(from.cast()) }
    }

    #[inline(always)]
    unsafe fn weights(from: *const i8) -> v128 {
        // SAFETY: the caller vouches for sixteen bytes.
        unsafe { v128_load(from.cast()) }
    }

    #[inline(always)]
    unsafe fn add_products(self, input: v128, weights: v128) -> Self {
        // Bytes 0 and 2 of each four, then 1 and 3.
        let even = i32x4_dot_i16x8(
            v128_and(input, i16x8_splat(0xff)),
            i16x8_shr(i16x8_shl(weights, 8), 8),
        );
        let odd = i32x4_dot_i16x8(u16x8_shr(input, 8), i16x8_shr(weights, 8));
        Self(i32x4_add(self.0, i32x4_add(even, odd)))
    }

    #[inline(always)]
    unsafe fn floats(self) -> v128 {
        f32x4_convert_i32x4(self.0)
    }
}

int8_table!(INT8, int8_kernels, [], signed false, tiles {
    8 => I32x4, 4, 2;
});

// Engines map vectors to the 16 registers of x86-64: four rows of two vectors leave room for
// weights and inputs.
kernel_table!(SIMD128, simd128_kernels, [], int8 INT8, wide v128, narrow v128, tiles {
    8 => v128, 4, 2;
});
