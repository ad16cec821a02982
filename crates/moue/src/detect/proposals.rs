//! The detector's network: a square picture in, candidates for faces out.

use super::anchors;
use super::decode;
use super::face::Face;
use super::letterbox::Letterbox;
use super::nms::weighted_suppression;
use super::options::DetectorOptions;
use super::view::View;
use crate::Frame;
use crate::geometry::Point;
use crate::network::{Network, NetworkError};
use std::sync::Arc;

/// A network that predicts boxes, with its anchors.
#[derive(Clone)]
pub(super) struct ProposalNetwork {
    network: Box<dyn Network>,
    options: DetectorOptions,
    // Shared by clones, one of which each thread has.
    anchors: Arc<[Point]>,
}

impl ProposalNetwork {
    /// Checks that inputs and outputs have the lengths that the options state.
    pub(super) fn new(
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
            options,
            anchors: anchors.into(),
        })
    }

    pub(super) fn options(&self) -> &DetectorOptions {
        &self.options
    }

    /// The faces of the whole picture, letterboxed, after suppression, the most certain first.
    pub(super) fn detect_whole(
        &mut self,
        frame: &Frame<'_>,
        min_score: f32,
    ) -> Result<Vec<Face>, NetworkError> {
        let letterbox = Letterbox::fit(frame, self.options.input_size);
        let candidates = self.run(letterbox.pixels(), min_score)?;
        let mut faces = weighted_suppression(candidates, self.options.suppression);
        for face in &mut faces {
            letterbox.remove_from(face);
        }
        Ok(faces)
    }

    /// The candidates in a view with these pixels, in coordinates of the picture, before suppression.
    pub(super) fn detect_view(
        &mut self,
        frame: &Frame<'_>,
        view: &View,
        pixels: &[u8],
        min_score: f32,
    ) -> Result<Vec<Face>, NetworkError> {
        let faces = self.run(pixels, min_score)?;
        Ok(faces.iter().map(|face| view.restore(face, frame)).collect())
    }

    fn run(&mut self, pixels: &[u8], min_score: f32) -> Result<Vec<Face>, NetworkError> {
        self.network.run_pixels(pixels)?;
        let outputs = [0, 1].map(|i| self.network.output(i));
        let size = self.options.input_size;
        Ok(decode::candidates(outputs, &self.anchors, size, min_score))
    }
}
