//! Detection at several scales and angles: proposals from every tile, then a close-up of each.

use super::face::Face;
use super::nms::weighted_suppression;
use super::options::{DetectError, DetectOptions};
use super::proposals::ProposalNetwork;
use super::pyramid::Pyramid;
use super::refine::Refiner;
use super::second_stage::{self, MAX_INSIDE_SHARE};
use super::thresholds::COMPILED;
use super::tiles;
use super::upright_crops::UprightCrops;
use super::view::{Quarter, View};
use crate::Frame;

// The thresholds below were chosen by hand on the marked pictures of the model card, whose halves
// lead to about the same choice.

/// A tile's candidate of this score is proposed: low, as the second stage scores it again. With 0.3,
/// thorough detection finds 0.02 fewer of the marked faces at the same precision; below 0.15 it finds
/// no more.
const MIN_PROPOSAL_SCORE: f32 = 0.15;
/// The same in a rotated picture, which mostly has no face, so that nearly all proposals are wrong.
const MIN_TURNED_PROPOSAL_SCORE: f32 = 0.35;
/// The picture is turned unless an upright face has this score: nearly all upright faces have, so
/// that the other three passes are rare. With 0.95 no more of the turned faces are found, and a folder
/// of pictures takes a twentieth longer.
const CERTAIN_SCORE: f32 = 0.92;
/// A candidate of this score in the whole picture is a trace of a face: the tiles that show it are
/// searched also beside a certain face. Low, as a face of 30 pixels leaves a weak trace in a picture
/// of 640. From 0.08 to 0.25 the model card's figures are the same but for one emoji; of the tiles
/// beside one drawn face 0.04 are left out at 0.08, 0.18 at 0.12, 0.31 at 0.25.
const MIN_TRACE_SCORE: f32 = 0.12;
/// The same in a turned picture, which is searched for larger faces only: they leave a stronger trace.
/// Up to 0.3 the model card's figures are the same; of the runs in turned pictures 0.15 are left out at
/// 0.2, 0.3 at 0.3.
const MIN_TURNED_TRACE_SCORE: f32 = 0.2;
/// Share of the picture's longer side from which a face is large. A smaller one is seldom alone.
const LARGE_SHARE: f32 = 0.2;
/// At most this many proposals of a pass are refined, or as many as the caller's limit of faces, if
/// that is more. It bounds the time that a picture full of face-like textures takes.
const MAX_REFINED: usize = 200;

/// Both networks at work on one picture.
pub(super) struct MultiScale<'a> {
    proposals: &'a mut ProposalNetwork,
    refiner: Option<&'a mut Refiner>,
    options: &'a DetectOptions,
    crops: UprightCrops,
}

impl<'a> MultiScale<'a> {
    pub(super) fn new(
        proposals: &'a mut ProposalNetwork,
        refiner: Option<&'a mut Refiner>,
        options: &'a DetectOptions,
    ) -> Self {
        let crops = UprightCrops::new(proposals.options().input_size);
        Self {
            proposals,
            refiner,
            options,
            crops,
        }
    }

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
        let size = self.proposals.options().input_size;
        let picture = &Pyramid::new(frame, tiles::MARGIN_SCALE, size);
        let mut best = self.pass(picture, Quarter::Upright)?;
        if best_score(&best) >= CERTAIN_SCORE {
            return Ok(best);
        }
        for quarter in [Quarter::Once, Quarter::Back, Quarter::Twice] {
            let faces = self.pass(picture, quarter)?;
            if best_score(&faces) >= COMPILED.turned.max(best_score(&best)) {
                best = faces;
            }
        }
        Ok(best)
    }

    /// Proposes faces in the views of the turned picture, and refines each.
    fn pass(&mut self, picture: &Pyramid<'_>, quarter: Quarter) -> Result<Vec<Face>, DetectError> {
        let whole = tiles::whole(picture.frame());
        let min_score = match quarter {
            Quarter::Upright => MIN_TRACE_SCORE,
            _ => MIN_TURNED_TRACE_SCORE,
        };
        let whole = self.look(picture, &whole, quarter, min_score)?;
        let certain = match quarter {
            Quarter::Upright => self.certain_face(picture, &whole)?,
            _ => None,
        };
        let views = views_to_search(picture.frame(), quarter, &whole, certain.as_ref());
        let proposed = self.propose(picture, quarter, whole, &views)?;
        self.confirm(picture, &proposed, certain.map(|certain| certain.face))
    }

    /// The candidates in a view of the turned picture.
    fn look(
        &mut self,
        picture: &Pyramid<'_>,
        view: &View,
        quarter: Quarter,
        min_score: f32,
    ) -> Result<Vec<Face>, DetectError> {
        self.options.cancel.check()?;
        let crop = self.crops.turned(picture, view, quarter);
        let view = view.turned(quarter);
        let candidates = self
            .proposals
            .detect_view(picture.frame(), &view, &crop, min_score);
        Ok(candidates?)
    }

    /// The proposals that close-ups confirm, beside the face that is certain already.
    fn confirm(
        &mut self,
        picture: &Pyramid<'_>,
        proposed: &[Face],
        certain: Option<Face>,
    ) -> Result<Vec<Face>, DetectError> {
        let options = self.proposals.options();
        let overlap = options.suppression;
        let min_score = options.min_refined_score;
        let limit = self.options.max_faces.max(MAX_REFINED);
        let is_known = |face: &Face| certain.as_ref().is_some_and(|c| is_same(face, c, overlap));
        let mut confirmed = Vec::from_iter(certain.clone());
        for face in proposed.iter().take(limit).filter(|face| !is_known(face)) {
            confirmed.extend(self.refine(picture, face)?);
        }
        Ok(second_stage::kept(confirmed, min_score, overlap))
    }

    /// A large face of the whole picture that is certain already, and where others may be. Most
    /// stills show one plain face, and most of their tiles show nothing. Only where tiles have no
    /// more than about twice the scale of the whole picture: smaller faces leave no trace there.
    fn certain_face(
        &mut self,
        picture: &Pyramid<'_>,
        candidates: &[Face],
    ) -> Result<Option<Certain>, DetectError> {
        let options = self.proposals.options();
        let min_score = options.certain_score;
        let faces = candidates.to_vec();
        let mut faces = second_stage::kept(faces, MIN_TRACE_SCORE, options.suppression).into_iter();
        let Some(face) = faces.next() else {
            return Ok(None);
        };
        if min_score > 1.0
            || !is_large(&face, picture.frame())
            || !tiles::has_one_level(picture.frame())
        {
            return Ok(None);
        }
        let refined = self.refine(picture, &face)?;
        let certain = refined.filter(|refined| refined.score >= min_score);
        Ok(certain.map(|face| Certain {
            face,
            traces: faces.collect(),
        }))
    }

    /// What `views` add to the candidates of the whole picture.
    fn propose(
        &mut self,
        picture: &Pyramid<'_>,
        quarter: Quarter,
        whole: Vec<Face>,
        views: &[View],
    ) -> Result<Vec<Face>, DetectError> {
        let min_score = match quarter {
            Quarter::Upright => MIN_PROPOSAL_SCORE,
            _ => MIN_TURNED_PROPOSAL_SCORE,
        };
        let mut proposed = whole;
        proposed.retain(|face| face.score >= min_score);
        for view in views {
            proposed.extend(self.look(picture, view, quarter, min_score)?);
        }
        let overlap = self.proposals.options().suppression;
        Ok(weighted_suppression(proposed, overlap))
    }

    /// A proposed face as a close-up shows it, with the score of both stages.
    fn refine(&mut self, picture: &Pyramid<'_>, face: &Face) -> Result<Option<Face>, DetectError> {
        self.options.cancel.check()?;
        let refiner = self.refiner.as_deref_mut();
        let refined = second_stage::refine(self.proposals, refiner, picture, face)?;
        let weight = COMPILED.thorough.proposal_weight;
        Ok(refined.map(|refined| second_stage::scored(refined, face, weight)))
    }
}

/// A face that the whole picture shows certainly.
struct Certain {
    /// Refined, with the score of both stages.
    face: Face,
    /// Candidates beside it.
    traces: Vec<Face>,
}

/// The views that are searched after the whole picture. Of an upright picture these are all of them.
/// Beside a certain face, and of a turned picture, they are those that show a trace of a face.
fn views_to_search(
    frame: &Frame<'_>,
    quarter: Quarter,
    whole: &[Face],
    certain: Option<&Certain>,
) -> Vec<View> {
    let mut views = tiles::views(frame, quarter);
    let traces = match (certain, quarter) {
        (Some(certain), _) => certain.traces.as_slice(),
        (None, Quarter::Upright) => return views,
        (None, _) => whole,
    };
    views.retain(|view| traces.iter().any(|trace| view.shows(frame, trace)));
    views
}

/// Whether a proposal is a known face or a part of it.
fn is_same(proposal: &Face, known: &Face, overlap: f32) -> bool {
    let known = &known.bounding_box;
    let proposal = &proposal.bounding_box;
    proposal.iou(known) > overlap || proposal.share_inside(known) >= MAX_INSIDE_SHARE
}

fn is_large(face: &Face, frame: &Frame<'_>) -> bool {
    let [width, height] = [frame.width() as f32, frame.height() as f32];
    let b = face.bounding_box;
    let side = (b.width * width).max(b.height * height);
    side >= LARGE_SHARE * width.max(height)
}

fn best_score(faces: &[Face]) -> f32 {
    faces.first().map_or(0.0, |f| f.score)
}
