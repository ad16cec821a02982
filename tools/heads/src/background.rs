//! What is behind a head: plain, gradients, blurred shapes, clouds of noise.

use crate::math::{V3, add, mix, noise, scale, smooth};
use crate::person::any_color;
use crate::random::Random;
use crate::raster::Picture;

/// A background in display colors (not linear).
pub(crate) fn background(random: &mut Random, size: usize) -> Picture {
    let colors: Vec<V3> = (0..4)
        .map(|_| any_color(random).map(|c| c.powf(0.6)))
        .collect();
    match random.below(5) {
        0 => Picture::new(size, |_, _| colors[0]),
        1 => gradient(random, size, &colors),
        2 => shapes(random, size, &colors),
        3 => clouds(random, size, &colors),
        _ => stripes(random, size, &colors),
    }
}

fn gradient(random: &mut Random, size: usize, colors: &[V3]) -> Picture {
    let turn = random.range(0.0, std::f32::consts::TAU);
    let [dx, dy] = [turn.cos(), turn.sin()];
    Picture::new(size, |x, y| {
        let along = (x as f32 * dx + y as f32 * dy) / size as f32;
        mix(colors[0], colors[1], (along * 0.7 + 0.5).clamp(0.0, 1.0))
    })
}

/// Round and square shapes, sharp or out of focus.
fn shapes(random: &mut Random, size: usize, colors: &[V3]) -> Picture {
    let side = size as f32;
    let soft = random.range(0.5, 0.25 * side);
    let mut shape = |_| {
        let [x, y] = [0, 1].map(|_| random.range(0.0, side));
        let radius = random.range(0.05, 0.4) * side;
        (random.pick(colors), x, y, radius)
    };
    let all: Vec<(V3, f32, f32, f32)> = (0..10).map(&mut shape).collect();
    let is_square = random.chance(0.5);
    Picture::new(size, |x, y| {
        let mut color = colors[0];
        for (over, left, top, radius) in &all {
            let [dx, dy] = [(x as f32 - left).abs(), (y as f32 - top).abs()];
            let far = if is_square { dx.max(dy) } else { dx.hypot(dy) };
            color = mix(color, *over, smooth(radius + soft, radius - soft, far));
        }
        color
    })
}

fn clouds(random: &mut Random, size: usize, colors: &[V3]) -> Picture {
    let fine = random.range(2.0, 14.0) / size as f32;
    let move_by = random.range(0.0, 500.0);
    Picture::new(size, |x, y| {
        let at = [x as f32 * fine, y as f32 * fine, move_by];
        let wide = mix(colors[0], colors[1], noise(at));
        let small = noise(scale(at, 3.7)) - 0.5;
        add(wide, [0.25 * small; 3]).map(|c| c.clamp(0.0, 1.0))
    })
}

fn stripes(random: &mut Random, size: usize, colors: &[V3]) -> Picture {
    let wide = random.range(0.05, 0.3) * size as f32;
    let slope = random.normal(0.6);
    let is_tiled = random.chance(0.4);
    Picture::new(size, |x, y| {
        let [x, y] = [x as f32, y as f32];
        let across = ((x + slope * y) / wide).floor() as i64;
        let down = if is_tiled {
            (y / wide).floor() as i64
        } else {
            0
        };
        colors[(across * 7 + down * 5).rem_euclid(4) as usize]
    })
}
