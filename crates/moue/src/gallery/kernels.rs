//! The inner loops of the search, compiled for the processor's vectors.
//!
//! The loops are plain Rust; a wider instruction set changes how many lanes are added at once and, as
//! floats are added in an order of their own, not the result.

use crate::embed::{EXPRESSION_LEN, squared_distance};

/// The query of a scan over codes: 16-bit numbers, so that its own rounding hardly counts.
pub(super) type Code = [i16; EXPRESSION_LEN];

/// Declares a function that runs its body with AVX2 where the processor has it.
macro_rules! dispatched {
    ($(#[$doc:meta])* $name:ident($($arg:ident: $kind:ty),*) = $body:ident) => {
        $(#[$doc])*
        pub(super) fn $name($($arg: $kind),*) {
            #[cfg(target_arch = "x86_64")]
            if std::arch::is_x86_feature_detected!("avx2") {
                #[target_feature(enable = "avx2")]
                fn wide($($arg: $kind),*) {
                    $body($($arg),*);
                }
                // SAFETY: the processor has AVX2, which is all that `wide` asks for.
                return unsafe { wide($($arg),*) };
            }
            $body($($arg),*);
        }
    };
}

dispatched! {
    /// Products of the query with each row of codes (`codes` holds 64 bytes for each of `out`).
    products(query: &Code, codes: &[[i8; EXPRESSION_LEN]], out: &mut [i32]) = products_body
}

dispatched! {
    /// Squared distances of the query from each row.
    distances(query: &[f32; EXPRESSION_LEN], rows: &[[f32; EXPRESSION_LEN]], out: &mut [f32]) = distances_body
}

#[inline(always)]
fn products_body(query: &Code, codes: &[[i8; EXPRESSION_LEN]], out: &mut [i32]) {
    for (row, out) in codes.iter().zip(out) {
        let mut lanes = [0i32; 8];
        for (q, c) in query.as_chunks::<16>().0.iter().zip(row.as_chunks::<16>().0) {
            for i in 0..8 {
                lanes[i] += i32::from(q[2 * i]) * i32::from(c[2 * i]) + i32::from(q[2 * i + 1]) * i32::from(c[2 * i + 1]);
            }
        }
        *out = lanes.iter().sum();
    }
}

#[inline(always)]
fn distances_body(query: &[f32; EXPRESSION_LEN], rows: &[[f32; EXPRESSION_LEN]], out: &mut [f32]) {
    for (row, out) in rows.iter().zip(out) {
        *out = squared_distance(query, row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_and_plain_agree_to_the_bit() {
        let value = |i: usize| ((i * 2_654_435_761) >> 7) as u8 as i8;
        let query: Code = std::array::from_fn(|i| (i * 7919 % 60_000) as i16);
        let codes: Vec<[i8; 64]> = (0..33).map(|r| std::array::from_fn(|i| value(r * 64 + i))).collect();
        let (mut wide, mut plain) = (vec![0; 33], vec![0; 33]);
        products(&query, &codes, &mut wide);
        products_body(&query, &codes, &mut plain);
        assert_eq!(wide, plain);
        let naive: i32 = query.iter().zip(&codes[5]).map(|(q, c)| i32::from(*q) * i32::from(*c)).sum();
        assert_eq!(wide[5], naive);

        let floats: Vec<[f32; 64]> = codes.iter().map(|c| c.map(|v| f32::from(v) / 100.0)).collect();
        let (mut wide, mut plain) = (vec![0.0; 33], vec![0.0; 33]);
        distances(&floats[3], &floats, &mut wide);
        distances_body(&floats[3], &floats, &mut plain);
        assert_eq!(wide, plain);
    }
}
