//! The ICT face model (ICT-VGL/ICT-FaceKit, MIT): identities and expressions of one mesh.

use crate::expression::Expression;
use crate::math::{V3, add, bell, cross, length, scale, sub, unit};
use crate::mesh::{Material, Mesh, Triangle};
use crate::npz::{self, Array};
use anyhow::{Context, Result, ensure};
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use zip::ZipArchive;

/// Shapes of identity in the file.
pub(crate) const IDENTITIES: usize = 100;
/// Vertices of the skin: face, then head and neck.
pub(crate) const SKIN: Range<usize> = 0..11248;
const MOUTH_SOCKET: Range<usize> = 11248..13294;
const EYE_SOCKETS: Range<usize> = 13294..14062;
const GUMS: Range<usize> = 14062..16562;
/// A part of the mesh "gums and tongue".
pub(crate) const TONGUE: Range<usize> = 16562..17039;
const TEETH: Range<usize> = 17039..21451;
/// The outer shells of the eyeballs, on which the iris is painted: left, right. The inner shells,
/// the irises and the film of tears are left out.
pub(crate) const EYES: [Range<usize>; 2] = [21451..22221, 23021..23791];
const LASHES: Range<usize> = 25351..26719;
/// Centers of the eyeballs of the neutral mesh: left, right.
pub(crate) const EYE_CENTERS: [V3; 2] = [[3.094, 3.614, 7.995], [-3.094, 3.614, 7.995]];
/// An expression shape moves a vertex by more than this, in units of about 7 mm.
const LEAST_MOVE: f32 = 1e-4;

/// Offsets of the vertices that an expression moves.
struct Shape {
    name: String,
    moves: Vec<(u32, V3)>,
}

/// The model: a mesh that identity and expression deform.
pub(crate) struct FaceModel {
    pub(crate) neutral: Vec<V3>,
    identity: Vec<f32>,
    shapes: Vec<Shape>,
    /// Triangles of what is drawn, with their material.
    pub(crate) triangles: Vec<Triangle>,
    /// How much of the sky each vertex of the neutral mesh sees, from 0 to 1.
    pub(crate) openness: Vec<f32>,
}

impl FaceModel {
    /// Reads `ict_facekit.npz`.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        let mut archive = ZipArchive::new(file)
            .with_context(|| format!("{} is not an .npz file", path.display()))?;
        let neutral = points(&npz::read(&mut archive, "neutral")?)?;
        ensure!(
            neutral.len() == LASHES.end,
            "another mesh than ICT FaceKit's"
        );
        let identity = npz::read(&mut archive, "identity")?;
        ensure!(
            identity.shape == [IDENTITIES, neutral.len(), 3],
            "another number of identities"
        );
        let mut model = Self {
            identity: identity.floats()?,
            shapes: shapes(&mut archive, neutral.len())?,
            triangles: triangles(&npz::read(&mut archive, "triangles")?, neutral.len())?,
            openness: vec![1.0; neutral.len()],
            neutral,
        };
        model.openness = crate::shadow::openness(&model.mesh(model.neutral.clone()));
        Ok(model)
    }

    /// The neutral face of a person with these weights of the identity shapes.
    pub(crate) fn person(&self, weights: &[f32; IDENTITIES]) -> Vec<V3> {
        let mut face = self.neutral.clone();
        let values = face.as_flattened_mut();
        for (weight, offsets) in weights.iter().zip(self.identity.chunks(values.len())) {
            for (value, offset) in values.iter_mut().zip(offsets) {
                *value += weight * offset;
            }
        }
        face
    }

    /// Moves the vertices of a face into an expression; gaze and tongue too.
    pub(crate) fn express(&self, face: &mut [V3], expression: &Expression) {
        for shape in &self.shapes {
            let value = expression.shape_value(&shape.name);
            if value != 0.0 {
                for (vertex, offset) in &shape.moves {
                    let at = &mut face[*vertex as usize];
                    *at = add(*at, scale(*offset, value));
                }
            }
        }
        turn_eyes(face, expression);
        put_out_tongue(face, expression.value("tongueOut"));
    }

    /// A mesh of these vertices, with the normals of the deformed surface.
    pub(crate) fn mesh(&self, vertices: Vec<V3>) -> Mesh {
        let mut mesh = Mesh::new(vertices, self.neutral.clone(), self.triangles.clone());
        mesh.openness.clone_from(&self.openness);
        mesh
    }

    /// The vertex of the neutral skin that is nearest to a point.
    pub(crate) fn nearest_skin(&self, point: V3) -> usize {
        let distance = |i: &usize| length(sub(self.neutral[*i], point));
        SKIN.min_by(|a, b| distance(a).total_cmp(&distance(b)))
            .unwrap_or(0)
    }
}

fn points(array: &Array) -> Result<Vec<V3>> {
    Ok(array.floats()?.as_chunks::<3>().0.to_vec())
}

fn shapes(archive: &mut ZipArchive<File>, vertices: usize) -> Result<Vec<Shape>> {
    let names = npz::read(archive, "expression_names")?.texts()?;
    let offsets = points(&npz::read(archive, "expression")?)?;
    ensure!(
        offsets.len() == names.len() * vertices,
        "names and expressions differ in number"
    );
    let moves = |offsets: &[V3]| {
        let all = (0..).zip(offsets.iter().copied());
        all.filter(|(_, offset)| length(*offset) > LEAST_MOVE)
            .collect()
    };
    let all = names.into_iter().zip(offsets.chunks(vertices));
    Ok(all
        .map(|(name, offsets)| Shape {
            name,
            moves: moves(offsets),
        })
        .collect())
}

fn triangles(array: &Array, vertices: usize) -> Result<Vec<Triangle>> {
    let corners = array.indices()?;
    ensure!(
        corners.iter().all(|c| (*c as usize) < vertices),
        "a triangle of vertices that are not there"
    );
    let all = corners.as_chunks::<3>().0.iter();
    Ok(all
        .filter_map(|corners| {
            let material = material_of(corners)?;
            Some(Triangle {
                corners: *corners,
                material,
            })
        })
        .collect())
}

fn material_of(corners: &[u32; 3]) -> Option<Material> {
    let last = corners.iter().copied().max()? as usize;
    let kinds = [
        (SKIN, Material::Skin),
        (MOUTH_SOCKET, Material::MouthInside),
        (EYE_SOCKETS, Material::Socket),
        (GUMS, Material::Gums),
        (TONGUE, Material::Tongue),
        (TEETH, Material::Teeth),
        (EYES[0].clone(), Material::Eye),
        (EYES[1].clone(), Material::Eye),
        (LASHES, Material::Lashes),
    ];
    let found = kinds.into_iter().find(|(range, _)| range.contains(&last));
    found.map(|(_, material)| material)
}

/// The mean of some vertices.
pub(crate) fn center_of(face: &[V3], range: Range<usize>) -> V3 {
    let count = range.len() as f32;
    let sum = face[range].iter().fold([0.0; 3], |sum, p| add(sum, *p));
    scale(sum, 1.0 / count)
}

/// Turns the eyeballs; the shapes of gaze move the lids alone.
fn turn_eyes(face: &mut [V3], expression: &Expression) {
    // Degrees that an eye turns at a value of 1.
    const ACROSS: f32 = 32.0;
    const ALONG: f32 = 24.0;
    let value = |name: &str| expression.value(name);
    // To the subject's left, which is +x.
    let left = value("eyeLookOutLeft") - value("eyeLookInLeft");
    let right = value("eyeLookInRight") - value("eyeLookOutRight");
    let up = ["Left", "Right"]
        .map(|side| value(&format!("eyeLookUp{side}")) - value(&format!("eyeLookDown{side}")));
    for ((eye, across), up) in EYES.into_iter().zip([left, right]).zip(up) {
        let center = center_of(face, eye.clone());
        let turn = crate::math::rotation(
            (across * ACROSS).to_radians(),
            (up * ALONG).to_radians(),
            0.0,
        );
        for vertex in &mut face[eye] {
            *vertex = add(center, crate::math::rotate(&turn, sub(*vertex, center)));
        }
    }
}

/// Draws the tongue out of the mouth, over the lower lip; the model has no shape for it.
fn put_out_tongue(face: &mut [V3], value: f32) {
    if value <= 0.0 {
        return;
    }
    let tip = face[TONGUE].iter().fold(f32::MIN, |z, p| z.max(p[2]));
    let root = tip - 5.5;
    for vertex in &mut face[TONGUE] {
        let along = ((vertex[2] - root) / (tip - root)).clamp(0.0, 1.0);
        let out = along * along * value;
        vertex[2] += 3.6 * out;
        // Level to the lip, then down over it.
        vertex[1] += 0.7 * value * along - 2.4 * (out - 0.45).max(0.0);
        vertex[0] *= 1.0 + 0.25 * out;
    }
}

/// Enlarges the eyes, as drawings have them; `by` is 1 for no change.
pub(crate) fn enlarge_eyes(face: &mut [V3], by: f32) {
    for eye in EYES {
        let center = center_of(face, eye);
        for vertex in face.iter_mut() {
            let offset = sub(*vertex, center);
            // The width reaches the brows, so that they make room.
            let weight = bell(length([offset[0], offset[1], 0.3 * offset[2]]), 2.0);
            let more = 1.0 + (by - 1.0) * weight;
            vertex[0] = center[0] + offset[0] * more;
            vertex[1] = center[1] + offset[1] * more;
        }
    }
}

/// Normals of vertices: means of the triangles around, weighted by their areas.
pub(crate) fn normals(vertices: &[V3], triangles: &[Triangle]) -> Vec<V3> {
    let mut sums = vec![[0.0; 3]; vertices.len()];
    for triangle in triangles {
        let [a, b, c] = triangle.corners.map(|i| vertices[i as usize]);
        let normal = cross(sub(b, a), sub(c, a));
        for corner in triangle.corners {
            let sum = &mut sums[corner as usize];
            *sum = add(*sum, normal);
        }
    }
    sums.into_iter().map(unit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triangles_have_the_material_of_their_part() {
        assert_eq!(material_of(&[0, 5, 11247]), Some(Material::Skin));
        assert_eq!(
            material_of(&[11000, 11248, 11249]),
            Some(Material::MouthInside)
        );
        assert_eq!(material_of(&[16562, 16563, 16564]), Some(Material::Tongue));
        assert_eq!(
            material_of(&[22300, 22301, 22302]),
            None,
            "irises are painted"
        );
    }

    #[test]
    fn a_tongue_comes_out_by_its_tip() {
        let mut face = vec![[0.0, -3.0, 0.0]; LASHES.end];
        for (i, vertex) in face[TONGUE].iter_mut().enumerate() {
            vertex[2] = 4.0 + 5.0 * i as f32 / TONGUE.len() as f32;
        }
        let before = face.clone();
        put_out_tongue(&mut face, 1.0);
        let moved = |i: usize| face[i][2] - before[i][2];
        assert!(moved(TONGUE.end - 1) > 3.0 && moved(TONGUE.start) < 0.1);
        assert_eq!(moved(0), 0.0);
    }
}
