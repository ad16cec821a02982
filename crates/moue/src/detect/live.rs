//! The second step of `Effort::Live`: a close-up of each of the few best proposals.

use super::face::Face;
use super::options::LiveRefinement;
use super::pyramid::Pyramid;
use super::refine::Refiner;
use super::second_stage::{self, SECOND_CROP, Steps};
use super::thresholds::COMPILED;
use crate::Frame;
use crate::network::{Network, NetworkError};
#[cfg(feature = "compiled-weights")]
use crate::weights;

/// The network of the second step by itself, for programs that run the first one themselves, such
/// as a graph of calculators.
///
/// ```
/// # #[cfg(feature = "compiled-weights")] {
/// use moue::detect::{LiveRefinement, ProposalRefiner};
/// use moue::{Face, Frame};
/// let mut refiner = ProposalRefiner::new(LiveRefinement::default())?;
/// let gray = Frame::from_pixels(vec![128; 64 * 64 * 3], 64, 64)?;
/// let proposed = Face { score: 0.5, ..Face::whole() };
/// assert!(refiner.refine(&gray, &[proposed])?.is_empty());
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ProposalRefiner {
    network: Refiner,
    options: LiveRefinement,
}

impl ProposalRefiner {
    /// The refiner whose weights are compiled in.
    ///
    /// # Errors
    /// [`NetworkError`] if the compiled-in file does not load, which the tests rule out.
    #[cfg(feature = "compiled-weights")]
    pub fn new(options: LiveRefinement) -> Result<Self, NetworkError> {
        Self::with_network(weights::refine()?, options)
    }

    /// A refiner with a network of the caller's, as
    /// [`FaceDetector::with_refiner`](super::FaceDetector::with_refiner) takes it.
    ///
    /// # Errors
    /// [`NetworkError::Shape`] if the network's input or output has another shape.
    pub fn with_network(
        network: Box<dyn Network>,
        options: LiveRefinement,
    ) -> Result<Self, NetworkError> {
        Ok(Self {
            network: Refiner::new(network)?,
            options,
        })
    }

    /// The proposals, the most certain first, that are faces, located again; the most certain
    /// first. Scores are those of both steps.
    ///
    /// # Errors
    /// [`NetworkError`] if the network fails.
    pub fn refine(
        &mut self,
        frame: &Frame<'_>,
        proposals: &[Face],
    ) -> Result<Vec<Face>, NetworkError> {
        refine_proposals(
            &mut self.network,
            &self.options,
            frame,
            proposals,
            || Ok(()),
        )
    }
}

/// What the close-ups confirm of `proposals`. `check` is called before each and ends the work by an
/// error.
pub(super) fn refine_proposals<E: From<NetworkError>>(
    refiner: &mut Refiner,
    options: &LiveRefinement,
    frame: &Frame<'_>,
    proposals: &[Face],
    check: impl Fn() -> Result<(), E>,
) -> Result<Vec<Face>, E> {
    let steps = Steps {
        runs: options.runs,
        min_first_score: COMPILED.live.min_first_score,
        next_crop: SECOND_CROP,
    };
    let weight = COMPILED.live.proposal_weight;
    let picture = Pyramid::flat(frame);
    let mut confirmed = Vec::new();
    for proposal in proposals.iter().take(options.max_proposals) {
        check()?;
        let face =
            second_stage::refine_repeatedly(refiner, &steps, &picture, proposal, Refiner::run)?;
        confirmed.extend(face.map(|face| second_stage::scored(face, proposal, weight)));
    }
    Ok(second_stage::kept(
        confirmed,
        options.min_score,
        options.suppression,
    ))
}
