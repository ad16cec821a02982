//! Angles in options.

use crate::options::Options;
use std::f32::consts::PI;

/// An angle in radians, given in radians or in degrees; 0 if it is not given.
pub(super) fn angle_option(options: &Options, radians: &str, degrees: &str) -> f32 {
    if let Some(angle) = options.get(radians) {
        return angle;
    }
    // Degrees are a float in some options and an integer in others.
    let whole = options.get::<i64>(degrees).map(|d| d as f32);
    let degrees = options.get::<f32>(degrees).or(whole);
    degrees.map_or(0.0, f32::to_radians)
}

/// The same angle in [-π, π).
pub(super) fn normalized(angle: f32) -> f32 {
    angle - 2.0 * PI * ((angle + PI) / (2.0 * PI)).floor()
}
