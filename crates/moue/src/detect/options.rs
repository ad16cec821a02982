//! Options of a detection, the layout of its network, and its errors.

use super::anchors::AnchorGrid;
use super::thresholds::COMPILED;
use crate::cancel::{CancelToken, Cancelled};
use crate::network::NetworkError;

/// How much work detection spends on a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Effort {
    /// The detector on the whole picture, and close-ups of its best proposals: for cameras. Finds upright
    /// faces from about a twelfth of the picture's longer side on.
    Live,
    /// Tiles at several scales, then a close-up of each proposed face, and rotated pictures if no
    /// face is upright: for stills. Finds faces from about 24 pixels on, at several times the work.
    #[default]
    Thorough,
}

/// What one call of [`FaceDetector::detect_with`](super::FaceDetector::detect_with) does.
///
/// ```
/// use moue::detect::{DetectOptions, Effort};
/// use moue::cancel::CancelToken;
/// use std::time::Duration;
/// let options = DetectOptions {
///     max_faces: 5,
///     cancel: CancelToken::with_timeout(Duration::from_secs(2)),
///     ..DetectOptions::default()
/// };
/// assert_eq!(options.effort, Effort::Thorough);
/// ```
#[derive(Debug, Clone)]
pub struct DetectOptions {
    /// How much work detection spends on the picture.
    pub effort: Effort,
    /// At most this many faces are returned, the most certain ones.
    pub max_faces: usize,
    /// With [`Effort::Thorough`], a picture with a longer side than this, in pixels, is shrunk to
    /// it first. The number of tiles, and with it the time, grows with the square of the side.
    pub max_side: usize,
    /// Is checked before each network run; a canceled call returns [`DetectError::Cancelled`]
    /// within one run, some milliseconds.
    pub cancel: CancelToken,
}

impl Default for DetectOptions {
    fn default() -> Self {
        Self {
            effort: Effort::default(),
            // Far more faces than group photos show.
            max_faces: 200,
            // The finest tiles see faces of 24 pixels in a picture of this size; beyond it, more
            // pixels would need a level more, four times the work.
            max_side: 2048,
            cancel: CancelToken::default(),
        }
    }
}

impl From<Effort> for DetectOptions {
    fn from(effort: Effort) -> Self {
        Self {
            effort,
            ..Self::default()
        }
    }
}

/// Why a detection fails.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DetectError {
    /// The network failed.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The call was canceled or its deadline has passed.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// The second step of [`Effort::Live`]: the best proposals of the whole picture are scored and
/// located again, each in a close-up of its own.
///
/// ```
/// use moue::detect::{DetectorOptions, LiveRefinement};
/// let options = DetectorOptions {
///     live_refinement: Some(LiveRefinement { max_proposals: 1, ..LiveRefinement::default() }),
///     ..DetectorOptions::builtin()
/// };
/// assert_eq!(options.live_refinement.unwrap().max_proposals, 1);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LiveRefinement {
    /// Lowest score of a proposal, 0 to 1. It may be low, as the close-up decides.
    pub min_proposal_score: f32,
    /// At most this many proposals of a picture are refined, the most certain ones. Each costs as
    /// much as the run on the whole picture.
    pub max_proposals: usize,
    /// Runs of the second network for each proposal, 1 or more; each but the first starts where the
    /// one before has found the face.
    pub runs: usize,
    /// Lowest score of a face by both networks, 0 to 1.
    pub min_score: f32,
    /// Refined boxes that overlap by more than this (intersection over union, 0 to 1) are one face.
    pub suppression: f32,
}

impl Default for LiveRefinement {
    fn default() -> Self {
        Self {
            min_proposal_score: 0.2,
            max_proposals: 8,
            runs: 2,
            min_score: COMPILED.live.min_score,
            // As for proposals.
            suppression: 0.3,
        }
    }
}

/// How a detector's network is fed and its outputs are read: what
/// [`FaceDetector::with_network`](super::FaceDetector::with_network) must know of another model
/// file.
#[derive(Debug, Clone, PartialEq)]
pub struct DetectorOptions {
    /// Side of the square input, in pixels.
    pub input_size: usize,
    /// The grids of anchors, in the order in which the network lists its boxes.
    pub grids: Vec<AnchorGrid>,
    /// Lowest score of a face with [`Effort::Live`], 0 to 1, where no second network refines it.
    pub min_score: f32,
    /// How [`Effort::Live`] refines faces, if the detector has a second network; `None`: not at
    /// all.
    pub live_refinement: Option<LiveRefinement>,
    /// Lowest score of a face with [`Effort::Thorough`], 0 to 1, as the refiner scores its
    /// close-up.
    pub min_refined_score: f32,
    /// With [`Effort::Thorough`], a large face of this score in a picture of at most about 680
    /// pixels ends the search of all its parts without a trace of another one. Above 1: every
    /// picture is searched everywhere.
    pub certain_score: f32,
    /// Boxes that overlap by more than this (intersection over union, 0 to 1) are one face.
    pub suppression: f32,
}

impl DetectorOptions {
    /// MediaPipe's BlazeFace, short range, with the threshold of its tutorial's detection graph.
    pub fn blazeface_short_range() -> Self {
        let grids = vec![
            AnchorGrid {
                cells: 16,
                per_cell: 2,
            },
            AnchorGrid {
                cells: 8,
                per_cell: 6,
            },
        ];
        Self {
            input_size: 128,
            grids,
            min_score: 0.75,
            live_refinement: None,
            min_refined_score: 0.55,
            certain_score: f32::INFINITY,
            suppression: 0.3,
        }
    }

    /// The detector that is compiled in. Its two thresholds were chosen on the marked pictures of
    /// the model card, by precision and recall.
    pub fn builtin() -> Self {
        let grids = [32, 16, 8]
            .map(|cells| AnchorGrid { cells, per_cell: 1 })
            .to_vec();
        Self {
            input_size: 128,
            grids,
            min_score: 0.42,
            live_refinement: Some(LiveRefinement::default()),
            min_refined_score: COMPILED.thorough.min_score,
            // From 0.9 to 0.97 no figure of the model card changes.
            certain_score: 0.9,
            // As in MediaPipe's graph.
            suppression: 0.3,
        }
    }
}
