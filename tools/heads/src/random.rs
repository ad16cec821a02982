//! Seeded random numbers: the same seed gives the same set on every run.

/// SplitMix64 (Steele, Lea and Flood 2014): a counter, mixed.
pub(crate) struct Random(u64);

impl Random {
    /// A generator for one purpose of one head; other purposes do not disturb it.
    pub(crate) fn new(seed: u64, index: u64, purpose: u64) -> Self {
        let mut random = Self(seed);
        random.0 ^= random.bits().wrapping_add(index);
        random.0 ^= random.bits().wrapping_add(purpose << 32);
        random
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 up to 1.
    pub(crate) fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1 << 24) as f32
    }

    pub(crate) fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    pub(crate) fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// A whole number below `count`, which is not 0.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        (self.bits() % count as u64) as usize
    }

    /// One of the items; there must be one.
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// A normal distribution by the sum of twelve uniform ones; never beyond 6 deviations.
    pub(crate) fn normal(&mut self, deviation: f32) -> f32 {
        let sum: f32 = (0..12).map(|_| self.unit()).sum();
        (sum - 6.0) * deviation
    }

    /// -1 or 1.
    pub(crate) fn sign(&mut self) -> f32 {
        if self.chance(0.5) { 1.0 } else { -1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_repeatable_and_apart() {
        let draw = |seed, index, purpose| Random::new(seed, index, purpose).bits();
        assert_eq!(draw(1, 2, 3), draw(1, 2, 3));
        let all = [draw(1, 2, 3), draw(1, 2, 4), draw(1, 3, 3), draw(2, 2, 3)];
        for (i, a) in all.iter().enumerate() {
            assert!(!all[i + 1..].contains(a));
        }
    }

    #[test]
    fn distributions_have_their_mean_and_deviation() {
        let mut random = Random::new(1, 0, 0);
        let values: Vec<f32> = (0..20_000).map(|_| random.normal(2.0)).collect();
        let mean = values.iter().sum::<f32>() / 20_000.0;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / 20_000.0;
        assert!(mean.abs() < 0.06 && (variance.sqrt() - 2.0).abs() < 0.05);
    }
}
