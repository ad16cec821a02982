//! Detection at several scales and angles: proposals from every tile, then a close-up of each.

use super::decode::sigmoid;
use super::face::Face;
use super::nms::weighted_suppression;
use super::options::{DetectError, DetectOptions};
use super::proposals::ProposalNetwork;
use super::refine::Refiner;
use super::tiles::views;
use super::view::View;
use crate::Frame;
use crate::network::NetworkError;
use std::f32::consts::{FRAC_PI_2, PI};

// The thresholds below were chosen by hand on the marked pictures of the model card, whose halves
// lead to about the same choice.

/// A tile's candidate of this score is proposed: low, as the second stage scores it again.
const MIN_PROPOSAL_SCORE: f32 = 0.3;
/// The same in a rotated picture, which mostly has no face, so that nearly all proposals are wrong.
const MIN_TURNED_PROPOSAL_SCORE: f32 = 0.35;
/// The picture is turned unless an upright face has this score: nearly all upright faces have, so
/// that the other three passes are rare.
const CERTAIN_SCORE: f32 = 0.97;
/// A turned picture's faces are taken if the best has this score, and more than the upright ones.
/// It is higher than the threshold for upright faces, as three more passes have three times as many
/// chances to be wrong.
const MIN_TURNED_SCORE: f32 = 0.8;
/// The second stage drops a face below this score in its first run. It is well below the detector's
/// threshold: the second run has a better placed crop and may still raise the score.
const MIN_FIRST_RUN_SCORE: f32 = 0.25;
/// A refined box that overlaps the proposed one by less (intersection over union) is another face.
const MIN_REFINED_IOU: f32 = 0.3;
/// Side of the second run's crop as a share of the first one's: the face's place is known by then,
/// so less room is needed around it and the face has more pixels.
const SECOND_CROP_SCALE: f32 = 0.92;
/// Side of a close-up, in widths of the face, if the detector's own network scores it. That network
/// was trained on faces that fill a smaller part of its input than the second network's do.
const OWN_CROP_WIDTHS: f32 = 2.5;
/// Weight of the proposal's logit beside the refined one's: it counts less because the proposal
/// network saw the face smaller.
const PROPOSAL_WEIGHT: f32 = 0.5;
/// At most this many proposals of a pass are refined, or as many as the caller's limit of faces, if
/// that is more. It bounds the time that a picture full of face-like textures takes.
const MAX_REFINED: usize = 200;
/// If this share of a face's box lies inside the box of a more certain face, it is a part of that
/// face: eyes and mouths sometimes resemble small faces.
const MAX_INSIDE_SHARE: f32 = 0.6;

/// Both networks at work on one picture.
pub(super) struct MultiScale<'a> {
    pub(super) proposals: &'a mut ProposalNetwork,
    pub(super) refiner: Option<&'a mut Refiner>,
    pub(super) options: &'a DetectOptions,
}

impl MultiScale<'_> {
    /// All faces in `frame`: upright ones, or else those rotated by 90, 180 or 270 degrees.
    pub(super) fn detect(&mut self, frame: &Frame<'_>) -> Result<Vec<Face>, DetectError> {
        let longer = frame.width().max(frame.height());
        // A side of 0 would leave no picture.
        let max_side = self.options.max_side.max(1);
        if longer > max_side {
            let side = |pixels: usize| (pixels * max_side).div_ceil(longer);
            return self.all_angles(&frame.resized(side(frame.width()), side(frame.height())));
        }
        self.all_angles(frame)
    }

    fn all_angles(&mut self, frame: &Frame<'_>) -> Result<Vec<Face>, DetectError> {
        let mut best = self.pass(frame, 0.0)?;
        if best_score(&best) >= CERTAIN_SCORE {
            return Ok(best);
        }
        for angle in [FRAC_PI_2, -FRAC_PI_2, PI] {
            let faces = self.pass(frame, angle)?;
            if best_score(&faces) >= MIN_TURNED_SCORE.max(best_score(&best)) {
                best = faces;
            }
        }
        Ok(best)
    }

    /// Proposes faces in every view of the picture turned by `angle`, and refines each.
    fn pass(&mut self, frame: &Frame<'_>, angle: f32) -> Result<Vec<Face>, DetectError> {
        let proposed = self.propose(frame, angle)?;
        let overlap = self.proposals.options().suppression;
        let min_score = self.proposals.options().min_refined_score;
        let limit = self.options.max_faces.max(MAX_REFINED);
        let mut confirmed = Vec::new();
        for face in proposed.iter().take(limit) {
            self.options.cancel.check()?;
            let refined = self.refine(frame, face)?;
            confirmed.extend(refined.map(|refined| Face {
                score: combined_score(refined.score, face.score),
                ..refined
            }));
        }
        confirmed.retain(|face| face.score >= min_score);
        Ok(without_parts(weighted_suppression(confirmed, overlap)))
    }

    fn propose(&mut self, frame: &Frame<'_>, angle: f32) -> Result<Vec<Face>, DetectError> {
        let min_score = if angle == 0.0 {
            MIN_PROPOSAL_SCORE
        } else {
            MIN_TURNED_PROPOSAL_SCORE
        };
        let mut proposed = Vec::new();
        for view in views(frame, angle) {
            self.options.cancel.check()?;
            proposed.extend(self.proposals.detect_view(frame, &view, min_score)?);
        }
        let overlap = self.proposals.options().suppression;
        Ok(weighted_suppression(proposed, overlap))
    }

    fn refine(&mut self, frame: &Frame<'_>, face: &Face) -> Result<Option<Face>, NetworkError> {
        refine(self.proposals, self.refiner.as_deref_mut(), frame, face)
    }
}

/// The same face, scored and located again in a leveled close-up; `None` if there is none.
pub(super) fn refine(
    proposals: &mut ProposalNetwork,
    refiner: Option<&mut Refiner>,
    frame: &Frame<'_>,
    face: &Face,
) -> Result<Option<Face>, NetworkError> {
    match refiner {
        Some(refiner) => refine_twice(refiner, frame, face),
        None => refine_with_proposals(proposals, frame, face),
    }
}

/// Two runs of the second network: one on the proposed place, and one, with its mirror image, on
/// the place that the first run returned.
fn refine_twice(
    refiner: &mut Refiner,
    frame: &Frame<'_>,
    face: &Face,
) -> Result<Option<Face>, NetworkError> {
    let Some(view) = View::close_up(frame, face, Refiner::CROP_WIDTHS) else {
        return Ok(None);
    };
    let first = refiner.run(&view.crop(frame, refiner.input_size()))?;
    let first = view.restore(&first, frame);
    if first.score < MIN_FIRST_RUN_SCORE
        || first.bounding_box.iou(&face.bounding_box) < MIN_REFINED_IOU
    {
        return Ok(None);
    }
    let widths = SECOND_CROP_SCALE * Refiner::CROP_WIDTHS;
    let Some(view) = View::close_up(frame, &first, widths) else {
        return Ok(None);
    };
    let second = refiner.run_mirrored(&view.crop(frame, refiner.input_size()))?;
    let second = view.restore(&second, frame);
    Ok((second.bounding_box.iou(&first.bounding_box) > MIN_REFINED_IOU).then_some(second))
}

/// Without a second network the first one scores the close-up.
fn refine_with_proposals(
    proposals: &mut ProposalNetwork,
    frame: &Frame<'_>,
    face: &Face,
) -> Result<Option<Face>, NetworkError> {
    let Some(view) = View::close_up(frame, face, OWN_CROP_WIDTHS) else {
        return Ok(None);
    };
    let candidates = proposals.detect_view(frame, &view, MIN_PROPOSAL_SCORE)?;
    let faces = weighted_suppression(candidates, proposals.options().suppression);
    Ok(faces
        .into_iter()
        .find(|f| f.bounding_box.iou(&face.bounding_box) > MIN_REFINED_IOU))
}

fn best_score(faces: &[Face]) -> f32 {
    faces.first().map_or(0.0, |f| f.score)
}

/// The score of a face by both stages: their logits are added, as if their errors were independent
/// (naive Bayes), the proposal's with less weight.
fn combined_score(refined: f32, proposed: f32) -> f32 {
    sigmoid(logit(refined) + PROPOSAL_WEIGHT * logit(proposed))
}

/// The inverse of the sigmoid, finite at 0 and 1.
fn logit(score: f32) -> f32 {
    let score = score.clamp(1e-6, 1.0 - 1e-6);
    (score / (1.0 - score)).ln()
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
