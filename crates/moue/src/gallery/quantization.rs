//! Scalar quantization of expressions, and the bounds that keep a search over codes exact.
//!
//! A stored expression v is approximated by v̂ = s·c: int8 codes c times a scale s of its own. A
//! query q is approximated by q̂, in the same way but with int16 codes, so that its own rounding
//! hardly counts. With the errors e = |v − v̂| and f = |q − q̂| the triangle inequality gives
//!
//! |q̂ − v̂| − (e + f) ≤ |q − v| ≤ |q̂ − v̂| + (e + f).
//!
//! A face whose lower bound is above the current worst upper bound cannot be among the nearest. All
//! others are compared in full, so the answer is that of comparing every face in full.

use super::kernels::QueryCodes;
use crate::embed::EXPRESSION_LEN;

/// Largest int8 code. −128 is not used, so that the range is symmetric.
const INT8_MAX: f32 = 127.0;
/// Largest int16 code.
const INT16_MAX: f32 = 32_767.0;

/// What rounding in float arithmetic may add to a distance, for vectors of length 1. The squares
/// are sums of 64 products near 1; when they cancel, the root of their rounding error remains:
/// √(2⁻²³ · a few units) is below 2e-3. Chosen with a margin: too large a value only costs work,
/// too small a one would lose faces.
const ROUNDING: f32 = 2e-3;

/// An expression as int8 codes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quantized {
    pub(super) codes: [i8; EXPRESSION_LEN],
    /// The codes times this are the dequantized expression.
    pub(super) scale: f32,
    /// Euclidean distance between the expression and the dequantized one.
    pub(super) error: f32,
    /// Squared length of the dequantized expression.
    pub(super) squared_norm: f32,
}

impl Quantized {
    pub(super) fn of(values: &[f32; EXPRESSION_LEN]) -> Self {
        let scale = scale_for(values, INT8_MAX);
        // The clamp is for the rounding of v / scale, which may exceed the largest code by a hair.
        let codes = values.map(|v| (v / scale).round().clamp(-INT8_MAX, INT8_MAX) as i8);
        let dequantized = codes.map(|c| f32::from(c) * scale);
        // Summed in double precision: the file keeps these numbers, and bounds build on them.
        let squared_error: f64 = values
            .iter()
            .zip(&dequantized)
            .map(|(v, d)| f64::from(v - d).powi(2))
            .sum();
        Self {
            codes,
            scale,
            error: squared_error.sqrt() as f32,
            squared_norm: squared_norm(&dequantized) as f32,
        }
    }
}

/// The target of a search as int16 codes.
pub(super) struct QuantizedQuery {
    pub(super) codes: QueryCodes,
    scale: f32,
    squared_norm: f32,
    /// Distance between the query and the dequantized one, plus what rounding in the arithmetic may
    /// add.
    pub(super) error: f32,
}

impl QuantizedQuery {
    pub(super) fn of(values: &[f32; EXPRESSION_LEN]) -> Self {
        let scale = scale_for(values, INT16_MAX);
        let codes = values.map(|v| (v / scale).round().clamp(-INT16_MAX, INT16_MAX) as i16);
        let dequantized = codes.map(|c| f32::from(c) * scale);
        let error = values
            .iter()
            .zip(&dequantized)
            .map(|(v, d)| (v - d) * (v - d))
            .sum::<f32>()
            .sqrt();
        let squared_norm = squared_norm(&dequantized) as f32;
        Self {
            codes,
            scale,
            squared_norm,
            // Rounding grows with the vectors' lengths; stored ones have length 1.
            error: error + ROUNDING * (1.0 + squared_norm.sqrt()),
        }
    }

    /// Writes to `out` the squared distances |q̂ − v̂|² = |q̂|² + |v̂|² − 2·q̂·v̂ of rows, given
    /// the integer products of their codes with the query's, their scales and squared norms.
    pub(super) fn squared_distances(
        &self,
        products: &[i32],
        scales: &[[f32; 2]],
        out: &mut Vec<f32>,
    ) {
        out.clear();
        let rows = products.iter().zip(scales);
        out.extend(rows.map(|(product, scales)| self.squared_distance(*product, *scales)));
    }

    /// [`QuantizedQuery::squared_distances`] for one row.
    pub(super) fn squared_distance(&self, product: i32, [scale, norm]: [f32; 2]) -> f32 {
        self.squared_norm + norm - 2.0 * self.scale * scale * product as f32
    }
}

/// The scale with which the largest value gets the largest code. Zeros have any scale.
fn scale_for(values: &[f32; EXPRESSION_LEN], largest_code: f32) -> f32 {
    let largest = values.iter().fold(0f32, |m, v| m.max(v.abs()));
    if largest > 0.0 {
        largest / largest_code
    } else {
        1.0
    }
}

fn squared_norm(values: &[f32; EXPRESSION_LEN]) -> f64 {
    values.iter().map(|v| f64::from(*v).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_of_zeros_has_codes_too() {
        assert_eq!(
            Quantized::of(&[0.0; EXPRESSION_LEN]).codes,
            [0; EXPRESSION_LEN]
        );
    }
}
