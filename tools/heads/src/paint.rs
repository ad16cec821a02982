//! Paint: the color of every place of a head, defined on the neutral face.

use crate::hair::beard_at;
use crate::math::{V3, add, bell, length, mix, noise, scale, smooth, sub};
use crate::mesh::Material;
use crate::model::EYE_CENTERS;
use crate::person::{Beard, Person};
use crate::raster::Surface;

/// Parts of a picture that drawings fill and outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Region {
    Skin,
    Lips,
    Brow,
    EyeWhite,
    Iris,
    Pupil,
    Lash,
    Mouth,
    Teeth,
    Tongue,
    Hair,
    Cloth,
    Mask,
    Rim,
    Lens,
}

/// The paint of a place: its linear color, how glossy it is from 0 to 1, and its region.
#[derive(Clone, Copy)]
pub(crate) struct Paint {
    pub(crate) color: V3,
    pub(crate) gloss: f32,
    pub(crate) region: Region,
}

impl Paint {
    fn new(color: V3, gloss: f32, region: Region) -> Self {
        Self {
            color,
            gloss,
            region,
        }
    }
}

/// Half the angles of iris and pupil as seen from the eyeball's center, in radians.
const IRIS: f32 = 0.47;
const PUPIL: f32 = 0.19;

/// The paint of a surface of this person.
pub(crate) fn paint(surface: &Surface, person: &Person) -> Paint {
    let own = add(surface.rest, person.texture);
    match surface.material {
        Material::Skin | Material::Socket => skin(surface.rest, own, person),
        Material::Hand => Paint::new(scale(person.skin, 0.92), person.gloss, Region::Skin),
        Material::MouthInside => Paint::new([0.12, 0.02, 0.02], 0.1, Region::Mouth),
        Material::Gums => Paint::new([0.35, 0.09, 0.09], 0.5, Region::Mouth),
        Material::Tongue => Paint::new([0.5, 0.13, 0.13], 0.4, Region::Tongue),
        Material::Teeth => Paint::new([0.72, 0.67, 0.56], 0.5, Region::Teeth),
        Material::Eye => eye(surface.rest, own, person),
        Material::Lashes => Paint::new(scale(person.brow_color, 0.4), 0.0, Region::Lash),
        Material::Hair => Paint::new(strands(own, person.hair), 0.35, Region::Hair),
        Material::Beard => Paint::new(strands(own, scale(person.hair, 0.8)), 0.1, Region::Hair),
        Material::Cloth => Paint::new(woven(own, person), 0.02, Region::Cloth),
        Material::Mask => Paint::new(mix(person.cloth, [0.75; 3], 0.5), 0.02, Region::Mask),
        Material::Rim => Paint::new(person.rim, 0.7, Region::Rim),
        Material::Lens => Paint::new([0.015; 3], 0.9, Region::Lens),
    }
}

fn skin(rest: V3, own: V3, person: &Person) -> Paint {
    let lip = lip_share(rest);
    let brow = brow_share(rest, own, person);
    let color = mix(
        complexion(rest, own, person),
        person.lips,
        lip * person.lip_share,
    );
    Paint {
        color: mix(color, person.brow_color, brow * person.brows.density),
        gloss: person.gloss + 0.25 * lip,
        region: region(rest, lip, brow),
    }
}

fn region(rest: V3, lip: f32, brow: f32) -> Region {
    if nostril(rest) {
        Region::Mouth
    } else if brow > 0.5 {
        Region::Brow
    } else if lip > 0.5 {
        Region::Lips
    } else {
        Region::Skin
    }
}

/// The skin's color without lips and brows.
fn complexion(rest: V3, own: V3, person: &Person) -> V3 {
    let mottled = 0.9 + 0.13 * noise(scale(own, 0.9)) + 0.09 * noise(scale(own, 3.0));
    let mut color = flushed(scale(person.skin, mottled), rest, person.flush);
    if person.freckles > 0.0 {
        let spots = smooth(0.8, 0.9, noise(scale(own, 4.5))) * person.freckles;
        let share = spots * bell(rest[1] - 1.0, 3.0);
        color = mix(color, scale(person.skin, 0.5), share);
    }
    let lid = eyelid(rest);
    let shadow = 0.6 * person.eye_shadow * lid;
    // Lids and what is under the eyes are a little darker.
    color = mix(color, scale(person.lips, 0.5), shadow);
    color = scale(color, 1.0 - 0.16 * lid);
    if person.beard != Beard::None {
        let shade = beard_at(rest, person) * (0.35 + 0.25 * noise(scale(own, 5.0)));
        color = mix(color, scale(person.hair, 0.9), shade);
    }
    scale(color, if nostril(rest) { 0.25 } else { 1.0 })
}

/// Blood shows in cheeks, the tip of the nose, ears and chin.
fn flushed(color: V3, rest: V3, by: f32) -> V3 {
    let at =
        |x: f32, y: f32, width: f32| bell(length([rest[0].abs() - x, rest[1] - y, 0.0]), width);
    let red =
        at(4.2, 0.2, 1.6) + 0.8 * at(0.0, 0.2, 0.9) + at(7.4, 0.6, 1.2) + 0.4 * at(0.0, -6.5, 1.2);
    let more = by * red.min(1.0);
    [
        color[0] * (1.0 + 0.10 * more),
        color[1] * (1.0 - 0.20 * more),
        color[2] * (1.0 - 0.18 * more),
    ]
}

fn eyelid(rest: V3) -> f32 {
    let x = rest[0].abs() - 3.2;
    bell(length([x * 0.6, (rest[1] - 3.9) * 1.1, 0.0]), 0.8) * smooth(7.0, 8.5, rest[2])
}

/// How far a place is within the lips: between the bow of the upper and the arc of the lower one.
fn lip_share(rest: V3) -> f32 {
    let x = rest[0].abs() / 2.35;
    if x > 1.0 || rest[2] < 9.0 {
        return 0.0;
    }
    let round = (1.0 - x * x).sqrt();
    // Cupid's bow dips in the middle.
    let high = -3.3 + 0.92 * round.powf(0.8) - 0.16 * bell(rest[0], 0.3);
    let low = -3.4 - 0.92 * round;
    smooth(high + 0.08, high - 0.1, rest[1]) * smooth(low - 0.12, low + 0.1, rest[1])
}

fn nostril(rest: V3) -> bool {
    let offset = [(rest[0].abs() - 0.72) * 1.3, (rest[1] + 0.72) * 1.7, 0.0];
    rest[2] > 10.6 && length(offset) < 0.42
}

/// How far a place is within a brow: hairs along an arch that thins out to the temple.
fn brow_share(rest: V3, own: V3, person: &Person) -> f32 {
    let brows = &person.brows;
    let x = (rest[0].abs() - 1.3) / 4.7;
    if !(-0.05..=1.05).contains(&x) || rest[2] < 5.0 {
        return 0.0;
    }
    let arch = brows.arch * (1.0 - ((x - 0.62) / 0.62).powi(2));
    let middle = 5.45 + brows.lift + brows.slope * x + arch;
    let half = brows.thickness * (1.1 - 0.75 * smooth(0.45, 1.0, x)) * smooth(-0.06, 0.06, x);
    let hairs = 0.75 + 0.5 * noise([own[0] * 5.0 + own[1] * 2.5, own[1] * 1.2, 0.0]);
    let share = smooth(half, 0.55 * half, (rest[1] - middle).abs()) * smooth(1.05, 0.95, x);
    (share * hairs).min(1.0)
}

fn eye(rest: V3, own: V3, person: &Person) -> Paint {
    let center = EYE_CENTERS[usize::from(rest[0] < 0.0)];
    let [x, y, z] = sub(rest, center);
    let off_axis = x.hypot(y).atan2(z);
    let turn = y.atan2(x);
    let fibers = 0.7 + 0.6 * noise([turn * 7.0, off_axis * 6.0, own[0]]);
    let rim = smooth(0.8 * IRIS, IRIS, off_axis);
    let white = 0.68 - 0.08 * smooth(0.6, 1.0, off_axis);
    let (color, region) = if off_axis < PUPIL {
        ([0.004; 3], Region::Pupil)
    } else if off_axis < IRIS {
        (scale(person.iris, fibers * (1.0 - 0.7 * rim)), Region::Iris)
    } else {
        ([0.72, white, white - 0.03], Region::EyeWhite)
    };
    Paint::new(color, 1.0, region)
}

/// Hair as bundles of strands of different lightness.
fn strands(own: V3, color: V3) -> V3 {
    let turn = own[0].atan2(own[2] + 0.01) * 4.0 + own[0] * 1.6;
    let fine = noise([turn * 2.5, own[1] * 0.25, own[2] * 1.8]);
    let wide = noise([turn * 0.6, own[1] * 0.12, 5.0]);
    scale(color, 0.55 + 0.6 * fine + 0.4 * wide)
}

fn woven(own: V3, person: &Person) -> V3 {
    // A third of the clothes have stripes.
    let stripe = noise([0.0, own[1] * 0.9, person.texture[0]]) > 0.55;
    let color = if stripe && person.texture[2] > 30.0 {
        person.second_cloth
    } else {
        person.cloth
    };
    scale(color, 0.85 + 0.3 * noise(scale(own, 1.5)))
}
