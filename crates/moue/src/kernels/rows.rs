//! Loops over rows of values. Pixels of three values are read as four, of which the last is the next
//! pixel's, as vectors of four are what processors have; so rows end with one value more.

#![allow(
    unsafe_code,
    reason = "functions for processors with AVX2, called where there is one"
)]

use super::also_for_avx2;

also_for_avx2! {
    /// Adds bytes to sums, of 257 rows at most.
    fn add_bytes(sums: &mut [u16], bytes: &[u8]) {
        let pairs = sums.iter_mut().zip(bytes);
        pairs.for_each(|(sum, value)| *sum += u16::from(*value));
    }
}

also_for_avx2! {
    /// Adds each `across` pixels of a row to a total. The last ones may be fewer.
    fn add_blocks(row: &[u16], across: usize, totals: &mut [[u32; 4]]) {
        for (i, total) in totals.iter_mut().enumerate() {
            let own = &row[(i * across * 3).min(row.len())..];
            for pixel in own.windows(4).step_by(3).take(across) {
                (0..4).for_each(|c| total[c] += u32::from(pixel[c]));
            }
        }
    }
}

also_for_avx2! {
    /// Writes the pixels of totals as `(total + offset) · scale`, rounded.
    fn round_means(totals: &[[u32; 4]], offset: f32, scale: f32, out: &mut [u8]) {
        for (total, out) in totals.iter().zip(out.as_chunks_mut::<3>().0) {
            let [r, g, b, _] = total.map(|sum| rounded((sum as f32 + offset) * scale));
            *out = [r, g, b];
        }
    }
}

also_for_avx2! {
    /// Writes bytes as values in [-1, 1], as the networks were trained.
    fn normalize(bytes: &[u8], out: &mut [f32]) {
        for (value, byte) in out.iter_mut().zip(bytes) {
            *value = f32::from(*byte) / 127.5 - 1.0;
        }
    }
}

/// Rounds to the nearest integer, halves to the even one, as the processor's conversion does.
#[inline(always)]
pub(crate) fn rounded(value: f32) -> u8 {
    // From 2²³ on floats are integers, so that the sum is rounded, and its last byte is the number.
    // `round_ties_even` is a call where the processor's first instruction set has no such operation.
    (value.clamp(0.0, 255.0) + 12_582_912.0).to_bits() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_that_of_the_standard_library() {
        for step in -100..2200 {
            let value = step as f32 / 8.0;
            let expected = value.round_ties_even().clamp(0.0, 255.0) as u8;
            assert_eq!(rounded(value), expected, "{value}");
        }
    }

    #[test]
    fn the_last_block_may_be_narrower() {
        let row: Vec<u16> = (1..=15).chain([0]).collect();
        let mut totals = [[0; 4]; 3];
        add_blocks(&row, 2, &mut totals);
        assert_eq!(totals.map(|t| t[0]), [1 + 4, 7 + 10, 13]);
        assert_eq!(totals.map(|t| t[2]), [3 + 6, 9 + 12, 15]);
    }
}
