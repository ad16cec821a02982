//! Averages along the rows of sums.

#![allow(
    unsafe_code,
    reason = "a function for processors with AVX2, called where there is one"
)]

use super::columns::Columns;
#[cfg(target_arch = "x86_64")]
use super::narrow_avx2::narrow_groups;
use super::rows::rounded;

/// Narrows two rows of RGB sums, which end with one value more, and rounds. Appends to `ties` the cells
/// of which a color in one of the rows is farther than `tie_distance` from its byte.
pub(crate) fn narrow(
    sums: [&[f32]; 2],
    columns: &Columns,
    tie_distance: f32,
    mut out: [&mut [[u8; 3]]; 2],
    ties: &mut Vec<usize>,
) {
    #[cfg(target_arch = "x86_64")]
    let start = if std::arch::is_x86_feature_detected!("avx2") {
        let [upper, lower] = &mut out;
        let groups = [upper, lower].map(|row| row.as_chunks_mut().0);
        // SAFETY: the processor has AVX2, which is all that the function asks for.
        unsafe { narrow_groups(sums, columns, tie_distance, groups, ties) }
    } else {
        0
    };
    #[cfg(not(target_arch = "x86_64"))]
    let start = 0;
    narrow_from(start, sums, columns, tie_distance, out, ties);
}

/// Narrows the cells from `start` on.
fn narrow_from(
    start: usize,
    sums: [&[f32]; 2],
    columns: &Columns,
    tie_distance: f32,
    [upper, lower]: [&mut [[u8; 3]]; 2],
    ties: &mut Vec<usize>,
) {
    let weights = columns.weights.chunks_exact(columns.count);
    let sources = columns.firsts.iter().zip(weights);
    let cells = upper.iter_mut().zip(lower).zip(sources).enumerate();
    for (i, ((upper, lower), (first, weights))) in cells.skip(start) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{add_rows, weigh_rows};

    #[test]
    fn cells_are_weighted_sums() {
        let mut sums = vec![0.0; 5 * 3 + 1];
        let bytes: Vec<u8> = (0..15).collect();
        weigh_rows(&mut sums, [&bytes; 2], [1.5, 0.5]);
        add_rows(&mut sums, [&[1; 15]; 2], [0.5, 0.0]);
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
        narrow_from(0, rows, &columns, 0.3, [upper, lower], &mut ties[1]);
        assert_eq!(wide, plain);
        assert_eq!(ties[0], ties[1]);
        assert!(!ties[0].is_empty());
    }
}
