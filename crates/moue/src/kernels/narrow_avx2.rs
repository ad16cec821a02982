//! [`super::narrow::narrow`] for processors with AVX2: both rows side by side in one vector, and four
//! cells at a time.

#![allow(
    unsafe_code,
    reason = "loads from pointers to values, each with its SAFETY line"
)]

use super::columns::Columns;
use std::arch::x86_64::{
    __m256, __m256i, _CMP_GT_OQ, _mm_loadu_ps, _mm256_add_ps, _mm256_andnot_ps, _mm256_cmp_ps,
    _mm256_cvtepi32_ps, _mm256_cvtps_epi32, _mm256_max_ps, _mm256_min_ps, _mm256_movemask_ps,
    _mm256_mul_ps, _mm256_packus_epi16, _mm256_packus_epi32, _mm256_set_m128, _mm256_set1_ps,
    _mm256_setr_epi8, _mm256_setzero_ps, _mm256_shuffle_epi8, _mm256_storeu_si256, _mm256_sub_ps,
};

/// Cells that are rounded together: as many pixels of four bytes as fit in a vector's half.
pub(super) const GROUP: usize = 4;

/// The pixels of a group.
pub(super) type Group = [[u8; 3]; GROUP];

/// Narrows the first cells of two rows, in whole groups; the result is how many.
#[target_feature(enable = "avx2")]
pub(super) fn narrow_groups(
    sums: [&[f32]; 2],
    columns: &Columns,
    tie_distance: f32,
    [upper, lower]: [&mut [Group]; 2],
    ties: &mut Vec<usize>,
) -> usize {
    let last = columns.firsts.iter().max().copied().unwrap_or(0);
    // Checked once here, not for each cell.
    let rows = sums.map(|row| &row[..(last + columns.count) * 3 + 1]);
    let firsts = columns.firsts.as_chunks().0;
    let weights = columns.weights.chunks_exact(columns.count * GROUP);
    let groups = upper.iter_mut().zip(lower).zip(firsts.iter().zip(weights));
    let mut done = 0;
    for ((upper, lower), (firsts, weights)) in groups {
        // SAFETY: both rows have all values up to those that the last cell reads, and there are `count`
        // weights for each cell.
        let totals = unsafe { totals(rows, firsts, weights) };
        let totals = totals.map(|total| _mm256_min_ps(total, _mm256_set1_ps(255.0)));
        let integers = totals.map(|total| _mm256_cvtps_epi32(total));
        [*upper, *lower] = bytes(integers);
        let off: [_; GROUP] = std::array::from_fn(|i| distance(totals[i], integers[i]));
        let farthest = _mm256_max_ps(_mm256_max_ps(off[0], off[1]), _mm256_max_ps(off[2], off[3]));
        if any_above(farthest, tie_distance) {
            let may_tie = |cell: &usize| any_above(off[cell - done], tie_distance);
            ties.extend((done..done + GROUP).filter(may_tie));
        }
        done += GROUP;
    }
    done
}

/// The weighted sums of both rows' pixels, for each cell as many weights. Two cells at a time: the
/// pointers of more do not fit in the processor's registers.
///
/// # Safety
/// Each row has three values for each weight and one more, from each cell's first pixel on.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn totals(rows: [&[f32]; 2], firsts: &[usize; GROUP], weights: &[f32]) -> [__m256; GROUP] {
    let (left, right) = weights.split_at(weights.len() / 2);
    // SAFETY: the caller's.
    let [a, b] = unsafe { pair_totals(rows, [firsts[0], firsts[1]], left) };
    // SAFETY: the caller's.
    let [c, d] = unsafe { pair_totals(rows, [firsts[2], firsts[3]], right) };
    [a, b, c, d]
}

/// As [`totals`], of two cells.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn pair_totals(rows: [&[f32]; 2], firsts: [usize; 2], weights: &[f32]) -> [__m256; 2] {
    let (left, right) = weights.split_at(weights.len() / 2);
    let mut totals = [_mm256_setzero_ps(); 2];
    for (k, weights) in left.iter().zip(right).enumerate() {
        for (i, weight) in [weights.0, weights.1].into_iter().enumerate() {
            let at = (firsts[i] + k) * 3;
            // SAFETY: the caller's.
            let [upper, lower] = rows.map(|row| unsafe { _mm_loadu_ps(row.as_ptr().add(at)) });
            let product = _mm256_mul_ps(_mm256_set_m128(lower, upper), _mm256_set1_ps(*weight));
            // A fused multiply-add would round once less than other processors do.
            totals[i] = _mm256_add_ps(totals[i], product);
        }
    }
    totals
}

/// The pixels of both rows; integers beyond a byte become the nearest byte.
#[target_feature(enable = "avx2")]
#[inline]
fn bytes(cells: [__m256i; GROUP]) -> [Group; 2] {
    let pairs = [[cells[0], cells[1]], [cells[2], cells[3]]];
    let [first, second] = pairs.map(|[a, b]| _mm256_packus_epi32(a, b));
    // The fourth byte of a pixel is the next pixel's.
    let colors = _mm256_setr_epi8(
        0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13,
        14, -1, -1, -1, -1,
    );
    let bytes = _mm256_shuffle_epi8(_mm256_packus_epi16(first, second), colors);
    let mut rows = [[0u8; 16]; 2];
    // SAFETY: the arrays have the 32 bytes that are written.
    unsafe { _mm256_storeu_si256(rows.as_mut_ptr().cast(), bytes) };
    rows.map(|row| row.as_chunks().0.first_chunk().copied().unwrap_or_default())
}

/// How far values are from integers.
#[target_feature(enable = "avx2")]
#[inline]
fn distance(values: __m256, integers: __m256i) -> __m256 {
    let off = _mm256_sub_ps(values, _mm256_cvtepi32_ps(integers));
    _mm256_andnot_ps(_mm256_set1_ps(-0.0), off)
}

/// Whether a color's value is above `limit`.
#[target_feature(enable = "avx2")]
#[inline]
fn any_above(values: __m256, limit: f32) -> bool {
    // A bit for each value; the fourth of a cell is not its own.
    const COLORS: i32 = 0b0111_0111;
    let above = _mm256_cmp_ps::<_CMP_GT_OQ>(values, _mm256_set1_ps(limit));
    _mm256_movemask_ps(above) & COLORS != 0
}
