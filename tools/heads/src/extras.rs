//! What is before the face: glasses, a mask, a hand; and the shoulders below.

use crate::math::{V3, add, bell, smooth, sub};
use crate::mesh::{Material, Mesh};
use crate::model::{EYE_CENTERS, EYES, SKIN, center_of};
use crate::person::{Cover, Glasses, Person};
use crate::random::Random;
use std::f32::consts::TAU;

/// Adds what a person wears or holds before the face; `skin` is the mesh of the head.
pub(crate) fn add_extras(head: &mut Mesh, skin: &Mesh, person: &Person, random: &mut Random) {
    if person.glasses != Glasses::None {
        add_glasses(head, skin, person);
    }
    match person.cover {
        Cover::None => {}
        Cover::Mask => head.join(mask(skin)),
        Cover::Hand => add_hand(head, random),
    }
    head.join(shoulders());
}

/// How far the eyes of this face are from those of the mean face.
fn eyes_moved(skin: &Mesh) -> [V3; 2] {
    [0, 1].map(|i| sub(center_of(&skin.vertices, EYES[i].clone()), EYE_CENTERS[i]))
}

fn add_glasses(head: &mut Mesh, skin: &Mesh, person: &Person) {
    let thick = 0.12 + 0.0016 * person.texture[1].abs();
    for (center, moved) in EYE_CENTERS.into_iter().zip(eyes_moved(skin)) {
        let center = add([center[0] * 1.03, center[1] - 0.2, 11.1], moved);
        add_glass(head, person, center, thick);
    }
    let bridge = [-0.75, -0.3, 0.3, 0.75].map(|x: f32| [x, 3.9 - 0.2 * x * x, 11.1]);
    head.join(Mesh::tube(&bridge, thick, Material::Rim));
}

/// Adds one glass with its arm.
fn add_glass(head: &mut Mesh, person: &Person, center: V3, thick: f32) {
    // Round, or nearly rectangular.
    let square = if person.texture[0] > 0.0 { 0.5 } else { 1.0 };
    let at = |turn: f32, far: f32| {
        let round = |v: f32| v.signum() * v.abs().powf(square);
        let x = center[0] + far * 2.5 * round(turn.cos());
        let y = center[1] + far * 1.85 * round(turn.sin());
        [x, y, center[2] - 0.05 * x * x]
    };
    let line: Vec<V3> = (0..=20).map(|i| at(i as f32 / 20.0 * TAU, 1.0)).collect();
    head.join(Mesh::tube(&line, thick, Material::Rim));
    if person.glasses == Glasses::Dark {
        let lens = |turn: f32, far: f32| at(turn * TAU, far);
        head.join(Mesh::grid(17, 3, Material::Lens, lens));
    }
    let side = center[0].signum();
    let hinge = [center[0] + side * 2.5, center[1] + 0.5, center[2] - 1.0];
    let arm = [hinge, [side * 7.4, 3.4, 5.5], [side * 7.9, 3.0, 1.0]];
    head.join(Mesh::tube(&arm, thick, Material::Rim));
}

/// A mask over nose, mouth and chin: cloth that spans the hollows.
fn mask(skin: &Mesh) -> Mesh {
    // It rests on the nose, however long that is.
    let nose = skin.vertices[SKIN]
        .iter()
        .fold(0.0, |z: f32, p| z.max(p[2]))
        - 13.1;
    Mesh::grid(17, 13, Material::Mask, |across, down| {
        let x = 6.4 * (2.0 * across - 1.0);
        let high = 1.7 - 0.05 * x * x;
        let low = -8.9 + 0.07 * x * x;
        let y = high + (low - high) * down;
        let over_nose = bell(x, 1.5) * bell(y - 0.4, 1.7);
        [
            x,
            y,
            12.5 + nose - 0.13 * x * x - 0.025 * (y + 2.5).powi(2) + over_nose,
        ]
    })
}

/// Fingers over a part of the face, from below or from a side.
fn add_hand(head: &mut Mesh, random: &mut Random) {
    let tip = [random.range(-4.0, 4.0), random.range(-6.0, 4.0), 14.0];
    let from = random.range(-2.6, -0.6);
    let [back, across] = [[from.cos(), from.sin()], [-from.sin(), from.cos()]];
    let spread = random.range(1.35, 1.7);
    let at = |along: f32, side: f32, z: f32| {
        [
            tip[0] + along * back[0] + side * across[0],
            tip[1] + along * back[1] + side * across[1],
            z,
        ]
    };
    for finger in 0..4 {
        let side = (finger as f32 - 1.5) * spread;
        let short = [1.2, 0.2, 0.0, 0.8][finger];
        let line: Vec<V3> = (0..6)
            .map(|i| at(short + i as f32 * 1.5, side, 13.4 + 0.25 * i as f32))
            .collect();
        head.join(Mesh::tube(&line, 0.78, Material::Hand));
    }
    let palm = at(9.6, 0.0, 14.4);
    head.join(Mesh::ellipsoid(palm, [3.3, 3.3, 1.3], Material::Hand));
}

/// Shoulders in a shirt.
fn shoulders() -> Mesh {
    Mesh::grid(31, 8, Material::Cloth, |round, down| {
        let (sin, cos) = (round * TAU).sin_cos();
        let out = smooth(0.0, 0.5, down);
        let y = -12.5 - 3.4 * out - 18.0 * (down - 0.35).max(0.0);
        [
            (5.6 + 11.5 * out) * sin,
            y + 2.0 * (1.0 - out) * -cos,
            -1.5 + (5.0 + 2.5 * out) * cos,
        ]
    })
}
