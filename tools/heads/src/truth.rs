//! What is known of a head: box and key points.

use crate::math::{V3, add, scale};
use crate::mesh::Mesh;
use crate::model::{EYES, FaceModel, center_of};
use crate::raster::Camera;

/// Score, box (center and size) and six key points, in the order and the shares of the picture that
/// the detector's training reads: right eye, left eye, nose, mouth, right ear, left ear.
pub(crate) const MARK: usize = 17;

/// Box and key points of a head.
pub(crate) struct Truth {
    pub(crate) mark: [f32; MARK],
}

/// Places on the neutral face.
const NOSE: V3 = [0.0, 0.1, 13.09];
const UPPER_LIP: V3 = [0.0, -2.9, 11.8];
const LOWER_LIP: V3 = [0.0, -3.8, 11.6];
const CHIN: V3 = [0.0, -7.98, 9.57];
const EARS: [V3; 2] = [[-7.3, 0.4, 1.4], [7.3, 0.4, 1.4]];
/// A box reaches from above the brows to the chin, and is as wide: so BlazeFace draws it.
const ABOVE_BROWS: f32 = 7.0;
/// How deep the center of a face is: half way from the ears to the tip of the nose, so that the box
/// of a profile has both.
const CENTER_DEPTH: f32 = 6.5;
/// From an eyeball's center to the lids.
const TO_LIDS: f32 = 1.5;

impl Truth {
    /// The truth of a face (without hair) before a camera whose picture has so many samples.
    pub(crate) fn of(model: &FaceModel, skin: &Mesh, camera: &Camera, samples: usize) -> Self {
        let vertex = |at: V3| skin.vertices[model.nearest_skin(at)];
        let seen = |p: V3| {
            let [x, y, _] = camera.project(camera.turn(p));
            [x / samples as f32, y / samples as f32]
        };
        let chin = vertex(CHIN)[1];
        let [x, y] = seen([0.0, (ABOVE_BROWS + chin) / 2.0, CENTER_DEPTH]);
        let side = camera.zoom * (ABOVE_BROWS - chin) / samples as f32;
        let mut mark = [1.0, x, y, side, side].into_iter();
        let mut points = key_points(model, skin).into_iter().flat_map(seen);
        Self {
            mark: std::array::from_fn(|_| mark.next().or_else(|| points.next()).unwrap_or(0.0)),
        }
    }
}

fn key_points(model: &FaceModel, skin: &Mesh) -> [V3; 6] {
    let vertex = |at: V3| skin.vertices[model.nearest_skin(at)];
    let lids = |i: usize| {
        let center = center_of(&skin.vertices, EYES[i].clone());
        add(center, [0.0, 0.0, TO_LIDS])
    };
    let mouth = scale(add(vertex(UPPER_LIP), vertex(LOWER_LIP)), 0.5);
    let [right, left] = EARS.map(vertex);
    [lids(1), lids(0), vertex(NOSE), mouth, right, left]
}
