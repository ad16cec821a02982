//! The second stage of a two-stage detector: a network that scores a leveled close-up of one
//! proposed face and predicts its box and key points again.

use super::decode::sigmoid;
use super::face::Face;
use super::letterbox::normalize;
use crate::geometry::BoundingBox;
use crate::network::{Network, NetworkError};

/// Values that the network returns: a logit, a box, six points.
const OUTPUTS: usize = 17;

/// The network with its input buffer. It knows nothing of the picture that its crops come from.
#[derive(Clone)]
pub(super) struct Refiner {
    network: Box<dyn Network>,
    size: usize,
    input: Vec<f32>,
}

impl Refiner {
    /// Side of a crop in widths of the proposed box, as in training: room for a box that is half a
    /// face off.
    pub(super) const CROP_WIDTHS: f32 = 2.0;

    pub(super) fn new(network: Box<dyn Network>) -> Result<Self, NetworkError> {
        let input = network.input_len();
        let size = (input / 3).isqrt();
        if size == 0 || size * size * 3 != input || network.output_lens() != [OUTPUTS] {
            let outputs = network.output_lens();
            return Err(NetworkError::Shape(format!(
                "a refiner with {input} inputs and outputs {outputs:?}"
            )));
        }
        Ok(Self {
            network,
            size,
            input: vec![0.0; input],
        })
    }

    /// Side of the square crop that it takes, in pixels.
    pub(super) fn input_size(&self) -> usize {
        self.size
    }

    /// The face in the middle of a crop of `size × size` RGB pixels, in coordinates of the crop.
    pub(super) fn run(&mut self, crop: &[u8]) -> Result<Face, NetworkError> {
        normalize(crop, &mut self.input);
        Ok(face(&self.outputs()?))
    }

    /// As [`Refiner::run`], averaged over the crop and its mirror image (test-time augmentation):
    /// errors that are not symmetric cancel.
    pub(super) fn run_mirrored(&mut self, crop: &[u8]) -> Result<Face, NetworkError> {
        normalize(crop, &mut self.input);
        let plain = self.outputs()?;
        self.input
            .chunks_exact_mut(self.size * 3)
            .for_each(|row| row.as_chunks_mut::<3>().0.reverse());
        let flipped = mirrored(&self.outputs()?);
        Ok(face(&std::array::from_fn(|i| {
            (plain[i] + flipped[i]) / 2.0
        })))
    }

    fn outputs(&mut self) -> Result<[f32; OUTPUTS], NetworkError> {
        self.network.run(&self.input)?;
        Ok(std::array::from_fn(|i| self.network.output(0)[i]))
    }
}

/// Positions count from the middle of the crop, in shares of its side.
fn face(values: &[f32; OUTPUTS]) -> Face {
    let point = |i: usize| [values[i] + 0.5, values[i + 1] + 0.5];
    Face {
        bounding_box: BoundingBox::centered(point(1), [values[3], values[4]]),
        score: sigmoid(values[0]),
        key_points: Some(std::array::from_fn(|i| point(5 + 2 * i))),
    }
}

/// The outputs for a mirrored crop in coordinates of the crop itself: left and right eyes and ears
/// change places.
fn mirrored(values: &[f32; OUTPUTS]) -> [f32; OUTPUTS] {
    let mut out = *values;
    out[1] = -values[1];
    for (i, partner) in [1, 0, 2, 3, 5, 4].into_iter().enumerate() {
        out[5 + 2 * i] = -values[5 + 2 * partner];
        out[6 + 2 * i] = values[6 + 2 * partner];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirroring_twice_changes_nothing() {
        let values: [f32; OUTPUTS] = std::array::from_fn(|i| i as f32);
        assert_eq!(mirrored(&mirrored(&values)), values);
        let face = face(&mirrored(&values));
        assert_eq!(face.bounding_box.center()[0], 0.5 - 1.0);
    }
}
