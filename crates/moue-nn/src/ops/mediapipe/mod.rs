//! Custom operators of MediaPipe's models, by their names in files.
//!
//! The attention mesh (Grishchenko et al., arXiv 2006.10962) cuts the regions of lips and eyes out of
//! its own feature map: [`matrix`] makes an affine transform from landmarks, [`crop`] samples the map
//! through it, and [`landmarks`] brings the refined landmarks back. The options are FlexBuffers.

mod affine;
mod crop;
mod flexbuffer;
mod landmarks;
mod matrix;

use super::op::Read;
use super::transpose_conv;

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
