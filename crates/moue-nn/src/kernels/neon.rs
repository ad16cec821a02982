//! Kernels for AArch64, all of which have NEON.

use super::neon_int8;
use super::simd::Simd;
use super::table::kernel_table;
use std::arch::aarch64::*;

// SAFETY: NEON is part of every AArch64 processor that std runs on.
unsafe impl Simd for float32x4_t {
    const LANES: usize = 4;

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self {
        // SAFETY: needs NEON alone.
        unsafe { vdupq_n_f32(x) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller vouches for four floats.
        unsafe { vld1q_f32(from) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: as in `load`.
        unsafe { vst1q_f32(to, self) }
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        // SAFETY: needs NEON alone.
        unsafe { vaddq_f32(self, other) }
    }

    #[inline(always)]
    unsafe fn subtract(self, other: Self) -> Self {
        // SAFETY: needs NEON alone.
        unsafe { vsubq_f32(self, other) }
    }

    #[inline(always)]
    unsafe fn multiply_add(self, a: Self, b: Self) -> Self {
        // SAFETY: needs NEON alone.
        unsafe { vfmaq_f32(self, a, b) }
    }

    #[inline(always)]
    unsafe fn clamp(self, low: Self, high: Self) -> Self {
        // SAFETY: needs NEON alone. The `nm` forms give the bound where a value is not a number, as
        // on x86-64.
        unsafe { vminnmq_f32(vmaxnmq_f32(self, low), high) }
    }

    #[inline(always)]
    unsafe fn load_u8(from: *const u8) -> Self {
        // SAFETY: the caller vouches for four bytes.
        unsafe {
            let bytes = vcreate_u8(u64::from(from.cast::<u32>().read_unaligned()));
            vcvtq_f32_u32(vmovl_u16(vget_low_u16(vmovl_u8(bytes))))
        }
    }

    #[inline(always)]
    unsafe fn store_u8(self, to: *mut u8) {
        // SAFETY: as in `load_u8`.
        unsafe {
            let words = vmovn_u32(vcvtnq_u32_f32(self));
            let bytes = vmovn_u16(vcombine_u16(words, words));
            to.cast::<u32>()
                .write_unaligned(vget_lane_u32::<0>(vreinterpret_u32_u8(bytes)));
        }
    }
}

// 32 registers: six rows of four vectors of sums, four of weights, one of inputs.
kernel_table!(NEON, neon_kernels, [], int8 neon_int8::NEON, wide float32x4_t, narrow float32x4_t, tiles {
    16 => float32x4_t, 6, 4;
    8 => float32x4_t, 8, 2;
});
