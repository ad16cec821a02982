//! Meshes: what the rasterizer draws.

use crate::math::V3;
use crate::model::normals;

/// What a surface is made of; decides its color and where drawings have lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Material {
    Skin,
    MouthInside,
    Socket,
    Gums,
    Tongue,
    Teeth,
    Eye,
    Lashes,
    Hair,
    Beard,
    Cloth,
    Mask,
    Rim,
    Lens,
    Hand,
}

/// Three vertices, counterclockwise as seen from outside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Triangle {
    pub(crate) corners: [u32; 3],
    pub(crate) material: Material,
}

/// Vertices with normals and places at rest, and triangles.
pub(crate) struct Mesh {
    pub(crate) vertices: Vec<V3>,
    /// Where each vertex is on the neutral mean face: paint is defined there.
    pub(crate) rest: Vec<V3>,
    pub(crate) normals: Vec<V3>,
    /// How much of the sky each vertex sees.
    pub(crate) openness: Vec<f32>,
    pub(crate) triangles: Vec<Triangle>,
}

impl Mesh {
    pub(crate) fn new(vertices: Vec<V3>, rest: Vec<V3>, triangles: Vec<Triangle>) -> Self {
        Self {
            normals: normals(&vertices, &triangles),
            openness: vec![1.0; vertices.len()],
            vertices,
            rest,
            triangles,
        }
    }

    /// Adds another mesh; its vertices come last.
    pub(crate) fn join(&mut self, other: Self) {
        let first = self.vertices.len() as u32;
        self.vertices.extend(other.vertices);
        self.rest.extend(other.rest);
        self.normals.extend(other.normals);
        self.openness.extend(other.openness);
        let moved = other.triangles.into_iter().map(|t| Triangle {
            corners: t.corners.map(|c| c + first),
            ..t
        });
        self.triangles.extend(moved);
    }

    /// A grid of `columns × rows` points as a surface; `at` has the place of a point.
    pub(crate) fn grid(
        columns: usize,
        rows: usize,
        material: Material,
        at: impl Fn(f32, f32) -> V3,
    ) -> Self {
        let share = |i: usize, count: usize| i as f32 / (count - 1) as f32;
        let mut vertices = Vec::with_capacity(columns * rows);
        for j in 0..rows {
            for i in 0..columns {
                vertices.push(at(share(i, columns), share(j, rows)));
            }
        }
        let triangles = (0..(rows - 1) * (columns - 1)).flat_map(|cell| {
            let corner = (cell / (columns - 1) * columns + cell % (columns - 1)) as u32;
            let below = corner + columns as u32;
            [[corner, below, corner + 1], [corner + 1, below, below + 1]]
                .map(|corners| Triangle { corners, material })
        });
        let triangles = triangles.collect();
        Self::new(vertices.clone(), vertices, triangles)
    }

    /// A tube of this radius along a line; its ends are closed by narrowing.
    pub(crate) fn tube(line: &[V3], radius: f32, material: Material) -> Self {
        use crate::math::{add, cross, scale, sub, unit};
        let last = line.len() - 1;
        let at = |round: f32, along: f32| {
            let i = ((along * last as f32).round() as usize).min(last);
            let ahead = unit(sub(line[(i + 1).min(last)], line[i.saturating_sub(1)]));
            let side = unit(cross(ahead, [0.31, 0.47, 0.83]));
            let up = cross(side, ahead);
            let (sin, cos) = (round * std::f32::consts::TAU).sin_cos();
            let thick = if i == 0 || i == last { 0.3 } else { 1.0 };
            let out = add(scale(side, cos), scale(up, sin));
            add(line[i], scale(out, thick * radius))
        };
        Self::grid(9, line.len(), material, at)
    }

    /// An ellipsoid.
    pub(crate) fn ellipsoid(center: V3, radii: V3, material: Material) -> Self {
        Self::grid(15, 9, material, |round, down| {
            let (sin_round, cos_round) = (round * std::f32::consts::TAU).sin_cos();
            let (sin, cos) = (down * std::f32::consts::PI).sin_cos();
            let out = [sin * sin_round, cos, sin * cos_round];
            [0, 1, 2].map(|i| center[i] + radii[i] * out[i])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{dot, sub};

    #[test]
    fn an_ellipsoids_normals_point_outwards() {
        let center = [1.0, 2.0, 3.0];
        let mesh = Mesh::ellipsoid(center, [2.0, 3.0, 2.0], Material::Hair);
        let all = mesh.vertices.iter().zip(&mesh.normals);
        let outwards = all.filter(|(v, n)| dot(sub(**v, center), **n) > 0.0);
        // The first and the last vertex, at the poles, have triangles without an area alone.
        assert_eq!(outwards.count(), mesh.vertices.len() - 2);
    }

    #[test]
    fn joined_meshes_keep_their_triangles() {
        let line = [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 2.0, 0.0]];
        let mut mesh = Mesh::tube(&line, 0.5, Material::Rim);
        let count = mesh.triangles.len();
        mesh.join(Mesh::tube(&line, 0.5, Material::Hand));
        assert_eq!(mesh.triangles.len(), 2 * count);
        let last = mesh.triangles[2 * count - 1];
        assert!(
            last.corners
                .iter()
                .all(|c| *c as usize >= mesh.vertices.len() / 2)
        );
    }
}
