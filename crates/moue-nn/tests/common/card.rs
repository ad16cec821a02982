//! The graphics card of the tests, or what imitates one.

#[path = "../../../moue/tests/common/mod.rs"]
pub(crate) mod shared;

use moue_nn::gpu::{Device, Model};
use shared::skip;
use std::sync::OnceLock;

/// The card that all tests of this process share; skips visibly without one.
pub(crate) fn device() -> Option<Device> {
    static DEVICE: OnceLock<Option<Device>> = OnceLock::new();
    let open = || match Device::new() {
        Ok(device) => Some(device),
        Err(error) => {
            skip(&error.to_string());
            None
        }
    };
    DEVICE.get_or_init(open).clone()
}

/// The largest difference as a share of the range of what is expected.
pub(crate) fn apart(expected: &[f32], found: &[f32]) -> f32 {
    assert_eq!(expected.len(), found.len());
    let finite = || expected.iter().copied().filter(|v| v.is_finite());
    let range = finite().fold(f32::MIN, f32::max) - finite().fold(f32::MAX, f32::min);
    let size = finite().fold(0f32, |a, v| a.max(v.abs()));
    // A single number has no range; its size stands for it.
    let scale = if range > 0.0 { range } else { size.max(1e-3) };
    let one = |(a, b): (&f32, &f32)| match (a.is_finite(), b.is_finite()) {
        (true, false) => f32::INFINITY,
        (true, true) => (a - b).abs() / scale,
        // What overflows is as far as cards promise nothing.
        (false, _) => 0.0,
    };
    expected.iter().zip(found).map(one).fold(0.0, f32::max)
}

/// Runs a file on the card.
///
/// # Panics
/// If it computes anything else than `expected`.
pub(crate) fn assert_same(file: &[u8], inputs: &[&[f32]], expected: &[f32]) {
    let Some(device) = device() else { return };
    let model = Model::load(&device, file).unwrap();
    let mut session = model.session(1).unwrap();
    session.run(inputs).unwrap();
    let found = session.output(0);
    assert!(
        apart(expected, found) <= 1e-3,
        "{found:?}, not {expected:?}"
    );
}
