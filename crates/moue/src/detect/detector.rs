//! The detector: two networks, run with the effort that the caller chooses.

use super::face::Face;
use super::live;
use super::multi_scale::MultiScale;
use super::options::{DetectError, DetectOptions, DetectorOptions, Effort};
use super::proposals::ProposalNetwork;
use super::pyramid::Pyramid;
use super::refine::{Asymmetry, Refiner};
use super::second_stage;
use crate::Frame;
use crate::network::{Model, Network, NetworkError};
#[cfg(feature = "compiled-weights")]
use crate::weights;

/// Finds faces in pictures. Each thread needs one of its own; [`FaceDetector::clone`] shares the
/// weights.
#[derive(Clone)]
pub struct FaceDetector {
    proposals: ProposalNetwork,
    refiner: Option<Refiner>,
}

impl FaceDetector {
    /// The detector whose weights are compiled in.
    ///
    /// # Errors
    /// [`NetworkError`] if the compiled-in file does not load, which the tests rule out.
    #[cfg(feature = "compiled-weights")]
    pub fn new() -> Result<Self, NetworkError> {
        Self::with_network(weights::face()?, DetectorOptions::builtin())?
            .with_refiner(weights::refine()?)
    }

    /// The detector of moue's own model files, `face_int8.tflite` and `refine_int8.tflite`, for
    /// programs that keep them apart from their code.
    ///
    /// # Errors
    /// [`NetworkError`] if a file is damaged or another network.
    pub fn from_models(face: &[u8], refine: &[u8]) -> Result<Self, NetworkError> {
        let session = |bytes| Ok::<_, NetworkError>(Box::new(Model::load(bytes)?.session()));
        Self::with_network(session(face)?, DetectorOptions::builtin())?
            .with_refiner(session(refine)?)
    }

    /// A detector with a network of the caller's: one picture in, boxes and scores out.
    ///
    /// The network must take `size × size × 3` values in [-1, 1] and return, in either order, 16
    /// values and one logit for each anchor.
    ///
    /// # Errors
    /// [`NetworkError::Shape`] if the network's inputs or outputs have other shapes.
    pub fn with_network(
        network: Box<dyn Network>,
        options: DetectorOptions,
    ) -> Result<Self, NetworkError> {
        Ok(Self {
            proposals: ProposalNetwork::new(network, options)?,
            refiner: None,
        })
    }

    /// The same detector with a second network for close-ups of proposed faces (a refiner). Without
    /// one the detector's own network scores them.
    ///
    /// It takes a square close-up of `size × size × 3` values in [-1, 1], two boxes wide, with the
    /// eyes level. It returns a logit, the box's center, width and height, and six key points.
    /// Positions and lengths are shares of the close-up's side; positions count from its middle.
    ///
    /// # Errors
    /// [`NetworkError::Shape`] if the network's input or output has another shape.
    pub fn with_refiner(self, network: Box<dyn Network>) -> Result<Self, NetworkError> {
        Ok(Self {
            refiner: Some(Refiner::new(network)?),
            ..self
        })
    }

    /// How the network is fed and read.
    pub fn options(&self) -> &DetectorOptions {
        self.proposals.options()
    }

    /// All faces in `frame`, the most certain first, with the default [`DetectOptions`]: those of
    /// [`Effort::Thorough`].
    ///
    /// ```no_run
    /// use moue::{FaceDetector, Frame};
    /// let faces = FaceDetector::new()?.detect(&Frame::open("party.jpg")?)?;
    /// println!("{} faces", faces.len());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`DetectError::Network`] if a network fails.
    pub fn detect(&mut self, frame: &Frame<'_>) -> Result<Vec<Face>, DetectError> {
        self.detect_with(frame, &DetectOptions::default())
    }

    /// The faces in `frame`, the most certain first, with the caller's options.
    ///
    /// ```
    /// use moue::detect::{DetectOptions, Effort};
    /// use moue::{FaceDetector, Frame};
    /// let camera = Frame::from_pixels(vec![128; 640 * 480 * 3], 640, 480)?;
    /// let live = DetectOptions { effort: Effort::Live, ..DetectOptions::default() };
    /// assert!(FaceDetector::new()?.detect_with(&camera, &live)?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`DetectError`] if a network fails or the call is canceled.
    pub fn detect_with(
        &mut self,
        frame: &Frame<'_>,
        options: &DetectOptions,
    ) -> Result<Vec<Face>, DetectError> {
        options.cancel.check()?;
        let mut faces = match options.effort {
            Effort::Live => {
                let proposed = self.propose(frame)?;
                self.confirm(frame, proposed, || {
                    options.cancel.check().map_err(DetectError::from)
                })?
            }
            Effort::Thorough => {
                MultiScale::new(&mut self.proposals, self.refiner.as_mut(), options)
                    .detect(frame)?
            }
        };
        faces.truncate(options.max_faces);
        Ok(faces)
    }

    /// The first step of [`Effort::Live`]: one run on the whole picture. What it returns is to be
    /// confirmed.
    pub(crate) fn propose(&mut self, frame: &Frame<'_>) -> Result<Vec<Face>, NetworkError> {
        let options = self.proposals.options();
        let min_score = match (&self.refiner, options.live_refinement) {
            (Some(_), Some(refinement)) => refinement.min_proposal_score,
            _ => options.min_score,
        };
        self.proposals.detect_whole(frame, min_score)
    }

    /// The second step: the proposed faces that a close-up confirms, located again. Without a
    /// second network all of them. `check` is called before each and ends the work by an error.
    pub(crate) fn confirm<E: From<NetworkError>>(
        &mut self,
        frame: &Frame<'_>,
        proposed: Vec<Face>,
        check: impl Fn() -> Result<(), E>,
    ) -> Result<Vec<Face>, E> {
        match (&mut self.refiner, self.proposals.options().live_refinement) {
            (Some(refiner), Some(options)) => {
                live::refine_proposals(refiner, &options, frame, &proposed, check)
            }
            _ => Ok(proposed),
        }
    }

    /// A face of the frame before in the next one; `None` if it is no longer there.
    pub(crate) fn follow(
        &mut self,
        frame: &Frame<'_>,
        face: &Face,
        asymmetry: &mut Asymmetry,
    ) -> Result<Option<Face>, NetworkError> {
        let refiner = self.refiner.as_mut();
        let picture = Pyramid::flat(frame);
        second_stage::follow(&mut self.proposals, refiner, &picture, face, asymmetry)
    }
}
