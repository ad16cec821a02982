//! The camera and the rasterizer: which triangle each sample of the picture sees.

use crate::math::{Rotation, V3, add, dot, mix, rotate, scale, sub, unit};
use crate::mesh::{Material, Mesh, Triangle};

/// Marks a sample that sees no triangle.
const NONE: u32 = u32::MAX;

/// Where a head is before the camera.
#[derive(Clone)]
pub(crate) struct Camera {
    pub(crate) rotation: Rotation,
    /// The head turns around this point, which is at `center` of the picture.
    pub(crate) pivot: V3,
    /// From the camera to the pivot, in the model's units.
    pub(crate) distance: f32,
    /// Samples for a unit of length at the pivot.
    pub(crate) zoom: f32,
    pub(crate) center: [f32; 2],
}

impl Camera {
    /// Into the camera's space: x to the right, y up, z towards the camera, the pivot at 0.
    pub(crate) fn turn(&self, point: V3) -> V3 {
        rotate(&self.rotation, sub(point, self.pivot))
    }

    /// Where a point of the camera's space is seen: x and y in samples, and how near it is.
    pub(crate) fn project(&self, [x, y, z]: V3) -> V3 {
        // A point behind the camera is put before it; no head comes that close.
        let near = self.distance / (self.distance - z).max(1.0);
        [
            self.center[0] + self.zoom * near * x,
            self.center[1] - self.zoom * near * y,
            near,
        ]
    }
}

/// The nearest triangle at each sample of a square.
pub(crate) struct Hits {
    pub(crate) size: usize,
    triangle: Vec<u32>,
    depth: Vec<f32>,
}

impl Hits {
    /// Draws triangles whose corners are at `points` (x, y in samples; larger third values are
    /// nearer). Both sides of a triangle are seen.
    pub(crate) fn draw(points: &[V3], triangles: &[Triangle], size: usize) -> Self {
        let mut hits = Self {
            size,
            triangle: vec![NONE; size * size],
            depth: vec![f32::MIN; size * size],
        };
        for (index, triangle) in (0..).zip(triangles) {
            let corners = triangle.corners.map(|c| points[c as usize]);
            // The back of what is closed is never seen.
            if is_open(triangle.material) || area(corners) < 0.0 {
                hits.fill(index, corners);
            }
        }
        hits
    }

    /// How near the nearest triangle is at a sample; the smallest number where there is none.
    pub(crate) fn depth(&self, x: usize, y: usize) -> f32 {
        self.depth[y * self.size + x]
    }

    fn fill(&mut self, index: u32, corners: [V3; 3]) {
        let Some([columns, rows]) = self.bounds(corners) else {
            return;
        };
        let whole = area(corners);
        if whole.abs() < 1e-6 {
            return;
        }
        for y in rows {
            for x in columns.clone() {
                let weights = weights(corners, whole, x, y);
                if weights.iter().all(|w| *w >= 0.0) {
                    let depth = dot(weights, corners.map(|c| c[2]));
                    let at = y * self.size + x;
                    if depth > self.depth[at] {
                        self.depth[at] = depth;
                        self.triangle[at] = index;
                    }
                }
            }
        }
    }

    fn bounds(&self, corners: [V3; 3]) -> Option<[std::ops::Range<usize>; 2]> {
        let limit = self.size as f32;
        let range = |axis: usize| {
            let values = corners.map(|c| c[axis]);
            let low = values.into_iter().fold(f32::MAX, f32::min) - 0.5;
            let high = values.into_iter().fold(f32::MIN, f32::max) + 0.5;
            (high > 0.0 && low < limit)
                .then(|| low.max(0.0) as usize..high.min(limit).ceil() as usize)
        };
        Some([range(0)?, range(1)?])
    }
}

/// What has no inside, so that both of its sides are seen.
fn is_open(material: Material) -> bool {
    matches!(
        material,
        Material::Hair
            | Material::Cloth
            | Material::Mask
            | Material::Lens
            | Material::Rim
            | Material::Lashes
    )
}

/// Twice the signed area; negative is counterclockwise as it is seen, since y points down.
fn area([a, b, c]: [V3; 3]) -> f32 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

/// The barycentric coordinates of a sample's center.
fn weights([a, b, c]: [V3; 3], whole: f32, x: usize, y: usize) -> V3 {
    let p = [x as f32 + 0.5, y as f32 + 0.5, 0.0];
    let to_a = area([p, b, c]) / whole;
    let to_b = area([a, p, c]) / whole;
    [to_a, to_b, 1.0 - to_a - to_b]
}

/// What a sample of the picture sees.
#[derive(Clone, Copy)]
pub(crate) struct Surface {
    pub(crate) material: Material,
    /// The place on the neutral mean face, where paint is defined.
    pub(crate) rest: V3,
    /// Place and normal in the camera's space.
    pub(crate) place: V3,
    pub(crate) normal: V3,
    /// How much of the sky the place sees, from 0 to 1.
    pub(crate) openness: f32,
}

/// A mesh before a camera, rasterized.
pub(crate) struct View {
    pub(crate) size: usize,
    pub(crate) surfaces: Vec<Option<Surface>>,
    /// The vertices in the camera's space.
    pub(crate) places: Vec<V3>,
}

impl View {
    pub(crate) fn new(mesh: &Mesh, camera: &Camera, size: usize) -> Self {
        let places: Vec<V3> = mesh.vertices.iter().map(|p| camera.turn(*p)).collect();
        let points: Vec<V3> = places.iter().map(|p| camera.project(*p)).collect();
        let hits = Hits::draw(&points, &mesh.triangles, size);
        let surface = |at: usize| {
            let triangle = mesh.triangles.get(hits.triangle[at] as usize)?;
            let corners = triangle.corners.map(|c| points[c as usize]);
            let weights = weights(corners, area(corners), at % size, at / size);
            Some(seen(mesh, triangle, weights, &places, &camera.rotation))
        };
        let surfaces = (0..size * size).map(surface).collect();
        Self {
            size,
            surfaces,
            places,
        }
    }

    pub(crate) fn at(&self, x: usize, y: usize) -> Option<&Surface> {
        self.surfaces[y * self.size + x].as_ref()
    }
}

/// The surface at a place of a triangle, by its barycentric coordinates.
fn seen(
    mesh: &Mesh,
    triangle: &Triangle,
    weights: V3,
    places: &[V3],
    rotation: &Rotation,
) -> Surface {
    let blend = |values: &[V3]| {
        let [a, b, c] = triangle.corners.map(|c| values[c as usize]);
        let ab = add(scale(a, weights[0]), scale(b, weights[1]));
        add(ab, scale(c, weights[2]))
    };
    let normal = unit(rotate(rotation, blend(&mesh.normals)));
    // A surface that is seen from behind has its normal on the other side.
    let is_behind = is_open(triangle.material) && normal[2] < 0.0;
    Surface {
        material: triangle.material,
        rest: blend(&mesh.rest),
        place: blend(places),
        normal: scale(normal, if is_behind { -1.0 } else { 1.0 }),
        openness: dot(weights, triangle.corners.map(|c| mesh.openness[c as usize])),
    }
}

/// A picture of linear colors, or of any other three numbers.
#[derive(Clone)]
pub(crate) struct Picture {
    pub(crate) size: usize,
    pub(crate) pixels: Vec<V3>,
}

impl Picture {
    pub(crate) fn new(size: usize, at: impl Fn(usize, usize) -> V3) -> Self {
        Self {
            size,
            pixels: (0..size * size).map(|i| at(i % size, i / size)).collect(),
        }
    }

    pub(crate) fn at(&self, x: usize, y: usize) -> V3 {
        self.pixels[y * self.size + x]
    }

    /// The means of squares, as a picture of this size; which is not larger.
    pub(crate) fn reduced(&self, size: usize) -> Self {
        let edge = |i: usize| i * self.size / size;
        Self::new(size, |x, y| {
            let mut sum = [0.0; 3];
            let mut count = 0.0;
            for row in edge(y)..edge(y + 1).max(edge(y) + 1) {
                for column in edge(x)..edge(x + 1).max(edge(x) + 1) {
                    sum = add(sum, self.at(column, row));
                    count += 1.0;
                }
            }
            scale(sum, 1.0 / count)
        })
    }

    /// The same picture at another size, each pixel repeated.
    pub(crate) fn enlarged(&self, size: usize) -> Self {
        Self::new(size, |x, y| {
            self.at(x * self.size / size, y * self.size / size)
        })
    }

    /// Puts another picture over this one where the cover (one number a pixel) is 1.
    pub(crate) fn covered(&self, over: &Self, cover: &[f32]) -> Self {
        let both = self.pixels.iter().zip(&over.pixels).zip(cover);
        Self {
            size: self.size,
            pixels: both
                .map(|((under, over), c)| mix(*under, *over, *c))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn triangle(material: Material) -> [Triangle; 1] {
        [Triangle {
            corners: [0, 1, 2],
            material,
        }]
    }

    #[test]
    fn the_nearer_triangle_is_seen_and_the_back_is_not() {
        let points = [[0.0, 9.0, 1.0], [9.0, 9.0, 1.0], [0.0, 0.0, 1.0]];
        let hits = Hits::draw(&points, &triangle(Material::Skin), 10);
        assert_eq!(hits.triangle[7 * 10 + 2], 0);
        assert_eq!(hits.triangle[2 * 10 + 7], NONE);
        let back = [points[1], points[0], points[2]];
        let hits = Hits::draw(&back, &triangle(Material::Skin), 10);
        assert!(hits.triangle.iter().all(|t| *t == NONE));
        let hits = Hits::draw(&back, &triangle(Material::Hair), 10);
        assert_eq!(hits.triangle[7 * 10 + 2], 0);
    }

    #[test]
    fn what_is_left_of_the_subject_is_right_in_the_picture() {
        let camera = Camera {
            rotation: crate::math::rotation(0.0, 0.0, 0.0),
            pivot: [0.0; 3],
            distance: 50.0,
            zoom: 2.0,
            center: [50.0, 50.0],
        };
        let at = camera.project(camera.turn([3.0, 2.0, 0.0]));
        assert_eq!(at, [56.0, 46.0, 1.0]);
    }

    #[test]
    fn reducing_keeps_the_mean() {
        let picture = Picture::new(8, |x, y| [x as f32, y as f32, 1.0]);
        let small = picture.reduced(2);
        assert_eq!(small.at(0, 1), [1.5, 5.5, 1.0]);
        assert_eq!(small.enlarged(8).at(3, 7), [1.5, 5.5, 1.0]);
    }
}
