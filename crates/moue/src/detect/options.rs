//! Options of a detection, the layout of its network, and its errors.

use super::anchors::AnchorGrid;
use crate::cancel::{CancelToken, Cancelled};
use crate::network::NetworkError;

/// How much work detection spends on a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Effort {
    /// One network run on the whole picture: for cameras. Finds upright faces from about a twelfth
    /// of the picture's longer side on.
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

/// How a detector's network is fed and its outputs are read: what
/// [`FaceDetector::with_network`](super::FaceDetector::with_network) must know of another model
/// file.
#[derive(Debug, Clone, PartialEq)]
pub struct DetectorOptions {
    /// Side of the square input, in pixels.
    pub input_size: usize,
    /// The grids of anchors, in the order in which the network lists its boxes.
    pub grids: Vec<AnchorGrid>,
    /// Lowest score of a face with [`Effort::Live`], 0 to 1.
    pub min_score: f32,
    /// Lowest score of a face with [`Effort::Thorough`], 0 to 1, as the refiner scores its
    /// close-up.
    pub min_refined_score: f32,
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
            min_refined_score: 0.55,
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
            min_refined_score: 0.55,
            // As in MediaPipe's graph.
            suppression: 0.3,
        }
    }
}
