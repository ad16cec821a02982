//! The units in which kernels see memory.

/// Channels of an activation are stored in blocks of this many elements, so that kernels handle
/// whole vectors only. Eight is one vector of AVX2, half of one of AVX-512 and two of NEON; sixteen
/// would waste half of the work on the thin layers of small networks.
pub(crate) const BLOCK: usize = 8;

/// Int8 codes along the depth whose products a kernel sums at once: what the dot product
/// instructions of VNNI and NEON take.
pub(crate) const GROUP: usize = 4;

/// Rounds a number of channels up to whole blocks.
pub(crate) fn padded(channels: usize) -> usize {
    channels.next_multiple_of(BLOCK)
}

/// The whole number nearest to one between 0 and 255; ties go to the even one.
///
/// At 2²³ a float has no bits left for a fraction, so that adding it rounds, where the baseline of
/// x86-64 has no instruction for that; the last bits of the sum are the number.
#[inline(always)]
pub(crate) fn nearest(x: f32) -> u8 {
    const SHIFT: f32 = (1 << 23) as f32;
    (x + SHIFT).to_bits() as u8
}
