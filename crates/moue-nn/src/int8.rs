//! Int8 codes as they lie in memory: shifted by 128, so that they are bytes from 0 to 255.

use crate::graph::Scale;
use crate::kernels::nearest;

/// What is added to a code, and to a zero point, to get the byte in memory. Unsigned bytes are what
/// VNNI's dot product wants of one operand, and one widening fewer elsewhere.
pub(crate) const ZERO_POINT_SHIFT: i32 = 128;

impl Scale {
    /// The byte in memory that stands for the real number 0.
    pub(crate) fn zero_byte(self) -> u8 {
        (self.zero_point + ZERO_POINT_SHIFT) as u8
    }
}

/// Quantizes real numbers to bytes in memory, rounding half to even.
pub(crate) fn quantize(values: &[f32], scale: Scale, bytes: &mut [u8]) {
    let per_unit = scale.scale.recip();
    let zero = f32::from(scale.zero_byte());
    for (to, value) in bytes.iter_mut().zip(values) {
        let code = value * per_unit + zero;
        // Comparisons rather than `clamp`, which would let NaN through; it becomes 0 here.
        let code = if code > 0.0 { code } else { 0.0 };
        *to = nearest(if code < 255.0 { code } else { 255.0 });
    }
}

/// The real numbers that bytes in memory stand for.
pub(crate) fn dequantize(bytes: &[u8], scale: Scale, values: &mut [f32]) {
    let zero = i32::from(scale.zero_byte());
    for (to, byte) in values.iter_mut().zip(bytes) {
        *to = scale.scale * (i32::from(*byte) - zero) as f32;
    }
}
