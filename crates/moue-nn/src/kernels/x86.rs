//! Kernels for x86-64 with AVX2 and FMA, and with AVX-512.

use super::simd::Simd;
use super::table::kernel_table;
use super::x86_int8;
use std::arch::x86_64::*;

/// Implements [`Simd`] for one register type; NaN becomes the lower bound, as `max` returns its
/// second operand.
macro_rules! simd_register {
    ($register:ty, $lanes:literal, $set1:ident, $load:ident, $store:ident, $add:ident, $sub:ident, $fma:ident, $max:ident, $min:ident, { $($half:item)* }) => {
        // SAFETY: needs the instruction set of the register, which the kernel tables guarantee.
        unsafe impl Simd for $register {
            const LANES: usize = $lanes;

            #[inline(always)]
            unsafe fn splat(x: f32) -> Self {
                // SAFETY: the caller has the instruction set.
                unsafe { $set1(x) }
            }

            #[inline(always)]
            unsafe fn load(from: *const f32) -> Self {
                // SAFETY: as above, and the caller vouches for the floats.
                unsafe { $load(from) }
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut f32) {
                // SAFETY: as in `load`.
                unsafe { $store(to, self) }
            }

            $($half)*

            #[inline(always)]
            unsafe fn add(self, other: Self) -> Self {
                // SAFETY: the caller has the instruction set.
                unsafe { $add(self, other) }
            }

            #[inline(always)]
            unsafe fn subtract(self, other: Self) -> Self {
                // SAFETY: the caller has the instruction set.
                unsafe { $sub(self, other) }
            }

            #[inline(always)]
            unsafe fn multiply_add(self, a: Self, b: Self) -> Self {
                // SAFETY: the caller has the instruction set.
                unsafe { $fma(a, b, self) }
            }

            #[inline(always)]
            unsafe fn clamp(self, low: Self, high: Self) -> Self {
                // SAFETY: the caller has the instruction set.
                unsafe { $min($max(self, low), high) }
            }
        }
    };
}

simd_register!(
    __m256,
    8,
    _mm256_set1_ps,
    _mm256_loadu_ps,
    _mm256_storeu_ps,
    _mm256_add_ps,
    _mm256_sub_ps,
    _mm256_fmadd_ps,
    _mm256_max_ps,
    _mm256_min_ps,
    {
        #[inline(always)]
        unsafe fn load_u8(from: *const u8) -> Self {
            // SAFETY: the caller has AVX2 and vouches for eight bytes.
            unsafe { _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(from.cast()))) }
        }

        #[inline(always)]
        unsafe fn store_u8(self, to: *mut u8) {
            // SAFETY: as in `load_u8`.
            unsafe {
                let numbers = _mm256_cvtps_epi32(self);
                let halves = (
                    _mm256_castsi256_si128(numbers),
                    _mm256_extracti128_si256::<1>(numbers),
                );
                let words = _mm_packus_epi32(halves.0, halves.1);
                _mm_storel_epi64(to.cast(), _mm_packus_epi16(words, words));
            }
        }
    }
);
simd_register!(
    __m512,
    16,
    _mm512_set1_ps,
    _mm512_loadu_ps,
    _mm512_storeu_ps,
    _mm512_add_ps,
    _mm512_sub_ps,
    _mm512_fmadd_ps,
    _mm512_max_ps,
    _mm512_min_ps,
    {
        #[inline(always)]
        unsafe fn load_half(from: *const f32) -> Self {
            // SAFETY: the caller has AVX-512 and vouches for eight floats.
            unsafe { _mm512_castps256_ps512(_mm256_loadu_ps(from)) }
        }

        #[inline(always)]
        unsafe fn store_half(self, to: *mut f32) {
            // SAFETY: as in `load_half`.
            unsafe { _mm256_storeu_ps(to, _mm512_castps512_ps256(self)) }
        }

        #[inline(always)]
        unsafe fn load_u8(from: *const u8) -> Self {
            // SAFETY: the caller has AVX-512 and vouches for sixteen bytes.
            unsafe { _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(from.cast()))) }
        }

        #[inline(always)]
        unsafe fn store_u8(self, to: *mut u8) {
            // SAFETY: as in `load_u8`.
            unsafe { _mm_storeu_si128(to.cast(), _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(self))) }
        }

        #[inline(always)]
        unsafe fn store_half_u8(self, to: *mut u8) {
            // SAFETY: the caller has AVX-512 and vouches for eight bytes.
            unsafe { _mm_storel_epi64(to.cast(), _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(self))) }
        }
    }
);

// 16 registers: six rows of two vectors of sums, two of weights, one of inputs; 12 sums keep both
// multiply-add units busy for their latency of four or five cycles.
kernel_table!(AVX2, avx2, ["avx2,fma"], int8 x86_int8::AVX2, wide __m256, narrow __m256, tiles {
    16 => __m256, 6, 2;
    8 => __m256, 8, 1;
});

// 32 registers: eight rows of two vectors of sums, two of weights, one of inputs. Narrow channels
// take AVX2's vectors, as half of a wide one would be idle.
kernel_table!(AVX512, avx512, ["avx512f,avx512vl,avx2,fma"], int8 x86_int8::AVX2, wide __m512, narrow __m256, tiles {
    32 => __m512, 8, 2;
    24 => __m512, 8, 2, half true;
    16 => __m512, 12, 1;
    8 => __m256, 12, 1;
});
