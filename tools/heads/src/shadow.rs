//! Shadows: a depth map from the light, and from many directions the openness to the sky.

use crate::math::{V3, add, cross, dot, scale, unit};
use crate::mesh::{Mesh, Triangle};
use crate::raster::Hits;

/// Samples along a side of a shadow map, and of the maps of openness.
const SIDE: usize = 160;
/// A head with hair fits into a cube of this half side.
const REACH: f32 = 24.0;
/// What lies deeper than this below what the light sees is in shadow, in the model's units; less
/// and surfaces shade themselves, more and the nose has no shadow.
const BIAS: f32 = 0.35;
/// How far above the surface light is measured: nearly two samples.
const ABOVE: f32 = 0.5;
/// Directions of the sky.
const DIRECTIONS: usize = 48;

/// What a distant light sees.
pub(crate) struct ShadowMap {
    axes: [V3; 3],
    hits: Hits,
}

impl ShadowMap {
    /// A map of points lit from a direction (of unit length, towards the light).
    pub(crate) fn new(places: &[V3], triangles: &[Triangle], light: V3) -> Self {
        let across = unit(cross(light, [0.13, 0.97, 0.21]));
        let axes = [across, cross(light, across), light];
        let points: Vec<V3> = places.iter().map(|p| on_map(&axes, *p)).collect();
        Self {
            hits: Hits::draw(&points, triangles, SIDE),
            axes,
        }
    }

    /// How much of the light reaches a place, from 0 to 1: the mean of nine samples around.
    pub(crate) fn light_at(&self, place: V3, normal: V3) -> f32 {
        // A little above the surface, so that one that the light grazes does not shade itself.
        let [x, y, depth] = on_map(&self.axes, add(place, scale(normal, ABOVE)));
        let clear = |dx: i32, dy: i32| {
            let sample = |v: f32, by: i32| (v as i32 + by).clamp(0, SIDE as i32 - 1) as usize;
            f32::from(u8::from(
                self.hits.depth(sample(x, dx), sample(y, dy)) < depth + BIAS,
            ))
        };
        let around = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (dx, dy)));
        around.map(|(dx, dy)| clear(dx, dy)).sum::<f32>() / 9.0
    }
}

fn on_map(axes: &[V3; 3], place: V3) -> V3 {
    let to_map = |v: f32| (v / REACH + 1.0) * 0.5 * SIDE as f32;
    // Turned by half a circle, so that triangles keep their orientation though y points down.
    [
        to_map(-dot(axes[0], place)),
        to_map(dot(axes[1], place)),
        dot(axes[2], place),
    ]
}

/// How much of the sky each vertex of a mesh sees (ambient occlusion).
pub(crate) fn openness(mesh: &Mesh) -> Vec<f32> {
    let mut seen = vec![0.0; mesh.vertices.len()];
    let mut sky = vec![0.0; mesh.vertices.len()];
    for index in 0..DIRECTIONS {
        let direction = spiral(index);
        let map = ShadowMap::new(&mesh.vertices, &mesh.triangles, direction);
        for (i, (place, normal)) in mesh.vertices.iter().zip(&mesh.normals).enumerate() {
            let weight = dot(*normal, direction).max(0.0);
            sky[i] += weight;
            seen[i] += weight * map.light_at(*place, *normal);
        }
    }
    let share = seen
        .iter()
        .zip(&sky)
        .map(|(s, all)| s / f32::max(*all, 1e-6));
    share.collect()
}

/// Directions evenly over a sphere: a Fibonacci spiral.
fn spiral(index: usize) -> V3 {
    let y = 1.0 - 2.0 * (index as f32 + 0.5) / DIRECTIONS as f32;
    let turn = index as f32 * 2.399_963;
    let around = (1.0 - y * y).sqrt();
    [around * turn.cos(), y, around * turn.sin()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::Material;

    #[test]
    fn what_is_behind_another_is_in_shadow() {
        let mut mesh = Mesh::ellipsoid([0.0, 0.0, 6.0], [4.0; 3], Material::Skin);
        mesh.join(Mesh::ellipsoid([0.0, 0.0, -6.0], [4.0; 3], Material::Skin));
        let up = [0.0, 0.0, 1.0];
        let map = ShadowMap::new(&mesh.vertices, &mesh.triangles, up);
        assert!(map.light_at([0.0, 0.0, 10.0], up) > 0.9, "before both");
        assert!(map.light_at([0.0, 0.0, -2.0], up) < 0.1, "behind the first");
        assert!(map.light_at([9.0, 0.0, -2.0], up) > 0.9, "beside both");
    }

    #[test]
    fn a_lone_ball_sees_all_of_its_sky() {
        let ball = Mesh::ellipsoid([0.0; 3], [5.0; 3], Material::Skin);
        let open = openness(&ball);
        let mean = open.iter().sum::<f32>() / open.len() as f32;
        assert!(mean > 0.8, "{mean}");
    }
}
