//! Compares what kernels computed with the definition.

use crate::graph::Clamp;
use crate::kernels::{Requantization, padded};

/// Sums of at most some hundred products in single precision may differ by so much from those in
/// double precision.
pub(super) const TOLERANCE: f64 = 2e-5;

/// Rows of `channels` elements spread to the stride that kernels read, with `between` in the
/// padding lanes.
pub(super) fn spread<T: Copy>(dense: &[T], channels: usize, between: T) -> Vec<T> {
    let stride = padded(channels);
    let mut out = vec![between; dense.len() / channels * stride];
    let rows = out.chunks_exact_mut(stride);
    rows.zip(dense.chunks_exact(channels))
        .for_each(|(to, from)| to[..channels].copy_from_slice(from));
    out
}

pub(super) fn clamped(clamp: Clamp, value: f64) -> f64 {
    value.max(f64::from(clamp.low)).min(f64::from(clamp.high))
}

/// Each element must be as near to the expected one as `within` allows.
fn assert_within<T: Copy + Into<f64>>(
    found: &[T],
    expected: &[f64],
    channels: usize,
    within: impl Fn(f64) -> f64,
    case: &str,
) {
    let rows = found.chunks_exact(padded(channels));
    for (row, (found, expected)) in rows.zip(expected.chunks_exact(channels)).enumerate() {
        for (c, (f, e)) in found.iter().zip(expected).enumerate() {
            let f: f64 = (*f).into();
            assert!(
                (f - e).abs() <= within(*e),
                "{case}: row {row}, channel {c}: {f} is not {e}"
            );
        }
    }
}

/// Each element must be near to the expected one, by so much of numbers of about 1.
pub(super) fn assert_near(
    found: &[f32],
    expected: &[f64],
    channels: usize,
    tolerance: f64,
    case: &str,
) {
    let within = |e: f64| tolerance * (1.0 + e.abs());
    assert_within(found, expected, channels, within, case);
}

/// Each byte is the sum scaled and rounded as portable Rust does it: byte networks return the same on
/// every processor.
pub(super) fn assert_rounded(
    found: &[u8],
    sums: &[f64],
    channels: usize,
    r: &Requantization,
    case: &str,
) {
    let rounded = |(i, sum): (usize, &f64)| {
        let value = *sum as f32 * r.scales[i % channels] + r.zero_points[1];
        let clamped = value.max(r.bounds.low).min(r.bounds.high);
        f64::from(clamped.round_ties_even())
    };
    let expected: Vec<f64> = sums.iter().enumerate().map(rounded).collect();
    assert_within(found, &expected, channels, |_| 0.0, case);
}

/// What several threads compute is what one does, to the bit.
pub(super) fn assert_same(shared: &[f32], alone: &[f32], case: &str) {
    assert!(
        shared
            .iter()
            .zip(alone)
            .all(|(a, b)| a.to_bits() == b.to_bits()),
        "{case}, on three threads"
    );
}
