//! Vectors, rotations and smooth noise.

/// A point, a direction or a linear color.
pub(crate) type V3 = [f32; 3];

pub(crate) fn add(a: V3, b: V3) -> V3 {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

pub(crate) fn sub(a: V3, b: V3) -> V3 {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

pub(crate) fn scale(a: V3, by: f32) -> V3 {
    [a[0] * by, a[1] * by, a[2] * by]
}

/// Products of the components, as light on a colored surface.
pub(crate) fn times(a: V3, b: V3) -> V3 {
    [a[0] * b[0], a[1] * b[1], a[2] * b[2]]
}

pub(crate) fn dot(a: V3, b: V3) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(crate) fn cross(a: V3, b: V3) -> V3 {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

pub(crate) fn length(a: V3) -> f32 {
    dot(a, a).sqrt()
}

/// The direction of a vector; a vector of no length stays as it is.
pub(crate) fn unit(a: V3) -> V3 {
    scale(a, 1.0 / length(a).max(1e-9))
}

/// Linear interpolation: `a` at 0, `b` at 1.
pub(crate) fn mix(a: V3, b: V3, t: f32) -> V3 {
    add(scale(a, 1.0 - t), scale(b, t))
}

/// Rises smoothly from 0 at `low` to 1 at `high`; falls where `low` is the larger.
pub(crate) fn smooth(low: f32, high: f32, x: f32) -> f32 {
    let t = ((x - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// 1 at a distance of 0, falling like a normal distribution of this width.
pub(crate) fn bell(distance: f32, width: f32) -> f32 {
    (-0.5 * (distance / width).powi(2)).exp()
}

/// Rows of a rotation matrix.
pub(crate) type Rotation = [V3; 3];

pub(crate) fn rotate(by: &Rotation, p: V3) -> V3 {
    [dot(by[0], p), dot(by[1], p), dot(by[2], p)]
}

/// The rotation that turns by `yaw` around the vertical axis first, then by `pitch` (positive looks
/// up), then by `roll` in the picture; in radians.
pub(crate) fn rotation(yaw: f32, pitch: f32, roll: f32) -> Rotation {
    let around_y = [
        [yaw.cos(), 0.0, yaw.sin()],
        [0.0, 1.0, 0.0],
        [-yaw.sin(), 0.0, yaw.cos()],
    ];
    let around_x = [
        [1.0, 0.0, 0.0],
        [0.0, pitch.cos(), pitch.sin()],
        [0.0, -pitch.sin(), pitch.cos()],
    ];
    let around_z = [
        [roll.cos(), -roll.sin(), 0.0],
        [roll.sin(), roll.cos(), 0.0],
        [0.0, 0.0, 1.0],
    ];
    product(&around_z, &product(&around_x, &around_y))
}

fn product(a: &Rotation, b: &Rotation) -> Rotation {
    let column = |j: usize| [b[0][j], b[1][j], b[2][j]];
    let row = |r: V3| [dot(r, column(0)), dot(r, column(1)), dot(r, column(2))];
    [row(a[0]), row(a[1]), row(a[2])]
}

fn hash(x: i32, y: i32, z: i32) -> f32 {
    let mut h = (x as u32).wrapping_mul(0x8da6_b343)
        ^ (y as u32).wrapping_mul(0xd816_3841)
        ^ (z as u32).wrapping_mul(0xcb1a_b31f);
    h = (h ^ (h >> 15)).wrapping_mul(0x2c1b_3c6d);
    h = (h ^ (h >> 12)).wrapping_mul(0x297a_2d39);
    ((h ^ (h >> 15)) >> 8) as f32 / (1 << 24) as f32
}

/// Value noise: a smooth random function of space, from 0 to 1, which changes over a distance of 1.
pub(crate) fn noise(p: V3) -> f32 {
    let cell = p.map(f32::floor);
    let [fx, fy, fz] = [0, 1, 2].map(|i| smooth(0.0, 1.0, p[i] - cell[i]));
    let [x, y, z] = cell.map(|c| c as i32);
    let line = |y: i32, z: i32| hash(x, y, z) * (1.0 - fx) + hash(x + 1, y, z) * fx;
    let plane = |z: i32| line(y, z) * (1.0 - fy) + line(y + 1, z) * fy;
    plane(z) * (1.0 - fz) + plane(z + 1) * fz
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_turned_by_yaw_looks_to_the_right_of_the_picture() {
        let nose = rotate(&rotation(1.0, 0.0, 0.0), [0.0, 0.0, 1.0]);
        assert!(nose[0] > 0.8 && nose[2] > 0.5);
        let nose = rotate(&rotation(0.0, 0.5, 0.0), [0.0, 0.0, 1.0]);
        assert!(nose[1] > 0.4, "a positive pitch looks up");
    }

    #[test]
    fn noise_is_smooth_and_bounded() {
        let samples: Vec<f32> = (0..1000)
            .map(|i| noise([i as f32 * 0.01, 3.2, -1.7]))
            .collect();
        assert!(samples.iter().all(|v| (0.0..=1.0).contains(v)));
        assert!(samples.windows(2).all(|w| (w[0] - w[1]).abs() < 0.05));
        assert!(samples.iter().any(|v| *v > 0.6) && samples.iter().any(|v| *v < 0.4));
    }
}
