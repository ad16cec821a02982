//! The second stage of detection: a proposed face is scored and located again in a leveled
//! close-up.

use super::decode::sigmoid;
use super::face::Face;
use super::nms::weighted_suppression;
use super::proposals::ProposalNetwork;
use super::pyramid::Pyramid;
use super::refine::{Asymmetry, Refiner};
use super::thresholds::COMPILED;
use super::view::View;
use crate::network::NetworkError;
use std::ops::Range;

// The thresholds below were chosen by hand on the marked pictures of the model card, whose halves
// lead to about the same choice.

/// A refined box that overlaps the proposed one by less (intersection over union) is another face.
const MIN_REFINED_IOU: f32 = 0.3;
/// Side of the second run's close-up, in widths of the face. It is a little smaller than the first
/// one: the face's place is known by then, so less room is needed around it and the face has more
/// pixels.
pub(super) const SECOND_CROP: f32 = 0.92 * Refiner::CROP_WIDTHS;
/// The same in thorough detection, whose proposals are better placed: they are the mean of those of
/// several views. In live detection it costs a hundredth of precision.
const THOROUGH_SECOND_CROP: f32 = 0.85 * Refiner::CROP_WIDTHS;
/// Side of a close-up, in widths of the face, if the detector's own network scores it. That network
/// was trained on faces that fill a smaller part of its input than the second network's do.
const OWN_CROP_WIDTHS: f32 = 2.5;
/// A candidate of the detector's own network in such a close-up counts from this score on.
const MIN_OWN_SCORE: f32 = 0.3;
/// If this share of a face's box lies inside the box of a more certain face, it is a part of that
/// face: eyes and mouths sometimes resemble small faces.
pub(super) const MAX_INSIDE_SHARE: f32 = 0.6;

/// A face whose score is in this range after two close-ups is looked at twice more, turned a little either
/// way (test-time augmentation). With two close-ups alone thorough detection finds 0.925 of the marked faces
/// at the same precision, with the mean of four 0.940. Scores outside of this range seldom cross the
/// threshold: from 0.5 to 0.95 no more faces are found, and a folder of pictures takes a twentieth longer.
const DOUBTFUL: Range<f32> = 0.7..0.9;
/// Side of those close-ups, in widths of the face.
const TURNED_CROP: f32 = 0.9 * Refiner::CROP_WIDTHS;
/// Cosine and sine of the angle by which they are turned, 0.12 or 7°. As numbers, since the functions'
/// last digits differ between mathematical libraries.
const TURN: [f32; 2] = [0.992_808_6, 0.119_712_2];

/// How a proposal is refined.
pub(super) struct Steps {
    /// Runs of the second network, at least one, each on the place that the one before returned.
    pub(super) runs: usize,
    /// A face with a lower score in the first run is dropped, 0 to 1.
    pub(super) min_first_score: f32,
    /// Side of the close-up of all runs but the first, in widths of the face.
    pub(super) next_crop: f32,
}

const THOROUGH: Steps = Steps {
    runs: 2,
    min_first_score: COMPILED.thorough.min_first_score,
    next_crop: THOROUGH_SECOND_CROP,
};

/// The same face, scored and located again in a leveled close-up; `None` if there is none.
pub(super) fn refine(
    proposals: &mut ProposalNetwork,
    refiner: Option<&mut Refiner>,
    picture: &Pyramid<'_>,
    face: &Face,
) -> Result<Option<Face>, NetworkError> {
    match refiner {
        // The second time with the mirror image.
        Some(refiner) => {
            match refine_repeatedly(refiner, &THOROUGH, picture, face, Refiner::run_mirrored)? {
                Some(face) if DOUBTFUL.contains(&face.score) => {
                    Ok(Some(with_turned(refiner, picture, face)?))
                }
                other => Ok(other),
            }
        }
        None => refine_with_proposals(proposals, picture, face),
    }
}

/// A face of the frame before in the next one: one step of the second network on the place where it was.
/// `None` if it is gone.
pub(super) fn follow(
    proposals: &mut ProposalNetwork,
    refiner: Option<&mut Refiner>,
    picture: &Pyramid<'_>,
    face: &Face,
    asymmetry: &mut Asymmetry,
) -> Result<Option<Face>, NetworkError> {
    match refiner {
        Some(refiner) => run(refiner, picture, face, SECOND_CROP, |refiner, crop| {
            refiner.run_tracked(crop, asymmetry)
        }),
        None => refine_with_proposals(proposals, picture, face),
    }
}

/// The face after all `steps`; `again` is what all runs but the first are. The score is the mean of
/// theirs as logits: two crops differ in their errors, and with the mean fewer boxes are wrong than with
/// the last one's alone. In thorough detection with the thresholds of an earlier version the last one
/// alone found 0.895 of the marked faces at a precision of 0.937, the mean 0.905 at 0.948.
pub(super) fn refine_repeatedly(
    refiner: &mut Refiner,
    steps: &Steps,
    picture: &Pyramid<'_>,
    proposal: &Face,
    again: impl Fn(&mut Refiner, &[u8]) -> Result<Face, NetworkError>,
) -> Result<Option<Face>, NetworkError> {
    let first = run(
        refiner,
        picture,
        proposal,
        Refiner::CROP_WIDTHS,
        Refiner::run,
    )?;
    let Some(mut face) = first.filter(|face| face.score >= steps.min_first_score) else {
        return Ok(None);
    };
    let runs = steps.runs.max(1);
    let mut logits = logit(face.score);
    for _ in 1..runs {
        match run(refiner, picture, &face, steps.next_crop, &again)? {
            Some(next) => face = next,
            None => return Ok(None),
        }
        logits += logit(face.score);
    }
    face.score = sigmoid(logits / runs as f32);
    Ok(Some(face))
}

/// The face with the mean score, as logits, of the two close-ups that were made and of two turned ones.
fn with_turned(
    refiner: &mut Refiner,
    picture: &Pyramid<'_>,
    face: Face,
) -> Result<Face, NetworkError> {
    let Some(view) = View::close_up(picture.frame(), &face, TURNED_CROP) else {
        return Ok(face);
    };
    let [cosine, sine] = TURN;
    let size = refiner.input_size();
    let crop = |turn| picture.crop(&view.turned_by(turn), size);
    let one = refiner.run(&crop([cosine, sine]))?;
    let other = refiner.run_mirrored(&crop([cosine, -sine]))?;
    let logits = 2.0 * logit(face.score) + logit(one.score) + logit(other.score);
    Ok(Face {
        score: sigmoid(logits / 4.0),
        ..face
    })
}

/// The face in a close-up, `widths` of its widths large, as `network` sees it; `None` if that is
/// another one.
fn run(
    refiner: &mut Refiner,
    picture: &Pyramid<'_>,
    face: &Face,
    widths: f32,
    network: impl FnOnce(&mut Refiner, &[u8]) -> Result<Face, NetworkError>,
) -> Result<Option<Face>, NetworkError> {
    let Some(view) = View::close_up(picture.frame(), face, widths) else {
        return Ok(None);
    };
    let crop = picture.crop(&view, refiner.input_size());
    let refined = view.restore(&network(refiner, &crop)?, picture.frame());
    Ok(overlapping(face, refined))
}

/// `refined`, if it shows the same face as `face`.
fn overlapping(face: &Face, refined: Face) -> Option<Face> {
    let overlap = refined.bounding_box.iou(&face.bounding_box);
    (overlap > MIN_REFINED_IOU).then_some(refined)
}

/// Without a second network the first one scores the close-up.
fn refine_with_proposals(
    proposals: &mut ProposalNetwork,
    picture: &Pyramid<'_>,
    face: &Face,
) -> Result<Option<Face>, NetworkError> {
    let Some(view) = View::close_up(picture.frame(), face, OWN_CROP_WIDTHS) else {
        return Ok(None);
    };
    let crop = picture.crop(&view, proposals.options().input_size);
    let candidates = proposals.detect_view(picture.frame(), &view, &crop, MIN_OWN_SCORE)?;
    let faces = weighted_suppression(candidates, proposals.options().suppression);
    Ok(faces
        .into_iter()
        .find_map(|refined| overlapping(face, refined)))
}

/// The refined face with the score of both stages: their logits are added, as if their errors were
/// independent (naive Bayes), the proposal's with `weight`.
pub(super) fn scored(refined: Face, proposed: &Face, weight: f32) -> Face {
    let logits = logit(refined.score) + weight * logit(proposed.score);
    Face {
        score: sigmoid(logits),
        ..refined
    }
}

/// The inverse of the sigmoid, finite at 0 and 1.
fn logit(score: f32) -> f32 {
    let score = score.clamp(1e-6, 1.0 - 1e-6);
    (score / (1.0 - score)).ln()
}

/// What is returned of the refined faces: those from `min_score` on, one box for each face, without
/// parts of faces.
pub(super) fn kept(mut faces: Vec<Face>, min_score: f32, suppression: f32) -> Vec<Face> {
    faces.retain(|face| face.score >= min_score);
    without_parts(weighted_suppression(faces, suppression))
}

/// Drops faces that lie mostly inside a more certain one.
fn without_parts(faces: Vec<Face>) -> Vec<Face> {
    let mut kept: Vec<Face> = Vec::new();
    for face in faces {
        let inside = |other: &Face| face.bounding_box.share_inside(&other.bounding_box);
        if kept.iter().all(|other| inside(other) < MAX_INSIDE_SHARE) {
            kept.push(face);
        }
    }
    kept
}
