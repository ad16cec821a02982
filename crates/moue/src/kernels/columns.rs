//! Sums of weighted pixels down the columns of a picture, which `narrow` averages along its rows.

#![allow(
    unsafe_code,
    reason = "functions for processors with AVX2, called where there is one"
)]

use super::also_for_avx2;

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
    /// Writes the weighted sum of two rows of bytes.
    fn weigh_rows(sums: &mut [f32], rows: [&[u8]; 2], weights: [f32; 2]) {
        for (sum, [first, second]) in sums.iter_mut().zip(pairs(rows)) {
            *sum = first * weights[0] + second * weights[1];
        }
    }
}

also_for_avx2! {
    /// Adds two rows of bytes, weighted, to sums, one after the other.
    fn add_rows(sums: &mut [f32], rows: [&[u8]; 2], weights: [f32; 2]) {
        for (sum, [first, second]) in sums.iter_mut().zip(pairs(rows)) {
            *sum = *sum + first * weights[0] + second * weights[1];
        }
    }
}

/// The bytes of two rows side by side.
#[inline(always)]
fn pairs([first, second]: [&[u8]; 2]) -> impl Iterator<Item = [f32; 2]> {
    let pairs = first.iter().zip(second);
    pairs.map(|(first, second)| [f32::from(*first), f32::from(*second)])
}
