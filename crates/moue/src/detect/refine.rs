//! The network that looks at each proposed face once more.

use super::view::View;
use super::{Face, decode};
use crate::Frame;
use crate::geometry::BoundingBox;
use crate::network::{Network, NetworkError};

/// Numbers that the network gives: a logit, a box, six points.
const OUTPUTS: usize = 17;

#[derive(Clone)]
pub(super) struct Refiner {
    network: Box<dyn Network>,
    size: usize,
    input: Vec<f32>,
}

impl Refiner {
    /// Widths of a face that the network is shown.
    pub(super) const SHOWN: f32 = 2.0;

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

    /// What is in the middle of a view, in coordinates of the picture, with its score.
    pub(super) fn look(&mut self, frame: &Frame<'_>, view: &View) -> Result<Face, NetworkError> {
        view.write_input(frame, self.size, &mut self.input);
        let values = self.run()?;
        Ok(Self::face(&values, view, frame))
    }

    /// The mean of what the network says of a view and of its mirror image.
    pub(super) fn look_twice(
        &mut self,
        frame: &Frame<'_>,
        view: &View,
    ) -> Result<Face, NetworkError> {
        view.write_input(frame, self.size, &mut self.input);
        let plain = self.run()?;
        self.input
            .chunks_exact_mut(self.size * 3)
            .for_each(|row| row.as_chunks_mut::<3>().0.reverse());
        let turned = mirrored(&self.run()?);
        let mean = std::array::from_fn(|i| (plain[i] + turned[i]) / 2.0);
        Ok(Self::face(&mean, view, frame))
    }

    fn run(&mut self) -> Result<[f32; OUTPUTS], NetworkError> {
        self.network.run(&self.input)?;
        Ok(std::array::from_fn(|i| self.network.output(0)[i]))
    }

    fn face(values: &[f32; OUTPUTS], view: &View, frame: &Frame<'_>) -> Face {
        let point = |i: usize| [values[i] + 0.5, values[i + 1] + 0.5];
        let ([x, y], [width, height]) = (point(1), [values[3], values[4]]);
        let bounding_box = BoundingBox {
            xmin: x - width / 2.0,
            ymin: y - height / 2.0,
            width,
            height,
        };
        let key_points = Some(std::array::from_fn(|i| point(5 + 2 * i)));
        view.restore(
            &Face {
                bounding_box,
                score: decode::sigmoid(values[0]),
                key_points,
            },
            frame,
        )
    }
}

/// What the network said of a mirrored view, as of the view itself: left and right change places.
fn mirrored(values: &[f32; OUTPUTS]) -> [f32; OUTPUTS] {
    let mut out = *values;
    out[1] = -values[1];
    for (i, partner) in [1, 0, 2, 3, 5, 4].into_iter().enumerate() {
        out[5 + 2 * i] = -values[5 + 2 * partner];
        out[6 + 2 * i] = values[6 + 2 * partner];
    }
    out
}
