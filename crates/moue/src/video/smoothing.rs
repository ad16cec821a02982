//! Values over time, averaged.

use std::time::Duration;

/// A value with its time, as numbers of which each is averaged by itself.
pub(super) type Timed<const N: usize> = (Duration, [f32; N]);

/// Means weighted by a Gaussian over time, cut off at four standard deviations; two of them are
/// `smoothing`. The values are in the order of their times.
pub(super) fn smoothed<const N: usize>(values: &[Timed<N>], smoothing: Duration) -> Vec<[f32; N]> {
    let width = smoothing.as_micros().max(1) as f64 / 2.0;
    let near = |at: Duration| {
        let start = values.partition_point(|(t, _)| *t < at.saturating_sub(2 * smoothing));
        let end = values.partition_point(|(t, _)| *t <= at + 2 * smoothing);
        let mut total = 0.0;
        let mut sums = [0.0; N];
        for (time, numbers) in &values[start..end] {
            let away = time.abs_diff(at).as_micros() as f64 / width;
            let weight = (-0.5 * away * away).exp();
            total += weight;
            for (sum, number) in sums.iter_mut().zip(numbers) {
                *sum += weight * f64::from(*number);
            }
        }
        sums.map(|sum| (sum / total) as f32)
    };
    values.iter().map(|(at, _)| near(*at)).collect()
}
