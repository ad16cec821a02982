//! Bilinear samples on a turned grid, averaged.

#![allow(
    unsafe_code,
    reason = "a call of a function for vector instructions, with its SAFETY line"
)]

use super::raster::{Raster, Samples};
#[cfg(target_arch = "x86_64")]
use super::sample_avx2;

/// Writes the values of the square.
pub(crate) fn sample(raster: &Raster, samples: &Samples<'_>, out: &mut [f32]) {
    let rows = out.chunks_exact_mut(samples.size).take(samples.size);
    for (y, row) in rows.enumerate() {
        let done = sample_vectors(raster, samples, y, row);
        for (x, value) in row.iter_mut().enumerate().skip(done) {
            *value = sample_one(raster, samples, [x, y]);
        }
    }
}

/// The first values of row `y`, as many as vectors take; returns their number.
fn sample_vectors(raster: &Raster, samples: &Samples<'_>, y: usize, row: &mut [f32]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") && raster.has_exact_positions() {
        // SAFETY: the processor has AVX2, and the raster is one that the function takes.
        return unsafe { sample_avx2::sample_row(raster, samples, y, row) };
    }
    let _ = (raster, samples, y, row);
    0
}

fn sample_one(raster: &Raster, samples: &Samples<'_>, at: [usize; 2]) -> f32 {
    let [x, y] = at.map(|v| v as f32 + 0.5);
    let [origin, dx, dy] = [samples.origin, samples.across, samples.down];
    let mut sum = 0.0;
    for y in samples.offsets.iter().map(|v| y + v) {
        let start = [0, 1].map(|i| origin[i] + x * dx[i] + y * dy[i]);
        let line = samples.offsets.iter();
        sum += line
            .map(|u| raster.at(start[0] + u * dx[0], start[1] + u * dx[1]))
            .sum::<f32>();
    }
    sum * samples.scale - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raster() -> Raster {
        let mut raster = Raster::new(23, 17);
        for (y, row) in raster.rows_mut().enumerate() {
            for (x, value) in row.iter_mut().enumerate() {
                *value = ((x * 37 + y * 91) % 256) as f32;
            }
        }
        raster
    }

    #[test]
    fn vectors_give_the_same_bits_inside_and_beyond_the_edge() {
        let raster = raster();
        for (origin, turn) in [
            ([3.0, 2.0], 0.0f32),
            ([-4.0, 20.0], -0.7),
            ([1e9, -1e9], 2.0),
        ] {
            let across = [1.3 * turn.cos(), 1.3 * turn.sin()];
            let samples = Samples {
                origin,
                across,
                down: [-across[1], across[0]],
                offsets: &[-0.3, 0.0, 0.3],
                scale: 1.0 / (9.0 * 127.5),
                size: 20,
            };
            let mut out = vec![0.0; 400];
            sample(&raster, &samples, &mut out);
            for (i, value) in out.iter().enumerate() {
                assert_eq!(*value, sample_one(&raster, &samples, [i % 20, i / 20]));
            }
        }
    }

    #[test]
    fn positions_that_are_no_numbers_read_nothing_else() {
        let samples = Samples {
            origin: [f32::NAN, f32::INFINITY],
            across: [f32::NEG_INFINITY, 1.0],
            down: [0.0, f32::NAN],
            offsets: &[0.0],
            scale: 1.0,
            size: 8,
        };
        let mut out = vec![0.0; 64];
        sample(&raster(), &samples, &mut out);
        assert!(out.iter().all(|v| v.is_nan() || (-1.0..=255.0).contains(v)));
    }
}
