//! Int8 codes as they lie in memory: shifted by 128, so that they are bytes from 0 to 255.

use crate::graph::Scale;

/// What is added to a code, and to a zero point, to get the byte in memory. Unsigned bytes are what
/// VNNI's dot product wants of one operand, and one widening fewer elsewhere.
pub(crate) const ZERO_POINT_SHIFT: i32 = 128;

impl Scale {
    /// The byte in memory that stands for the real number 0.
    pub(crate) fn zero_byte(self) -> u8 {
        (self.zero_point + ZERO_POINT_SHIFT) as u8
    }
}
