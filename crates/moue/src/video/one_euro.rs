//! The one-euro filter (Casiez, Roussel, Vogel: "1 € Filter: A Simple Speed-based Low-pass Filter
//! for Noisy Input in Interactive Systems", CHI 2012).

use std::f32::consts::PI;

/// Shortest step between two values, in seconds: frames with nearly equal times would give speeds
/// without bound.
const MIN_STEP: f32 = 1e-4;

/// Cutoff frequencies of a filter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cutoffs {
    /// At rest, in hertz.
    pub(super) min: f32,
    /// Hertz by which it grows with each unit a second.
    pub(super) beta: f32,
    /// Of the speed, in hertz.
    pub(super) derivative: f32,
}

/// The state of one filtered coordinate.
#[derive(Debug, Clone)]
pub(super) struct OneEuroFilter {
    value: f32,
    /// Filtered, in units a second.
    speed: f32,
}

impl OneEuroFilter {
    pub(super) fn new(value: f32) -> Self {
        Self { value, speed: 0.0 }
    }

    /// The filtered value after `seconds`; speeds are measured in multiples of `unit`.
    pub(super) fn next(&mut self, value: f32, seconds: f32, unit: f32, cutoffs: Cutoffs) -> f32 {
        let seconds = seconds.max(MIN_STEP);
        let speed = (value - self.value) / seconds / unit;
        self.speed += smoothing_factor(cutoffs.derivative, seconds) * (speed - self.speed);
        let cutoff = cutoffs.min + cutoffs.beta * self.speed.abs();
        self.value += smoothing_factor(cutoff, seconds) * (value - self.value);
        self.value
    }
}

/// The share of a new value that a first-order low-pass filter takes.
fn smoothing_factor(cutoff: f32, seconds: f32) -> f32 {
    let time_constant = 1.0 / (2.0 * PI * cutoff);
    1.0 / (1.0 + time_constant / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those of the tracker.
    const CUTOFFS: Cutoffs = Cutoffs {
        min: 1.0,
        beta: 5.0,
        derivative: 1.0,
    };

    fn after(values: impl Iterator<Item = f32>) -> Vec<f32> {
        let mut filter = OneEuroFilter::new(0.0);
        values
            .map(|v| filter.next(v, 1.0 / 30.0, 0.2, CUTOFFS))
            .collect()
    }

    #[test]
    fn what_trembles_comes_to_rest() {
        let trembling = after((0..300).map(|i| if i % 2 == 0 { 0.002 } else { -0.002 }));
        assert!(
            trembling[100..].iter().all(|v| v.abs() < 5e-4),
            "{:?}",
            &trembling[280..]
        );
    }

    #[test]
    fn what_moves_hardly_lags() {
        // Two face widths a second.
        let speed = 0.4 / 30.0;
        let moving = after((1..60).map(|i| i as f32 * speed));
        let lag = 59.0 * speed - moving[58];
        assert!(lag < 0.1 * 0.2, "lags {lag}");
    }
}
