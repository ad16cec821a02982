//! Averages of weighted pixels, first down the columns of a picture and then along its rows.

#![allow(
    unsafe_code,
    reason = "functions for processors with AVX2, called where there is one"
)]

use super::also_for_avx2;
use super::rows::rounded;

/// Which pixels the cells of a row are made of.
pub(crate) struct Columns {
    /// The first pixel of each cell.
    pub(crate) firsts: Vec<usize>,
    /// Pixels of each cell: as many for all, since a loop that ends after another number of steps
    /// each time costs more than the steps. The weights of those that are too many are 0.
    pub(crate) count: usize,
    /// `count` weights for each cell.
    pub(crate) weights: Vec<f32>,
}

also_for_avx2! {
    /// Writes a row of bytes, weighted.
    fn weigh_row(sums: &mut [f32], bytes: &[u8], weight: f32) {
        let pairs = sums.iter_mut().zip(bytes);
        pairs.for_each(|(sum, value)| *sum = f32::from(*value) * weight);
    }
}

also_for_avx2! {
    /// Adds a row of bytes, weighted, to sums.
    fn add_row(sums: &mut [f32], bytes: &[u8], weight: f32) {
        let pairs = sums.iter_mut().zip(bytes);
        pairs.for_each(|(sum, value)| *sum += f32::from(*value) * weight);
    }
}

/// Narrows two rows of RGB sums, which end with one value more, and rounds. Appends to `ties` the cells
/// of which a color in one of the rows is farther than `tie_distance` from its byte.
pub(crate) fn narrow(
    sums: [&[f32]; 2],
    columns: &Columns,
    tie_distance: f32,
    out: [&mut [[u8; 3]]; 2],
    ties: &mut Vec<usize>,
) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, which is all that the function asks for.
        return unsafe { narrow_avx2(sums, columns, tie_distance, out, ties) };
    }
    narrow_body(sums, columns, tie_distance, out, ties);
}

fn narrow_body(
    sums: [&[f32]; 2],
    columns: &Columns,
    tie_distance: f32,
    [upper, lower]: [&mut [[u8; 3]]; 2],
    ties: &mut Vec<usize>,
) {
    let weights = columns.weights.chunks_exact(columns.count);
    let cells = upper.iter_mut().zip(lower).enumerate();
    for (((i, (upper, lower)), first), weights) in cells.zip(&columns.firsts).zip(weights) {
        let rows = sums.map(|sums| cell(&sums[first * 3..], weights));
        *upper = rows[0].map(rounded);
        *lower = rows[1].map(rounded);
        let may_tie = |row: &[f32; 3], bytes: &[u8; 3]| {
            let mut pairs = row.iter().zip(bytes);
            pairs.any(|(value, byte)| (value - f32::from(*byte)).abs() > tie_distance)
        };
        if may_tie(&rows[0], upper) || may_tie(&rows[1], lower) {
            ties.push(i);
        }
    }
}

/// The weighted sum of pixels.
fn cell(sums: &[f32], weights: &[f32]) -> [f32; 3] {
    let mut total = [0.0; 3];
    for (pixel, weight) in sums.as_chunks::<3>().0.iter().zip(weights) {
        (0..3).for_each(|c| total[c] += pixel[c] * weight);
    }
    total
}

/// Both rows side by side in one vector.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn narrow_avx2(
    sums: [&[f32]; 2],
    columns: &Columns,
    tie_distance: f32,
    [upper, lower]: [&mut [[u8; 3]]; 2],
    ties: &mut Vec<usize>,
) {
    use std::arch::x86_64::{_mm256_extract_epi32, _mm256_setr_epi8, _mm256_shuffle_epi8};
    let lowest_bytes = _mm256_setr_epi8(
        0, 4, 8, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 4, 8, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1,
    );
    let weights = columns.weights.chunks_exact(columns.count);
    let cells = upper.iter_mut().zip(lower).enumerate();
    for (((i, (upper, lower)), first), weights) in cells.zip(&columns.firsts).zip(weights) {
        let span = first * 3..first * 3 + columns.count * 3 + 1;
        let total = cells_avx2([&sums[0][span.clone()], &sums[1][span]], weights);
        let integers = integers_avx2(total);
        // Stores of three bytes each, as the fourth would be the next cell's.
        let bytes = _mm256_shuffle_epi8(integers, lowest_bytes);
        let [r, g, b, _] = _mm256_extract_epi32::<0>(bytes).to_le_bytes();
        *upper = [r, g, b];
        let [r, g, b, _] = _mm256_extract_epi32::<4>(bytes).to_le_bytes();
        *lower = [r, g, b];
        if may_tie_avx2(total, integers, tie_distance) {
            ties.push(i);
        }
    }
}

/// The weighted sums of two rows' pixels.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline]
fn cells_avx2(rows: [&[f32]; 2], weights: &[f32]) -> std::arch::x86_64::__m256 {
    use std::arch::x86_64::{
        _mm_loadu_ps, _mm256_add_ps, _mm256_mul_ps, _mm256_set_m128, _mm256_set1_ps,
        _mm256_setzero_ps,
    };
    // Checked once here, not for each weight.
    let upper = &rows[0][..weights.len() * 3 + 1];
    let lower = &rows[1][..weights.len() * 3 + 1];
    let mut total = _mm256_setzero_ps();
    for (k, weight) in weights.iter().enumerate() {
        // SAFETY: each row has three floats for each weight and one more.
        let pixels = unsafe {
            _mm256_set_m128(
                _mm_loadu_ps(lower.as_ptr().add(k * 3)),
                _mm_loadu_ps(upper.as_ptr().add(k * 3)),
            )
        };
        // A fused multiply-add would round once less than other processors do.
        total = _mm256_add_ps(total, _mm256_mul_ps(pixels, _mm256_set1_ps(*weight)));
    }
    total
}

/// The nearest integers from 0 to 255, halves to the even one.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline]
fn integers_avx2(values: std::arch::x86_64::__m256) -> std::arch::x86_64::__m256i {
    use std::arch::x86_64::{
        _mm256_cvtps_epi32, _mm256_max_ps, _mm256_min_ps, _mm256_set1_ps, _mm256_setzero_ps,
    };
    let positive = _mm256_max_ps(values, _mm256_setzero_ps());
    _mm256_cvtps_epi32(_mm256_min_ps(positive, _mm256_set1_ps(255.0)))
}

/// Whether a color is farther from its integer than `tie_distance`.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline]
fn may_tie_avx2(
    values: std::arch::x86_64::__m256,
    integers: std::arch::x86_64::__m256i,
    tie_distance: f32,
) -> bool {
    use std::arch::x86_64::{
        _CMP_GT_OQ, _mm256_andnot_ps, _mm256_cmp_ps, _mm256_cvtepi32_ps, _mm256_movemask_ps,
        _mm256_set1_ps, _mm256_sub_ps,
    };
    // A bit for each value; the fourth of a cell is not its own.
    const COLORS: i32 = 0b0111_0111;
    let off = _mm256_sub_ps(values, _mm256_cvtepi32_ps(integers));
    let off = _mm256_andnot_ps(_mm256_set1_ps(-0.0), off);
    let is_farther = _mm256_cmp_ps::<_CMP_GT_OQ>(off, _mm256_set1_ps(tie_distance));
    _mm256_movemask_ps(is_farther) & COLORS != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_weighted_sums() {
        let mut sums = vec![0.0; 5 * 3 + 1];
        weigh_row(&mut sums, &(0..15).collect::<Vec<u8>>(), 2.0);
        add_row(&mut sums, &[1; 15], 0.5);
        let columns = Columns {
            firsts: vec![0, 2, 3],
            count: 2,
            weights: vec![1.0, 3.0, 0.5, 0.5, 1.0, 0.0],
        };
        let mut out = [[[0; 3]; 3]; 2];
        let [upper, lower] = &mut out;
        let mut ties = Vec::new();
        narrow([&sums; 2], &columns, 0.4, [upper, lower], &mut ties);
        let at = |pixel: u8| 2 * 3 * pixel;
        for bytes in out {
            // Halves go to the even number: the first is 2 + 18, the second 15 + 0.5.
            assert_eq!(bytes[0][0], at(0) + 3 * at(1) + 2);
            assert_eq!(bytes[1][0], at(2).midpoint(at(3)) + 1);
            assert_eq!(bytes[2], [18, 20, 22]);
        }
        assert_eq!(ties, [1, 2]);
    }

    #[test]
    fn vectors_give_the_same_bits() {
        let sums = |factor: usize| -> Vec<f32> {
            let value = |i: usize| (i * factor % 101) as f32 * 2.6;
            (0..64).map(value).collect()
        };
        let rows = [sums(37), sums(53)];
        let rows = [&rows[0][..], &rows[1]];
        let columns = Columns {
            firsts: (0..9).map(|i| i * 2).collect(),
            count: 3,
            weights: (0..27).map(|i| 1.0 / (i % 5 + 3) as f32).collect(),
        };
        let mut wide = [[[0; 3]; 9]; 2];
        let mut plain = wide;
        let mut ties = [Vec::new(), Vec::new()];
        let [upper, lower] = &mut wide;
        narrow(rows, &columns, 0.3, [upper, lower], &mut ties[0]);
        let [upper, lower] = &mut plain;
        narrow_body(rows, &columns, 0.3, [upper, lower], &mut ties[1]);
        assert_eq!(wide, plain);
        assert_eq!(ties[0], ties[1]);
        assert!(!ties[0].is_empty());
    }
}
