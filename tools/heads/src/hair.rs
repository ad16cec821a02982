//! Hair, beards and headwear: shells over the skin, and curtains of long hair.

use crate::math::{V3, add, bell, length, noise, scale, smooth, sub};
use crate::mesh::{Material, Mesh, Triangle};
use crate::model::SKIN;
use crate::person::{Beard, HairStyle, Headwear, Person};
use std::f32::consts::PI;

/// The hairline: its height at angles around the head, from the front to the back, in units of the
/// neutral face. It leaves out the ears.
const HAIRLINE: [(f32, f32); 11] = [
    (0.0, 10.3),
    (0.5, 10.2),
    (0.8, 8.2),
    (1.02, 6.2),
    (1.2, 1.8),
    (1.32, 1.2),
    (1.44, 4.2),
    (1.75, 4.2),
    (1.95, -1.5),
    (2.4, -5.0),
    (PI, -6.0),
];

/// Adds hair, beard and headwear to a head; `skin` is its mesh.
pub(crate) fn add_hair(head: &mut Mesh, skin: &Mesh, person: &Person) {
    match person.headwear {
        Headwear::None => add_style(head, skin, person),
        Headwear::Scarf => head.join(shell(skin, Material::Cloth, |p| scarf(p, person))),
        Headwear::Beanie | Headwear::Cap => add_hat(head, skin, person),
    }
    if !matches!(person.beard, Beard::None | Beard::Stubble) {
        head.join(shell(skin, Material::Beard, |p| {
            beard_at(p, person) * person.volume * (0.25 + 0.35 * noise(scale(p, 2.5)))
        }));
    }
}

/// Adds a beanie or a cap, and the hair below it.
fn add_hat(head: &mut Mesh, skin: &Mesh, person: &Person) {
    head.join(shell(skin, Material::Hair, |p| 0.3 * above_line(p, 0.4)));
    if matches!(person.hair_style, HairStyle::Long | HairStyle::Bob) {
        head.join(curtain(person));
    }
    head.join(shell(skin, Material::Cloth, |p| hat(p, person)));
    if person.headwear == Headwear::Cap {
        head.join(visor());
    }
}

fn add_style(head: &mut Mesh, skin: &Mesh, person: &Person) {
    let style = person.hair_style;
    if style == HairStyle::Bald {
        return;
    }
    head.join(shell(skin, Material::Hair, |p| {
        person.volume * thickness(style, p, person)
    }));
    match style {
        HairStyle::Bob | HairStyle::Long => head.join(curtain(person)),
        HairStyle::Bun => {
            let center = [0.0, 14.0, -4.5];
            head.join(Mesh::ellipsoid(center, [3.0, 2.6, 3.0], Material::Hair));
        }
        HairStyle::Ponytail => head.join(ponytail()),
        _ => {}
    }
}

fn ponytail() -> Mesh {
    let along = (0..8).map(|i| i as f32 / 7.0);
    let at = |t: f32| [0.0, 9.0 - 17.0 * t * t, -8.6 - 4.0 * (t * PI).sin()];
    Mesh::tube(&along.map(at).collect::<Vec<V3>>(), 1.8, Material::Hair)
}

/// The skin's surface, raised by a thickness that depends on the place at rest. Where that is 0 the
/// shell lies below the skin and is not seen.
fn shell(skin: &Mesh, material: Material, thickness: impl Fn(V3) -> f32) -> Mesh {
    // Deep enough that the shell's triangles do not show through the skin's.
    const BELOW: f32 = -0.12;
    let raised: Vec<f32> = skin.rest[SKIN].iter().map(|p| thickness(*p)).collect();
    let vertices = SKIN
        .map(|i| {
            let by = if raised[i] > 0.0 { raised[i] } else { BELOW };
            add(skin.vertices[i], scale(skin.normals[i], by))
        })
        .collect();
    let is_seen = |t: &&Triangle| {
        t.material == Material::Skin && t.corners.iter().any(|c| raised[*c as usize] > 0.0)
    };
    let triangles = skin.triangles.iter().filter(is_seen);
    let triangles = triangles.map(|t| Triangle { material, ..*t }).collect();
    Mesh::new(vertices, skin.rest[SKIN].to_vec(), triangles)
}

/// The angle around the head: 0 in front, π at the back.
fn angle(p: V3) -> f32 {
    p[0].abs().atan2(p[2] - 1.0)
}

/// How far a place is above the hairline.
fn above(p: V3) -> f32 {
    let at = angle(p);
    let height = HAIRLINE.windows(2).find_map(|pair| {
        let [(a, low), (b, high)] = [pair[0], pair[1]];
        (at <= b).then(|| low + (high - low) * (at - a) / (b - a))
    });
    p[1] - height.unwrap_or(-6.0)
}

/// Rises from 0 at the hairline to 1 at this distance above it.
fn above_line(p: V3, over: f32) -> f32 {
    smooth(0.0, over, above(p))
}

/// How far hair of a style stands off the skin.
fn thickness(style: HairStyle, p: V3, person: &Person) -> f32 {
    let own = add(p, person.texture);
    let top = smooth(7.0, 13.0, p[1]);
    let front = smooth(1.0, 8.0, p[2]);
    // Wisps at the edge, so that the hairline is not a clean curve.
    let edge = above_line(p, 1.0 + noise(scale(own, 1.3)));
    let locks = noise(scale(own, 0.5));
    match style {
        HairStyle::Bald => 0.0,
        HairStyle::Receding => 0.3 * smooth(0.0, 1.5, above(p) - 6.0 * front - 3.0 * top),
        HairStyle::Buzz => 0.14 * edge,
        HairStyle::Short | HairStyle::Bun | HairStyle::Ponytail => {
            edge * (0.45 + 0.7 * top + 0.4 * locks)
        }
        HairStyle::Quiff => edge * (0.35 + 0.6 * top + 2.6 * top * front * (0.6 + 0.8 * locks)),
        HairStyle::SidePart => {
            let side = smooth(-3.4, -2.4, p[0] * person.texture[0].signum());
            edge * (0.4 + top * (0.3 + 1.1 * side + 0.5 * locks))
        }
        HairStyle::Spiky => edge * (0.3 + 2.8 * top * noise(scale(own, 0.9)).powi(2)),
        HairStyle::Afro => edge * (2.6 + 1.6 * top + 1.2 * noise(scale(own, 0.8))),
        HairStyle::Fringe => fringe(p, own).max(edge * (0.6 + 0.6 * top + 0.4 * locks)),
        HairStyle::Bob | HairStyle::Long => {
            let part = 1.0 - 0.5 * bell(p[0] - 0.02 * person.texture[0], 0.7) * top;
            part * edge * (0.8 + 0.5 * top + 0.3 * locks)
        }
    }
}

/// Hair over the forehead, down to near the brows.
fn fringe(p: V3, own: V3) -> f32 {
    let low = 7.1 + 0.9 * noise([own[0] * 1.7, 0.0, own[2]]) + 0.04 * p[0] * p[0];
    let is_front = smooth(1.1, 0.85, angle(p));
    is_front * smooth(low, low + 0.6, p[1]) * (0.55 + 0.4 * noise([own[0] * 2.2, 0.0, 0.0]))
}

/// How far a beanie or cap stands off; it is worn a little askew.
fn hat(p: V3, person: &Person) -> f32 {
    let low = 8.6 + 0.012 * person.texture[1] - 0.12 * (9.0 - p[2]).max(0.0);
    smooth(low - 0.05, low + 0.25, p[1]) * (0.9 + 0.5 * smooth(9.0, 14.0, p[1]) * person.volume)
}

/// A visor in front of the forehead.
fn visor() -> Mesh {
    Mesh::grid(13, 5, Material::Cloth, |across, out| {
        let turn = (across - 0.5) * 2.2;
        let far = 1.0 + 0.45 * out * turn.cos();
        [
            7.4 * turn.sin() * (1.0 + 0.1 * out),
            9.0 - 1.4 * out - 0.8 * turn * turn,
            1.5 + 9.6 * turn.cos() * far,
        ]
    })
}

/// A scarf around head and neck, which leaves the face free.
fn scarf(p: V3, person: &Person) -> f32 {
    let oval = ((p[0] / 5.9).powi(2) + ((p[1] - 1.2) / 8.2).powi(2)).sqrt();
    let outside = smooth(1.0, 1.12, oval).max(smooth(3.6, 2.6, p[2]));
    outside * (0.7 + 0.5 * noise(scale(add(p, person.texture), 0.35)))
}

/// Hair that hangs down at the sides and behind.
fn curtain(person: &Person) -> Mesh {
    let is_long = person.hair_style == HairStyle::Long;
    let bottom = if is_long { -17.0 } else { -8.5 };
    // How far the curtain comes to the front: beside the cheeks, or behind the ears.
    let open = 0.9 + 0.004 * person.texture[2].abs();
    let top = 11.5;
    Mesh::grid(41, 20, Material::Hair, |across, down| {
        let turn = open + (2.0 * PI - 2.0 * open) * across;
        let y = top + (bottom - top) * down;
        // Above the temples it follows the skull, below it hangs and flares a little.
        let round = (1.0 - ((y - 4.0).max(0.0) / 11.5).powi(2)).max(0.0).sqrt();
        let wave = noise([turn * 5.0 + person.texture[0], y * 0.18, person.texture[1]]) - 0.5;
        // Over the ears it stands off.
        let ears = 1.0 + 0.15 * smooth(6.0, 2.5, y);
        let flare = 1.0 + 0.012 * (4.0 - y).max(0.0) * person.volume;
        let out = round * ears * flare + 0.09 * wave;
        [8.3 * out * turn.sin(), y, 0.4 + 9.4 * out * turn.cos()]
    })
}

/// How much of a beard a place of the skin has, from 0 to 1.
pub(crate) fn beard_at(p: V3, person: &Person) -> f32 {
    let x = p[0].abs();
    let own = add(p, person.texture);
    let ragged = 0.5 * (noise(scale(own, 1.6)) - 0.5);
    let over_lip = smooth(-1.15, -1.5, p[1])
        * smooth(-2.75, -2.5, p[1])
        * smooth(3.0, 2.3, x + ragged)
        * smooth(9.0, 10.0, p[2]);
    let is_above_throat = smooth(-10.0, -8.5, p[1]);
    let lips = length(sub([x * 0.55, p[1], 0.0], [0.0, -3.35, 0.0]));
    let off_lips = smooth(1.05, 1.5, lips);
    let chin = smooth(2.6, 1.8, x + ragged) * smooth(-4.2, -4.8, p[1]) * is_above_throat;
    // Up along the jaw to the hair before the ears.
    let cheek = -3.6 + 0.75 * (x - 2.6).max(0.0) + ragged;
    let jaw = smooth(cheek + 0.4, cheek - 0.4, p[1]) * is_above_throat * smooth(1.2, 2.4, p[2]);
    match person.beard {
        Beard::None => 0.0,
        Beard::Moustache => over_lip,
        Beard::Goatee => over_lip.max(chin * off_lips),
        Beard::Stubble | Beard::Full => over_lip.max(jaw.max(chin) * off_lips),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn hair_is_on_the_crown_and_not_on_the_face() {
        let person = Person::sample(&mut Random::new(1, 0, 1), 0.0);
        for style in [HairStyle::Short, HairStyle::Afro, HairStyle::Long] {
            assert!(thickness(style, [0.0, 14.0, 0.0], &person) > 0.3);
            for face in [
                [0.0, 0.4, 13.0],
                [3.0, 1.0, 9.5],
                [0.0, 8.5, 10.5],
                [7.0, 1.0, 0.6],
            ] {
                assert_eq!(
                    thickness(style, face, &person),
                    0.0,
                    "{style:?} at {face:?}"
                );
            }
        }
    }

    #[test]
    fn beards_leave_lips_and_nose_free() {
        let mut person = Person::sample(&mut Random::new(1, 0, 1), 0.0);
        person.beard = Beard::Full;
        assert!(beard_at([0.0, -6.5, 11.0], &person) > 0.9);
        assert!(beard_at([5.5, -4.0, 6.5], &person) > 0.5);
        for free in [[0.0, -3.4, 11.4], [0.0, 0.4, 13.0], [0.0, 5.0, 10.0]] {
            assert_eq!(beard_at(free, &person), 0.0, "{free:?}");
        }
    }
}
