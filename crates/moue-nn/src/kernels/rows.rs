//! Loops over rows of values, compiled once more for processors with AVX2. The results are the same to
//! the bit: each value is made of the same numbers in the same order.

use super::block::{BLOCK, nearest};
use crate::byte_scale::ByteScale;
use crate::graph::{Clamp, Scale};
use std::ops::Range;

/// Defines a function that is compiled twice, the second time for processors with AVX2, whose vectors
/// are twice as wide as those that every x86-64 has.
macro_rules! also_for_avx2 {
    ($(#[$doc:meta])* fn $name:ident($($arg:ident: $type:ty),* $(,)?) $body:block) => {
        $(#[$doc])*
        pub(crate) fn $name($($arg: $type),*) {
            #[inline(always)]
            fn body($($arg: $type),*) $body
            #[cfg(target_arch = "x86_64")]
            if std::arch::is_x86_feature_detected!("avx2") {
                #[target_feature(enable = "avx2")]
                fn wide($($arg: $type),*) {
                    body($($arg),*);
                }
                // SAFETY: the processor has AVX2, which is all that `wide` asks for.
                return unsafe { wide($($arg),*) };
            }
            body($($arg),*);
        }
    };
}

also_for_avx2! {
    /// Quantizes real numbers to bytes in memory, rounding half to even.
    fn quantize(values: &[f32], scale: Scale, bytes: &mut [u8]) {
        let code = Code::of(scale);
        for (to, value) in bytes.iter_mut().zip(values) {
            *to = code.nearest_to(*value);
        }
    }
}

also_for_avx2! {
    /// Quantizes the real numbers that bytes of a picture stand for.
    fn quantize_bytes(pixels: &[u8], real: ByteScale, scale: Scale, bytes: &mut [u8]) {
        let code = Code::of(scale);
        for (to, pixel) in bytes.iter_mut().zip(pixels) {
            *to = code.nearest_to(real.real(*pixel));
        }
    }
}

also_for_avx2! {
    /// Writes the real numbers that bytes of a picture stand for.
    fn real_values(pixels: &[u8], real: ByteScale, values: &mut [f32]) {
        for (to, pixel) in values.iter_mut().zip(pixels) {
            *to = real.real(*pixel);
        }
    }
}

/// How a real number becomes a byte in memory.
#[derive(Clone, Copy)]
struct Code {
    per_unit: f32,
    zero: f32,
}

impl Code {
    #[inline(always)]
    fn of(scale: Scale) -> Self {
        Self {
            per_unit: scale.scale.recip(),
            zero: f32::from(scale.zero_byte()),
        }
    }

    #[inline(always)]
    fn nearest_to(self, value: f32) -> u8 {
        let code = value * self.per_unit + self.zero;
        // Comparisons rather than `clamp`, which would let NaN through; it becomes 0 here.
        let code = if code > 0.0 { code } else { 0.0 };
        nearest(if code < 255.0 { code } else { 255.0 })
    }
}

also_for_avx2! {
    /// Writes the real numbers that bytes in memory stand for.
    fn dequantize(bytes: &[u8], scale: Scale, values: &mut [f32]) {
        let zero = i32::from(scale.zero_byte());
        for (to, byte) in values.iter_mut().zip(bytes) {
            *to = scale.scale * (i32::from(*byte) - zero) as f32;
        }
    }
}

also_for_avx2! {
    /// Copies a row and clamps its values.
    fn copy_clamped(values: &[f32], out: &mut [f32], clamp: Clamp) {
        let pairs = out.iter_mut().zip(values);
        pairs.for_each(|(to, value)| *to = clamp.apply(*value));
    }
}

also_for_avx2! {
    /// Adds two rows and clamps the sums.
    fn add(out: &mut [f32], a: &[f32], b: &[f32], clamp: Clamp) {
        let pairs = out.iter_mut().zip(a).zip(b);
        pairs.for_each(|((sum, a), b)| *sum = clamp.apply(a + b));
    }
}

/// Between which two pixels of a line a pixel lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Between {
    /// Where both start in the line.
    pub(crate) starts: [usize; 2],
    /// Share of the second.
    pub(crate) share: f32,
}

also_for_avx2! {
    /// Blends a line of pixels of so many channels from two lines (bilinear interpolation); `share` is that
    /// of the second line.
    fn blend(lines: [&[f32]; 2], share: f32, places: &[Between], channels: usize, out: &mut [f32]) {
        for (pixel, place) in out.chunks_exact_mut(channels).zip(places) {
            let shares = [
                (1.0 - share) * (1.0 - place.share),
                (1.0 - share) * place.share,
                share * (1.0 - place.share),
                share * place.share,
            ];
            let [[a, b], [c, d]] =
                lines.map(|line| place.starts.map(|start| &line[start..start + channels]));
            for i in 0..channels {
                pixel[i] = a[i] * shares[0] + b[i] * shares[1] + c[i] * shares[2] + d[i] * shares[3];
            }
        }
    }
}

/// Where the pixels of a pooled line read.
#[derive(Clone, Copy)]
pub(crate) struct Windows<'a> {
    /// The input from the first line on.
    pub(crate) input: &'a [f32],
    /// Lines of the input, and floats from one to the next.
    pub(crate) lines: usize,
    pub(crate) stride: usize,
    /// For each pixel the columns of the input.
    pub(crate) columns: &'a [Range<usize>],
    /// Floats of a pixel, a multiple of [`BLOCK`].
    pub(crate) channels: usize,
}

impl Windows<'_> {
    /// Writes for each pixel of `out` what `end` makes of the sum of its window, which begins as `start`, and
    /// of the number of its values; block after block, whose sums stay in registers.
    #[inline(always)]
    fn pool(
        self,
        out: &mut [f32],
        start: f32,
        add: impl Fn(&mut [f32; BLOCK], &[f32]),
        end: impl Fn(f32, f32) -> f32,
    ) {
        for (pixel, columns) in out.chunks_exact_mut(self.channels).zip(self.columns) {
            let count = (self.lines * columns.len()) as f32;
            for (block, to) in pixel.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
                let mut sums = [start; BLOCK];
                for line in 0..self.lines {
                    let line = &self.input[line * self.stride + block * BLOCK..];
                    for x in columns.clone() {
                        add(&mut sums, &line[x * self.channels..][..BLOCK]);
                    }
                }
                *to = sums.map(|sum| end(sum, count));
            }
        }
    }
}

also_for_avx2! {
    /// The largest value of each window, clamped.
    fn largest(windows: Windows<'_>, clamp: Clamp, out: &mut [f32]) {
        let larger = |sums: &mut [f32; BLOCK], values: &[f32]| {
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum = if *value > *sum { *value } else { *sum };
            }
        };
        windows.pool(out, f32::NEG_INFINITY, larger, |sum, _| clamp.apply(sum));
    }
}

also_for_avx2! {
    /// The mean of each window, clamped.
    fn average(windows: Windows<'_>, clamp: Clamp, out: &mut [f32]) {
        let add = |sums: &mut [f32; BLOCK], values: &[f32]| {
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        };
        windows.pool(out, 0.0, add, |sum, count| clamp.apply(sum / count));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALE: Scale = Scale {
        scale: 0.5,
        zero_point: -28,
    };

    #[test]
    fn bytes_are_bounded_and_halves_are_even() {
        let mut bytes = [9; 6];
        let values = [0.0, 0.25, 0.75, -1e9, 1e9, f32::NAN];
        quantize(&values, SCALE, &mut bytes);
        assert_eq!(bytes, [100, 100, 102, 0, 255, 0]);
        let mut back = [0.0; 2];
        dequantize(&bytes[1..3], SCALE, &mut back);
        assert_eq!(back, [0.0, 1.0]);
    }

    /// Numbers of a row that is longer than several vectors.
    fn row(factor: usize) -> Vec<f32> {
        (0..37).map(|i| (i * factor % 29) as f32 - 9.5).collect()
    }

    #[test]
    fn rows_are_those_of_a_plain_loop() {
        let rows = [row(3), row(5), row(7)];
        let clamp = Clamp {
            low: -4.0,
            high: 6.5,
        };
        let mut out = vec![0.0; 37];
        add(&mut out, &rows[0], &rows[1], clamp);
        assert!((0..37).all(|i| out[i] == (rows[0][i] + rows[1][i]).clamp(-4.0, 6.5)));
        copy_clamped(&rows[2], &mut out, clamp);
        assert!((0..37).all(|i| out[i] == rows[2][i].clamp(-4.0, 6.5)));
    }

    #[test]
    fn a_line_lies_between_two_others() {
        let lines = [row(3), row(5)];
        let places = [([0, 9], 0.25), ([9, 18], 0.5), ([18, 18], 0.0)];
        let places = places.map(|(starts, share)| Between { starts, share });
        let mut out = vec![0.0; 27];
        let read = lines.each_ref().map(Vec::as_slice);
        blend(read, 0.125, &places, 9, &mut out);
        for (i, found) in out.into_iter().enumerate() {
            let Between { starts, share } = places[i / 9];
            let along = |line: &[f32]| {
                let [a, b] = starts.map(|start| line[start + i % 9]);
                a + share * (b - a)
            };
            let expected = along(read[0]) + 0.125 * (along(read[1]) - along(read[0]));
            assert!(
                (found - expected).abs() < 1e-5,
                "{i}: {found} is not {expected}"
            );
        }
    }

    #[test]
    fn windows_are_pooled_as_far_as_they_lie_inside() {
        // Two lines of three pixels of a block each; the second window is cut off.
        let input: Vec<f32> = (0..6 * BLOCK).map(|i| (i * 7 % 11) as f32).collect();
        let windows = Windows {
            input: &input,
            lines: 2,
            stride: 3 * BLOCK,
            columns: &[0..2, 2..3],
            channels: BLOCK,
        };
        let pool = |pool: fn(Windows<'_>, Clamp, &mut [f32])| {
            let mut out = [0.0; 2 * BLOCK];
            pool(windows, Clamp::NONE, &mut out);
            [out[1], out[BLOCK + 1]]
        };
        let [a, b, c, d, e, f] = [0, 1, 3, 4, 2, 5].map(|pixel| input[pixel * BLOCK + 1]);
        assert_eq!(pool(largest), [a.max(b).max(c).max(d), e.max(f)]);
        assert_eq!(pool(average), [(a + b + c + d) / 4.0, (e + f) / 2.0]);
    }

    #[test]
    fn bytes_of_a_picture_are_the_numbers_that_they_stand_for() {
        let pixels: Vec<u8> = (0..=255).collect();
        let real = ByteScale {
            divisor: 127.5,
            offset: 1.0,
        };
        let mut values = vec![0.0; 256];
        real_values(&pixels, real, &mut values);
        assert!((0..256).all(|i| values[i] == i as f32 / 127.5 - 1.0));
        let fine = Scale {
            scale: 1.0 / 128.0,
            zero_point: 0,
        };
        let mut codes = vec![0; 256];
        let mut expected = vec![1; 256];
        quantize_bytes(&pixels, real, fine, &mut codes);
        quantize(&values, fine, &mut expected);
        assert_eq!(codes, expected);
    }

    #[test]
    fn codes_are_those_of_a_plain_loop() {
        let values = row(13);
        let mut bytes = vec![0; 37];
        quantize(&values, SCALE, &mut bytes);
        let byte = |value: f32| (value * 2.0 + 100.0).round_ties_even() as u8;
        assert!((0..37).all(|i| bytes[i] == byte(values[i])));
        let mut back = vec![0.0; 37];
        dequantize(&bytes, SCALE, &mut back);
        assert_eq!(back, values);
    }
}
