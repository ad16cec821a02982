//! Kernels in plain Rust, for processors without kernels of their own.

use super::block::{GROUP, nearest};
use super::int8::Sums;
use super::simd::Simd;
use super::table::{int8_table, kernel_table};

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
        // SAFETY: the caller vouches for eight floats; arrays of floats need no more alignment than
        // one.
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
    unsafe fn subtract(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] - other.0[i]))
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
        Self(std::array::from_fn(|i| {
            min(max(self.0[i], low.0[i]), high.0[i])
        }))
    }

    #[inline(always)]
    unsafe fn load_u8(from: *const u8) -> Self {
        // SAFETY: the caller vouches for eight bytes.
        let bytes = unsafe { *from.cast::<[u8; 8]>() };
        Self(bytes.map(f32::from))
    }

    #[inline(always)]
    unsafe fn store_u8(self, to: *mut u8) {
        // SAFETY: as in `load_u8`.
        unsafe { *to.cast::<[u8; 8]>() = self.0.map(nearest) }
    }
}

/// Eight sums of products of int8 codes.
#[derive(Clone, Copy)]
struct I32x8([i32; 8]);

// SAFETY: needs no special instructions.
unsafe impl Sums for I32x8 {
    type Floats = F32x8;
    type Input = [i32; GROUP];
    type Weights = [[i8; GROUP]; 8];

    #[inline(always)]
    unsafe fn load(from: *const i32) -> Self {
        // SAFETY: the caller vouches for eight numbers, which are aligned as numbers are.
        unsafe { Self(*from.cast()) }
    }

    #[inline(always)]
    unsafe fn input(from: *const u8) -> [i32; GROUP] {
        // SAFETY: the caller vouches for four bytes.
        unsafe { *from.cast::<[u8; GROUP]>() }.map(i32::from)
    }

    #[inline(always)]
    unsafe fn weights(from: *const i8) -> [[i8; GROUP]; 8] {
        // SAFETY: the caller vouches for 32 bytes.
        unsafe { *from.cast() }
    }

    #[inline(always)]
    unsafe fn add_products(self, input: [i32; GROUP], weights: [[i8; GROUP]; 8]) -> Self {
        // Byte after byte of all eight, so that the compiler finds eight lanes.
        let packed = weights.map(|four| i32::from_le_bytes(four.map(i8::cast_unsigned)));
        let lanes = |sums: [i32; 8], k: usize| -> [i32; 8] {
            std::array::from_fn(|i| {
                let weight = (packed[i] << (24 - 8 * k) >> 24) as i16;
                sums[i].wrapping_add(i32::from(weight) * i32::from(input[k] as i16))
            })
        };
        Self((0..GROUP).fold(self.0, lanes))
    }

    #[inline(always)]
    unsafe fn floats(self) -> F32x8 {
        F32x8(self.0.map(|sum| sum as f32))
    }
}

int8_table!(INT8, int8_kernels, [], signed false, tiles {
    8 => I32x8, 4, 1;
});

// Eight floats are two registers of SSE2, of which there are 16: eight of sums, two of weights.
kernel_table!(PORTABLE, portable_kernels, [], int8 INT8, wide F32x8, narrow F32x8, tiles {
    8 => F32x8, 4, 1;
});
