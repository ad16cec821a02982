//! The second stage of a two-stage detector: a network that scores a leveled close-up of one
//! proposed face and predicts its box and key points again.

use super::decode::sigmoid;
use super::face::Face;
use crate::geometry::BoundingBox;
use crate::network::{Network, NetworkError};

/// Values that the network returns: a logit, a box, six points.
const OUTPUTS: usize = 17;

// Of the intervals and shares that were tried, these tremble least (`bench/src/bin/faces/still.rs`):
// 0.81 thousandths of a face's width at rest, 0.71 with the mirror image in each frame, and up to 1.07.

/// A tracked face's mirror image is looked at once in so many frames.
const MIRROR_INTERVAL: usize = 5;
/// How much the newest difference of the two sides counts beside those before it.
const RENEWED_SHARE: f32 = 0.25;

/// The network. It knows nothing of the picture that its crops come from.
#[derive(Clone)]
pub(super) struct Refiner {
    network: Box<dyn Network>,
    size: usize,
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
        Ok(Self { network, size })
    }

    /// Side of the square crop that it takes, in pixels.
    pub(super) fn input_size(&self) -> usize {
        self.size
    }

    /// The face in the middle of a crop of `size × size` RGB pixels, in coordinates of the crop.
    pub(super) fn run(&mut self, crop: &[u8]) -> Result<Face, NetworkError> {
        Ok(face(&self.outputs(crop)?))
    }

    /// As [`Refiner::run`], averaged over the crop and its mirror image (test-time augmentation):
    /// errors that are not symmetric cancel.
    pub(super) fn run_mirrored(&mut self, crop: &[u8]) -> Result<Face, NetworkError> {
        Ok(face(&self.both_sides(crop)?.mean()))
    }

    /// As [`Refiner::run_mirrored`] for a face in a video. The mirror image costs as much as the crop
    /// and differs from it by about the same in the next frames, so it is looked at only in some.
    pub(super) fn run_tracked(
        &mut self,
        crop: &[u8],
        asymmetry: &mut Asymmetry,
    ) -> Result<Face, NetworkError> {
        if asymmetry.is_old() {
            let sides = self.both_sides(crop)?;
            asymmetry.renew(sides.half_difference());
            return Ok(face(&sides.mean()));
        }
        asymmetry.frames += 1;
        let plain = self.outputs(crop)?;
        Ok(face(&each(|i| plain[i] - asymmetry.half_difference[i])))
    }

    fn both_sides(&mut self, crop: &[u8]) -> Result<Sides, NetworkError> {
        let plain = self.outputs(crop)?;
        let mut mirror_image = crop.to_vec();
        mirror_image
            .chunks_exact_mut(self.size * 3)
            .for_each(|row| row.as_chunks_mut::<3>().0.reverse());
        let flipped = mirrored(&self.outputs(&mirror_image)?);
        Ok(Sides { plain, flipped })
    }

    fn outputs(&mut self, crop: &[u8]) -> Result<[f32; OUTPUTS], NetworkError> {
        self.network.run_pixels(crop)?;
        Ok(std::array::from_fn(|i| self.network.output(0)[i]))
    }
}

/// The outputs for a crop and for its mirror image, both in coordinates of the crop.
struct Sides {
    plain: [f32; OUTPUTS],
    flipped: [f32; OUTPUTS],
}

impl Sides {
    fn mean(&self) -> [f32; OUTPUTS] {
        each(|i| (self.plain[i] + self.flipped[i]) / 2.0)
    }

    /// By how much the outputs for the crop are larger than the mean.
    fn half_difference(&self) -> [f32; OUTPUTS] {
        each(|i| (self.plain[i] - self.flipped[i]) / 2.0)
    }
}

fn each(value: impl FnMut(usize) -> f32) -> [f32; OUTPUTS] {
    std::array::from_fn(value)
}

/// How the network's outputs for a tracked face differ from those for its mirror image.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asymmetry {
    half_difference: [f32; OUTPUTS],
    /// Frames since it was measured, from 1 on; 0 if it never was.
    frames: usize,
}

impl Asymmetry {
    fn is_old(&self) -> bool {
        self.frames == 0 || self.frames >= MIRROR_INTERVAL
    }

    fn renew(&mut self, half_difference: [f32; OUTPUTS]) {
        let share = if self.frames == 0 { 1.0 } else { RENEWED_SHARE };
        for (old, new) in self.half_difference.iter_mut().zip(half_difference) {
            *old += share * (new - *old);
        }
        self.frames = 1;
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
