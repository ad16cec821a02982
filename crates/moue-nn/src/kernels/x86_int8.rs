//! Sums of products of int8 codes on x86-64: with the dot product of VNNI where there is one,
//! else in pairs of 16 bits.

use super::int8::Sums;
use super::table::{Int8Kernels, int8_table};
use std::arch::x86_64::*;

/// Implements [`Sums`] for a wrapper of one register type, given how products are added.
macro_rules! sums_register {
    ($name:ident, $register:ty, $floats:ty, $load:ident, $splat:ident, $floats_of:ident, |$sums:ident, $input:ident, $weights:ident| $add:expr) => {
        #[derive(Clone, Copy)]
        pub(super) struct $name($register);

        // SAFETY: needs the instruction set of the table that names it.
        unsafe impl Sums for $name {
            type Floats = $floats;
            type Input = $register;
            type Weights = $register;

            #[inline(always)]
            unsafe fn load(from: *const i32) -> Self {
                // SAFETY: the caller has the instruction set and vouches for the numbers.
                unsafe { Self($load(from.cast())) }
            }

            #[inline(always)]
            unsafe fn input(from: *const u8) -> $register {
                // SAFETY: as in `load`.
                unsafe { $splat(from.cast::<i32>().read_unaligned()) }
            }

            #[inline(always)]
            unsafe fn weights(from: *const i8) -> $register {
                // SAFETY: as in `load`.
                unsafe { $load(from.cast()) }
            }

            #[inline(always)]
            unsafe fn add_products(self, $input: $register, $weights: $register) -> Self {
                let $sums = self.0;
                // SAFETY: the caller has the instruction set.
                unsafe { Self($add) }
            }

            #[inline(always)]
            unsafe fn floats(self) -> $floats {
                // SAFETY: the caller has the instruction set.
                unsafe { $floats_of(self.0) }
            }
        }
    };
}

sums_register!(
    Vnni512,
    __m512i,
    __m512,
    _mm512_loadu_si512,
    _mm512_set1_epi32,
    _mm512_cvtepi32_ps,
    |sums, input, weights| _mm512_dpbusd_epi32(sums, input, weights)
);
sums_register!(
    Vnni512Short,
    __m256i,
    __m256,
    _mm256_loadu_si256,
    _mm256_set1_epi32,
    _mm256_cvtepi32_ps,
    |sums, input, weights| _mm256_dpbusd_epi32(sums, input, weights)
);
sums_register!(
    Vnni256,
    __m256i,
    __m256,
    _mm256_loadu_si256,
    _mm256_set1_epi32,
    _mm256_cvtepi32_ps,
    |sums, input, weights| _mm256_dpbusd_avx_epi32(sums, input, weights)
);
// The products of bytes 0 and 2 of each four, then those of 1 and 3: `maddubs` would saturate.
sums_register!(
    Pairs256,
    __m256i,
    __m256,
    _mm256_loadu_si256,
    _mm256_set1_epi32,
    _mm256_cvtepi32_ps,
    |sums, input, weights| {
        let even = (
            _mm256_and_si256(input, _mm256_set1_epi16(0xff)),
            _mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(weights)),
        );
        let odd = (
            _mm256_srli_epi16::<8>(input),
            _mm256_srai_epi16::<8>(weights),
        );
        let products = _mm256_add_epi32(
            _mm256_madd_epi16(even.0, even.1),
            _mm256_madd_epi16(odd.0, odd.1),
        );
        _mm256_add_epi32(sums, products)
    }
);

// The dot product takes the place of a multiply-add, so tiles are those of floats.
int8_table!(AVX512_VNNI, avx512_vnni, ["avx512f,avx512bw,avx512vl,avx512vnni,avx2,fma"], signed false, tiles {
    32 => Vnni512, 8, 2;
    24 => Vnni512, 8, 2, half true;
    16 => Vnni512, 12, 1;
    8 => Vnni512Short, 12, 1;
});

int8_table!(AVX_VNNI, avx_vnni, ["avxvnni,avx2,fma"], signed false, tiles {
    16 => Vnni256, 6, 2;
    8 => Vnni256, 8, 1;
});

// Products need registers of their own here, which leaves fewer for sums.
int8_table!(AVX2, avx2, ["avx2,fma"], signed false, tiles {
    16 => Pairs256, 4, 2;
    8 => Pairs256, 6, 1;
});

/// All that this processor can run, by name, but for tiles.
#[cfg(test)]
pub(super) fn available() -> Vec<(&'static str, Int8Kernels)> {
    let mut found = Vec::new();
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        found.extend([
            ("in pairs", AVX2),
            ("with the best of AVX2", best_avx2()),
            ("with the best of AVX-512", best_avx512()),
        ]);
    }
    found
}

/// The best kernels of a processor with AVX2.
pub(super) fn best_avx2() -> Int8Kernels {
    if is_x86_feature_detected!("avxvnni") {
        AVX_VNNI
    } else {
        AVX2
    }
}

/// The best kernels of a processor with AVX-512 that has no tiles.
pub(super) fn best_avx512() -> Int8Kernels {
    let features = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl");
    let vnni =
        features && is_x86_feature_detected!("avx512vnni") && is_x86_feature_detected!("avx512bw");
    if vnni { AVX512_VNNI } else { best_avx2() }
}
