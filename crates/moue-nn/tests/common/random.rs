//! Random numbers that come again.

/// A generator of numbers by xorshift (Marsaglia 2003), as the same bytes must come again.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Fewer than `limit` bytes.
    pub(crate) fn bytes(&mut self, limit: u64) -> Vec<u8> {
        let length = self.next() % limit;
        (0..length).map(|_| self.next() as u8).collect()
    }
}
