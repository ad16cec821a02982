//! Sums of products of int8 codes on AArch64: with the dot product instruction SDOT where there is
//! one, else in steps of 16 bits.

use super::int8::Sums;
use super::table::{Int8Kernels, int8_table};
use std::arch::aarch64::*;
use std::arch::asm;

/// Implements [`Sums`] for a wrapper of four sums, given how four bytes are made ready and how
/// products are added.
macro_rules! sums_register {
    ($name:ident, |$bytes:ident| $ready:expr, |$sums:ident, $input:ident, $weights:ident| $add:expr) => {
        #[derive(Clone, Copy)]
        struct $name(int32x4_t);

        // SAFETY: needs NEON, and what else the table that names it switches on.
        unsafe impl Sums for $name {
            type Floats = float32x4_t;
            type Input = uint8x16_t;
            type Weights = int8x16_t;

            #[inline(always)]
            unsafe fn load(from: *const i32) -> Self {
                // SAFETY: the caller vouches for four numbers.
                unsafe { Self(vld1q_s32(from)) }
            }

            #[inline(always)]
            unsafe fn input(from: *const u8) -> uint8x16_t {
                // SAFETY: the caller vouches for four bytes.
                unsafe {
                    let $bytes =
                        vreinterpretq_u8_u32(vdupq_n_u32(from.cast::<u32>().read_unaligned()));
                    $ready
                }
            }

            #[inline(always)]
            unsafe fn weights(from: *const i8) -> int8x16_t {
                // SAFETY: the caller vouches for sixteen bytes.
                unsafe { vld1q_s8(from) }
            }

            #[inline(always)]
            unsafe fn add_products(self, $input: uint8x16_t, $weights: int8x16_t) -> Self {
                let $sums = self.0;
                // SAFETY: the caller has the instruction set.
                unsafe { Self($add) }
            }

            #[inline(always)]
            unsafe fn floats(self) -> float32x4_t {
                // SAFETY: needs NEON alone.
                unsafe { vcvtq_f32_s32(self.0) }
            }
        }
    };
}

// 16-bit products of eight numbers at a time; two neighbors, then two of those, are added up to
// one sum of four.
sums_register!(Pairs, |bytes| bytes, |sums, input, weights| {
    let wide = |bytes: uint8x8_t| vreinterpretq_s16_u16(vmovl_u8(bytes));
    let products = |input: int16x8_t, weights: int16x8_t| {
        let low = vmull_s16(vget_low_s16(input), vget_low_s16(weights));
        vpaddq_s32(low, vmull_s16(vget_high_s16(input), vget_high_s16(weights)))
    };
    let low = products(wide(vget_low_u8(input)), vmovl_s8(vget_low_s8(weights)));
    let high = products(wide(vget_high_u8(input)), vmovl_s8(vget_high_s8(weights)));
    vaddq_s32(sums, vpaddq_s32(low, high))
});

// The dot product wants both sides signed.
sums_register!(
    Dot,
    |bytes| veorq_u8(bytes, vdupq_n_u8(0x80)),
    |sums, input, weights| {
        let mut sums = sums;
        // There is no stable intrinsic for it.
        asm!("sdot {0:v}.4s, {1:v}.16b, {2:v}.16b", inout(vreg) sums, in(vreg) input, in(vreg) weights, options(pure, nomem, nostack));
        sums
    }
);

// Widened products need registers of their own, which leaves fewer for sums.
int8_table!(NEON, neon_int8_kernels, [], signed false, tiles {
    16 => Pairs, 2, 4;
    8 => Pairs, 4, 2;
});

// The dot product takes the place of a multiply-add, so tiles are those of floats.
int8_table!(DOT, neon_dot_kernels, ["dotprod"], signed true, tiles {
    16 => Dot, 6, 4;
    8 => Dot, 8, 2;
});

/// All that this processor can run, by name.
#[cfg(test)]
pub(super) fn available() -> Vec<(&'static str, Int8Kernels)> {
    vec![("in pairs", NEON), ("with the best of NEON", best())]
}

/// The best kernels of this processor.
pub(super) fn best() -> Int8Kernels {
    if std::arch::is_aarch64_feature_detected!("dotprod") {
        DOT
    } else {
        NEON
    }
}
