//! Custom operators of MediaPipe's models, by their names in files.
//!
//! The attention mesh (Grishchenko et al., arXiv 2006.10962) cuts the regions of lips and eyes out of
//! its own feature map: [`matrix`] makes an affine transform from landmarks, [`crop`] samples the map
//! through it, and [`landmarks`] brings the refined landmarks back. The options are FlexBuffers.

mod crop;
mod flexbuffer;
mod landmarks;
mod matrix;

use super::op::Read;
use super::transpose_conv;
use crate::error::Result;
use crate::graph::Operands;

/// The operator of this name and with these options; `None` for a name that is not MediaPipe's.
pub(super) fn read(name: &str, options: &[u8]) -> Option<Read> {
    match name {
        "Convolution2DTransposeBias" => Some(transpose_conv::read_mediapipe(options)),
        "Landmarks2TransformMatrix" => Some(matrix::read(options)),
        "TransformTensorBilinear" => Some(crop::read(options)),
        "TransformLandmarks" => Some(landmarks::read()),
        _ => None,
    }
}

/// An affine transform of the plane as the operators pass it on: the first two rows of a 4 × 4
/// matrix, of which the third column, for a depth, is not used.
#[derive(Clone, Copy)]
struct Affine {
    x: [f32; 3],
    y: [f32; 3],
}

impl Affine {
    /// From the stored matrix, whose rows are `row` floats apart.
    fn of(stored: &[f32], row: usize) -> Self {
        let line = |at: usize| [stored[at], stored[at + 1], stored[at + 3]];
        Self {
            x: line(0),
            y: line(row),
        }
    }

    fn apply(&self, x: f32, y: f32) -> [f32; 2] {
        [self.x, self.y].map(|line| line[0] * x + line[1] * y + line[2])
    }
}

/// Refuses an operand that is no 4 × 4 matrix.
fn check_matrix(operands: Operands<'_>, operand: usize) -> Result<()> {
    match operands.shape(operand)? {
        [1, 4, 4] => Ok(()),
        other => operands
            .node
            .malformed(format!("a transform of shape {other:?}, not [1, 4, 4]")),
    }
}
