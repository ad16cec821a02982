//! What the bytes of a picture stand for.

/// The real numbers that the bytes of a picture stand for: `byte / divisor - offset`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ByteScale {
    /// 127.5 for numbers from -1 to 1, 255 for numbers from 0 to 1.
    pub divisor: f32,
    /// 1 for numbers from -1 to 1, 0 for numbers from 0 to 1.
    pub offset: f32,
}

impl ByteScale {
    /// The real number that a byte stands for.
    #[inline(always)]
    pub(crate) fn real(self, byte: u8) -> f32 {
        f32::from(byte) / self.divisor - self.offset
    }
}
