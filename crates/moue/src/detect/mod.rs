//! Finding faces: letterbox → network → anchors → suppression; thoroughly at several scales and
//! angles, or from frame to frame.

mod anchors;
mod decode;
mod letterbox;
mod refine;
mod suppress;
mod thorough;
mod view;

pub use anchors::AnchorGrid;
pub use letterbox::Letterbox;
pub use suppress::{Candidate, weighted_suppression};

use crate::geometry::{BoundingBox, Point};
use crate::network::{Network, NetworkError};
use crate::{Frame, weights};
use refine::Refiner;
use std::sync::Arc;

/// The order of [`Face::key_points`]; right and left are the subject's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum KeyPoint {
    /// Center of the right eye.
    RightEye = 0,
    /// Center of the left eye.
    LeftEye = 1,
    /// Tip of the nose.
    NoseTip = 2,
    /// Center of the mouth.
    MouthCenter = 3,
    /// Tragion of the right ear.
    RightEar = 4,
    /// Tragion of the left ear.
    LeftEar = 5,
}

/// A face in a picture, in coordinates relative to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Face {
    /// About square in pixels, from the brows to the chin, without hair and ears.
    pub bounding_box: BoundingBox,
    /// How sure the detector is, 0 to 1.
    pub score: f32,
    /// Six points in the order of [`KeyPoint`]; `None` for a picture that is a face crop already.
    pub key_points: Option<[Point; 6]>,
}

impl Face {
    /// A picture that is a face crop as a whole: the box covers it, the score is 1, and the key
    /// points are unknown.
    pub fn whole() -> Self {
        Self {
            bounding_box: BoundingBox::WHOLE,
            score: 1.0,
            key_points: None,
        }
    }

    /// One of the six points; `None` where they are unknown.
    pub fn key_point(&self, which: KeyPoint) -> Option<Point> {
        self.key_points.map(|points| points[which as usize])
    }
}

/// How a detector's network is fed and read.
#[derive(Debug, Clone, PartialEq)]
pub struct DetectorOptions {
    /// Side of the square input, in pixels.
    pub input_size: usize,
    /// The grids of anchors, in the order in which the network lists its boxes.
    pub grids: Vec<AnchorGrid>,
    /// Lowest score that counts as a face at one look, 0 to 1.
    pub min_score: f32,
    /// Lowest score that counts as a face when it is looked at once more ([`Effort::Thorough`]), 0
    /// to 1.
    pub min_refined_score: f32,
    /// Boxes that overlap more than this (intersection over union) are one face.
    pub suppression: f32,
}

impl DetectorOptions {
    /// MediaPipe's BlazeFace, short range, with the tutorial's threshold.
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

    /// The detector that moue carries.
    pub fn builtin() -> Self {
        let grids = [32, 16, 8]
            .map(|cells| AnchorGrid { cells, per_cell: 1 })
            .to_vec();
        Self {
            input_size: 128,
            grids,
            min_score: 0.42,
            min_refined_score: 0.55,
            suppression: 0.3,
        }
    }
}

/// How closely a picture is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Effort {
    /// Once, as a whole: for cameras. Sees upright faces from about a twelfth of the picture's
    /// longer side on.
    Live,
    /// In parts and at several scales, then once more at each face, and turned where nothing is
    /// upright: for stills. Several times the work.
    #[default]
    Thorough,
}

/// Finds faces in pictures. Each thread needs one of its own; [`FaceDetector::clone`] shares the
/// weights.
#[derive(Clone)]
pub struct FaceDetector {
    network: Box<dyn Network>,
    refiner: Option<Refiner>,
    options: DetectorOptions,
    anchors: Arc<Vec<Point>>,
    input: Vec<f32>,
}

impl FaceDetector {
    /// The detector whose weights are compiled in.
    ///
    /// # Errors
    /// [`NetworkError`] if the compiled-in file does not load, which the tests rule out.
    pub fn new() -> Result<Self, NetworkError> {
        Self::with_network(weights::face()?, DetectorOptions::builtin())?
            .with_refiner(weights::refine()?)
    }

    /// A detector with a network of the caller's: one picture in, boxes and scores out.
    ///
    /// The network must take `size × size × 3` values in [-1, 1] and give, in either order, 16
    /// numbers and one score for each anchor.
    ///
    /// # Errors
    /// [`NetworkError::Shape`] if the network's inputs or outputs are others.
    pub fn with_network(
        network: Box<dyn Network>,
        options: DetectorOptions,
    ) -> Result<Self, NetworkError> {
        let anchors = anchors::centers(&options.grids);
        let input = options.input_size * options.input_size * 3;
        let mut outputs = network.output_lens();
        outputs.sort_unstable();
        if network.input_len() != input || outputs != [anchors.len(), 16 * anchors.len()] {
            return Err(NetworkError::Shape(format!(
                "a detector with {} anchors takes {input} values, the network takes {} and gives {outputs:?}",
                anchors.len(),
                network.input_len()
            )));
        }
        Ok(Self {
            network,
            refiner: None,
            options,
            anchors: Arc::new(anchors),
            input: vec![0.0; input],
        })
    }

    /// The same with a network that looks at each proposed face once more; without one the
    /// detector's own does that.
    ///
    /// It takes a square close-up of `size × size × 3` values in [-1, 1], two boxes wide, with the
    /// eyes level, and gives a logit and, as shares of its side from its middle, the box's center,
    /// width and height and six key points.
    ///
    /// # Errors
    /// [`NetworkError::Shape`] if the network's input or output is another.
    pub fn with_refiner(self, network: Box<dyn Network>) -> Result<Self, NetworkError> {
        Ok(Self {
            refiner: Some(Refiner::new(network)?),
            ..self
        })
    }

    /// How the network is fed and read.
    pub fn options(&self) -> &DetectorOptions {
        &self.options
    }

    /// All faces in `frame`, the surest first, at one look ([`Effort::Live`]).
    ///
    /// # Errors
    /// [`NetworkError`] if the network fails.
    pub fn detect(&mut self, frame: &Frame<'_>) -> Result<Vec<Face>, NetworkError> {
        let letterbox = Letterbox::fit(frame, self.options.input_size);
        letterbox.write_input(&mut self.input);
        let candidates = self.run(self.options.min_score)?;
        let mut faces = weighted_suppression(candidates, self.options.suppression);
        for face in &mut faces {
            letterbox.remove_from(face);
        }
        Ok(faces)
    }

    /// All faces in `frame`, the surest first, with the effort that the caller wants.
    ///
    /// ```no_run
    /// use moue::{Effort, FaceDetector, Frame};
    /// let faces = FaceDetector::new()?.detect_with(&Frame::open("party.jpg")?, Effort::Thorough)?;
    /// println!("{} faces", faces.len());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`NetworkError`] if the network fails.
    pub fn detect_with(
        &mut self,
        frame: &Frame<'_>,
        effort: Effort,
    ) -> Result<Vec<Face>, NetworkError> {
        match effort {
            Effort::Live => self.detect(frame),
            Effort::Thorough => self.thorough(frame),
        }
    }

    /// Runs the network on what is in `input`.
    fn run(&mut self, min_score: f32) -> Result<Vec<Face>, NetworkError> {
        self.network.run(&self.input)?;
        Ok(decode::candidates(
            &*self.network,
            &self.anchors,
            &self.options,
            min_score,
        ))
    }
}
