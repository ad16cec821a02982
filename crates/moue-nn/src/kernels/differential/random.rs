//! Random numbers that are the same on every processor.

use crate::graph::Clamp;
use crate::kernels::Requantization;

/// The generator splitmix64 (Steele, Lea and Flood, 2014).
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 1 to `most`.
    pub(super) fn up_to(&mut self, most: usize) -> usize {
        1 + (self.next() % most as u64) as usize
    }

    pub(super) fn pair(&mut self, most: usize) -> [usize; 2] {
        [self.up_to(most), self.up_to(most)]
    }

    pub(super) fn coin(&mut self) -> bool {
        self.up_to(2) == 1
    }

    /// From -1 to 1.
    pub(super) fn float(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    pub(super) fn floats(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.float()).collect()
    }

    pub(super) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| (self.next() >> 56) as u8).collect()
    }

    pub(super) fn codes(&mut self, count: usize) -> Vec<i8> {
        let bytes = self.bytes(count);
        bytes.into_iter().map(u8::cast_signed).collect()
    }

    /// Biases of int8 convolutions.
    pub(super) fn ints(&mut self, count: usize) -> Vec<i32> {
        (0..count).map(|_| (self.float() * 3e4) as i32).collect()
    }

    pub(super) fn clamp(&mut self) -> Clamp {
        let narrow = Clamp {
            low: -0.5,
            high: 0.25,
        };
        [Clamp::NONE, Clamp::RELU, Clamp::RELU6, narrow][self.up_to(4) - 1]
    }

    /// A requantization of sums of about `size` to bytes.
    pub(super) fn requantization(&mut self, channels: usize, size: f32) -> Requantization {
        let scale = |random: &mut Self| (1.5 + random.float()) * 60.0 / size;
        Requantization {
            scales: (0..channels).map(|_| scale(self)).collect(),
            zero_points: [0; 2].map(|_| (self.next() % 256) as f32),
            bounds: Clamp {
                low: (self.next() % 100) as f32,
                high: 255.0 - (self.next() % 100) as f32,
            },
        }
    }
}
