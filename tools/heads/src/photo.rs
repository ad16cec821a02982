//! Photo-like heads: light, shadow and gloss.

use crate::math::{V3, add, dot, mix, scale, smooth, times, unit};
use crate::mesh::Material;
use crate::paint::paint;
use crate::person::Person;
use crate::random::Random;
use crate::raster::{Picture, Surface, View};
use crate::shadow::ShadowMap;

/// Light on a head: one lamp or the sun, the sky and the ground, and light from behind.
#[derive(Clone, Debug)]
pub(crate) struct Light {
    /// Towards the lamp, in the camera's space.
    pub(crate) direction: V3,
    pub(crate) color: V3,
    sky: V3,
    ground: V3,
    rim: V3,
    /// From 0, a point, to 1, as large as a window: then shadows are faint.
    softness: f32,
}

impl Light {
    pub(crate) fn sample(random: &mut Random) -> Self {
        let direction = unit([
            random.normal(0.55),
            random.range(-0.15, 1.0),
            random.range(0.25, 1.2),
        ]);
        let tint = |random: &mut Random, by: f32| {
            let warm = random.normal(by);
            [1.0 + warm, 1.0, 1.0 - warm].map(|c: f32| c.clamp(0.3, 1.7))
        };
        // One in twelve stands in colored light.
        let strange = if random.chance(0.08) { 0.4 } else { 0.1 };
        let power = random.range(0.35, 1.35);
        let around = random.range(0.25, 0.75);
        Self {
            color: scale(tint(random, strange), power),
            sky: scale(tint(random, strange), around),
            ground: scale(tint(random, strange), around * random.range(0.3, 0.9)),
            rim: scale(
                tint(random, 0.2),
                if random.chance(0.2) { 0.6 } else { 0.0 },
            ),
            softness: random.unit(),
            direction,
        }
    }
}

/// The share of light that goes on below the skin and comes out beside, in red, green and blue:
/// light wraps around the edge of a shadow in red.
const SKIN_WRAP: V3 = [0.34, 0.16, 0.10];

/// Shades all samples of a view; where there is no head the picture is black.
pub(crate) fn photo(view: &View, shadow: &ShadowMap, person: &Person, light: &Light) -> Picture {
    let shaded = |surface: &Surface| shade(surface, shadow, person, light);
    Picture::new(view.size, |x, y| view.at(x, y).map_or([0.0; 3], shaded))
}

fn shade(surface: &Surface, shadow: &ShadowMap, person: &Person, light: &Light) -> V3 {
    let paint = paint(surface, person);
    let normal = surface.normal;
    let toward = dot(normal, light.direction);
    let lit = shadow.light_at(surface.place, normal);
    let lit = 1.0 - (1.0 - lit) * (1.0 - 0.75 * light.softness);
    let wrap = match surface.material {
        Material::Skin | Material::Hand => SKIN_WRAP,
        _ => [0.1; 3],
    };
    let direct = wrap.map(|w| ((toward + w) / (1.0 + w)).max(0.0) * lit);
    let open = openness(surface);
    let around = mix(light.ground, light.sky, normal[1] * 0.5 + 0.5);
    // Light from behind shows at the edges.
    let edge = smooth(0.55, 0.0, normal[2]) * smooth(-0.3, 0.5, normal[1]);
    let all = add(times(light.color, direct), scale(around, open));
    let all = add(all, scale(light.rim, edge));
    add(
        times(paint.color, all),
        gloss(surface, paint.gloss, lit, light),
    )
}

/// Places inside the mouth see more when it opens than the neutral mesh knows.
fn openness(surface: &Surface) -> f32 {
    match surface.material {
        Material::Teeth | Material::Tongue => 0.75,
        Material::Eye => 0.8,
        Material::Gums => 0.5,
        _ => 0.15 + 0.85 * surface.openness,
    }
}

/// The highlight, after Blinn and Phong; sharp on eyes and glasses.
fn gloss(surface: &Surface, strength: f32, lit: f32, light: &Light) -> V3 {
    let half = unit(add(light.direction, [0.0, 0.0, 1.0]));
    let sharpness = match surface.material {
        Material::Eye | Material::Lens | Material::Teeth => 90.0,
        Material::Hair => 14.0,
        _ => 22.0,
    };
    let spot = dot(surface.normal, half).max(0.0).powf(sharpness);
    scale(light.color, 0.55 * strength * spot * lit)
}

/// Linear colors as they are seen: bright ones are compressed.
pub(crate) fn tone(color: V3, exposure: f32) -> V3 {
    color.map(|c| {
        let c = c * exposure;
        (c * (1.0 + c * 0.12) / (1.0 + 0.45 * c))
            .clamp(0.0, 1.0)
            .powf(1.0 / 2.2)
    })
}
