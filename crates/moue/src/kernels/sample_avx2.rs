//! Eight bilinear samples at a time, with AVX2.

#![allow(
    unsafe_code,
    reason = "vector instructions and pointers to values, each with its SAFETY line"
)]

use super::raster::{Raster, Samples};
use std::arch::x86_64::{
    __m128, __m256, _mm_castsi128_ps, _mm_loadl_epi64, _mm_movelh_ps, _mm256_add_epi32,
    _mm256_add_ps, _mm256_cvtepi32_ps, _mm256_cvttps_epi32, _mm256_max_ps, _mm256_min_ps,
    _mm256_mul_ps, _mm256_mullo_epi32, _mm256_set_m128, _mm256_set1_epi32, _mm256_set1_ps,
    _mm256_setr_ps, _mm256_setzero_ps, _mm256_shuffle_ps, _mm256_storeu_ps, _mm256_storeu_si256,
    _mm256_sub_ps,
};

/// Positions of eight samples, along x and y.
type Positions = [__m256; 2];

/// Eight values of a row at a time, each in a lane of its own.
///
/// # Safety
/// The raster [has exact positions](Raster::has_exact_positions).
#[target_feature(enable = "avx2")]
pub(super) unsafe fn sample_row(
    raster: &Raster,
    samples: &Samples<'_>,
    y: usize,
    row: &mut [f32],
) -> usize {
    let steps = _mm256_setr_ps(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0);
    let (groups, _) = row.as_chunks_mut::<8>();
    for (i, out) in groups.iter_mut().enumerate() {
        let first = _mm256_set1_ps((i * 8) as f32);
        let x = _mm256_add_ps(_mm256_add_ps(first, steps), _mm256_set1_ps(0.5));
        // SAFETY: as the caller has promised.
        let sum = unsafe { sum_of_samples(raster, samples, x, y as f32 + 0.5) };
        let value = _mm256_mul_ps(sum, _mm256_set1_ps(samples.scale));
        let value = _mm256_sub_ps(value, _mm256_set1_ps(1.0));
        // SAFETY: eight floats are the 32 bytes that are written.
        unsafe { _mm256_storeu_ps(out.as_mut_ptr(), value) };
    }
    groups.len() * 8
}

/// The sums of the samples of eight values whose middles are at `x` and `y`.
///
/// # Safety
/// The raster [has exact positions](Raster::has_exact_positions).
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn sum_of_samples(raster: &Raster, samples: &Samples<'_>, x: __m256, y: f32) -> __m256 {
    let step = |by: __m256, along: f32| _mm256_mul_ps(by, _mm256_set1_ps(along));
    let mut sum = _mm256_setzero_ps();
    for v in samples.offsets {
        let y = _mm256_set1_ps(y + v);
        let start = [0, 1].map(|i| {
            let origin = _mm256_set1_ps(samples.origin[i]);
            let at = _mm256_add_ps(origin, step(x, samples.across[i]));
            _mm256_add_ps(at, step(y, samples.down[i]))
        });
        let mut line = _mm256_setzero_ps();
        for u in samples.offsets {
            let u = _mm256_set1_ps(*u);
            let at = [0, 1].map(|i| _mm256_add_ps(start[i], step(u, samples.across[i])));
            // SAFETY: as the caller has promised.
            line = _mm256_add_ps(line, unsafe { bilinear(raster, at) });
        }
        sum = _mm256_add_ps(sum, line);
    }
    sum
}

/// Eight bilinear values.
///
/// # Safety
/// The raster [has exact positions](Raster::has_exact_positions).
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn bilinear(raster: &Raster, at: Positions) -> __m256 {
    let last = [raster.width, raster.height].map(|side| _mm256_set1_ps((side - 1) as f32));
    // The maximum with what is no number is its second operand, 0.
    let at = [0, 1].map(|i| _mm256_min_ps(_mm256_max_ps(at[i], _mm256_setzero_ps()), last[i]));
    let whole = at.map(|v| _mm256_cvttps_epi32(v));
    let part = [0, 1].map(|i| _mm256_sub_ps(at[i], _mm256_cvtepi32_ps(whole[i])));
    let width = _mm256_set1_epi32(raster.width as i32);
    let index = _mm256_add_epi32(_mm256_mullo_epi32(whole[1], width), whole[0]);
    let mut indices = [0u32; 8];
    // SAFETY: eight numbers are the 32 bytes that are written.
    unsafe { _mm256_storeu_si256(indices.as_mut_ptr().cast(), index) };
    let indices = indices.map(|index| index as usize);
    // SAFETY: positions are clamped to the raster, whose values go on for a row and two values
    // more: those to the right and below can be read.
    let [upper, lower] = unsafe {
        [
            pairs(&raster.values, indices),
            pairs(&raster.values[raster.width..], indices),
        ]
    };
    let [top, bottom] = [mixed(upper, part[0]), mixed(lower, part[0])];
    mixed([top, bottom], part[1])
}

/// `a` and `b` in shares of `1 - part` and `part`.
#[target_feature(enable = "avx2")]
#[inline]
fn mixed([a, b]: [__m256; 2], part: __m256) -> __m256 {
    let rest = _mm256_sub_ps(_mm256_set1_ps(1.0), part);
    _mm256_add_ps(_mm256_mul_ps(a, rest), _mm256_mul_ps(b, part))
}

/// The values at eight indices, and those behind them. Loads of two neighbors are faster than the
/// processor's gathering of single values.
///
/// # Safety
/// There are values at all indices, and one more behind each.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn pairs(values: &[f32], indices: [usize; 8]) -> [__m256; 2] {
    let two = |k: usize| {
        debug_assert!(indices[k] + 1 < values.len() && indices[k + 1] + 1 < values.len());
        // SAFETY: as the caller has promised, the eight bytes from each index on can be read.
        let pair = |k: usize| unsafe {
            _mm_castsi128_ps(_mm_loadl_epi64(values.as_ptr().add(indices[k]).cast()))
        };
        let both: __m128 = _mm_movelh_ps(pair(k), pair(k + 1));
        both
    };
    let low = _mm256_set_m128(two(4), two(0));
    let high = _mm256_set_m128(two(6), two(2));
    [
        _mm256_shuffle_ps::<0b10_00_10_00>(low, high),
        _mm256_shuffle_ps::<0b11_01_11_01>(low, high),
    ]
}
