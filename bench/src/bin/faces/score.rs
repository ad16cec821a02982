//! Counting what was found, missed and made up.

use crate::truth::{Marked, Picture};
use moue::{BoundingBox, Face};

/// Boxes that overlap by more than this (intersection over union) show the same face. It is below
/// the usual 0.5, as the marks and each detector draw boxes by rules of their own.
pub(crate) const SAME_FACE_IOU: f32 = 0.4;

/// A box on a face and an area to ignore are about the same from here on; areas are drawn roughly.
const SAME_AREA_IOU: f32 = 0.2;

/// The faces that score at least `threshold`.
pub(crate) fn above(faces: &[Face], threshold: f32) -> Vec<Face> {
    let faces = faces.iter().filter(|f| f.score >= threshold);
    faces.cloned().collect()
}

/// Counts over many pictures.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Score {
    pub(crate) found: usize,
    pub(crate) all: usize,
    pub(crate) wrong: usize,
}

impl Score {
    pub(crate) fn recall(&self) -> f32 {
        self.found as f32 / self.all.max(1) as f32
    }

    pub(crate) fn precision(&self) -> f32 {
        self.found as f32 / (self.found + self.wrong).max(1) as f32
    }

    pub(crate) fn add(&mut self, other: Score) {
        self.found += other.found;
        self.all += other.all;
        self.wrong += other.wrong;
    }
}

/// The detection of each marked face, each detection for one face only, the surest first; and which
/// are of none.
pub(crate) fn pairs<'a>(
    picture: &Picture,
    faces: &'a [Face],
) -> (Vec<Option<&'a Face>>, Vec<&'a Face>) {
    let mut paired: Vec<Option<&Face>> = vec![None; picture.faces.len()];
    let mut wrong = Vec::new();
    let mut sorted: Vec<&Face> = faces.iter().collect();
    // The surest first, so that a second box on the same face is the one that counts as wrong.
    sorted.sort_by(|a, b| b.score.total_cmp(&a.score));
    for face in sorted {
        let overlap = |i: &usize| picture.faces[*i].bounding_box().iou(&face.bounding_box);
        let free = (0..paired.len()).filter(|i| paired[*i].is_none());
        match free
            .filter(|i| overlap(i) > SAME_FACE_IOU)
            .max_by(|a, b| overlap(a).total_cmp(&overlap(b)))
        {
            Some(i) => paired[i] = Some(face),
            None if picture.ignored.iter().any(|area| inside(face, area)) => {}
            None => wrong.push(face),
        }
    }
    (paired, wrong)
}

/// Whether the middle of a face lies in an area, or the two are about the same.
fn inside(face: &Face, area: &BoundingBox) -> bool {
    let [x, y] = face.bounding_box.center();
    let within = |v: f32, start: f32, length: f32| (start..start + length).contains(&v);
    (within(x, area.xmin, area.width) && within(y, area.ymin, area.height))
        || face.bounding_box.iou(area) > SAME_AREA_IOU
}

/// Counts those faces of a picture that `counts` chooses; what is wrong is counted in any case.
pub(crate) fn score(picture: &Picture, faces: &[Face], counts: impl Fn(&Marked) -> bool) -> Score {
    let (paired, wrong) = pairs(picture, faces);
    let chosen: Vec<_> = picture
        .faces
        .iter()
        .zip(paired)
        .filter(|(face, _)| counts(face))
        .collect();
    Score {
        found: chosen.iter().filter(|(_, p)| p.is_some()).count(),
        all: chosen.len(),
        wrong: wrong.len(),
    }
}

/// Mean distance of eyes, nose and mouth from where they are, in distances of the eyes; pixels are
/// `size`.
pub(crate) fn points_apart(truth: &[[f32; 2]], found: &Face, size: [f32; 2]) -> f32 {
    let apart = |a: [f32; 2], b: [f32; 2]| ((a[0] - b[0]) * size[0]).hypot((a[1] - b[1]) * size[1]);
    let eyes = apart(truth[0], truth[1]).max(1e-6);
    let points = found.key_points.iter().flatten();
    truth
        .iter()
        .zip(points)
        .take(4)
        .map(|(a, b)| apart(*a, *b))
        .sum::<f32>()
        / 4.0
        / eyes
}
