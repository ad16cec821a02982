//! Angles in options.

use crate::options::Options;
use std::f32::consts::PI;

/// Degrees or radians, whichever the options give.
pub(super) fn angle(options: &Options, radians: &str, degrees: &str) -> f32 {
    let from_degrees = || {
        options
            .get::<f32>(degrees)
            .or_else(|| options.get::<i64>(degrees).map(|d| d as f32))
    };
    options
        .get(radians)
        .or_else(|| from_degrees().map(f32::to_radians))
        .unwrap_or(0.0)
}

/// The same angle from -π to π.
pub(super) fn normalized(angle: f32) -> f32 {
    angle - 2.0 * PI * ((angle + PI) / (2.0 * PI)).floor()
}
