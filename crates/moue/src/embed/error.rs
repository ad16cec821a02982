//! Why a face cannot be embedded.

use crate::network::NetworkError;

/// Why a face has no expression. It is never embedded from something else instead.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EmbedError {
    /// Too few pixels for an expression.
    #[error("the face is too small: {pixels:.0} pixels wide, {MIN_FACE_PIXELS} are needed")]
    TooSmall {
        /// Width of the face's box in pixels.
        pixels: f32,
    },
    /// Box or key points are not finite or lie outside the picture.
    #[error("the face lies outside the picture")]
    Outside,
    /// The face's key points are unknown, so its eyes cannot be leveled; a picture that is a face
    /// crop already is embedded by
    /// [`ExpressionEmbedder::embed_cropped`](crate::ExpressionEmbedder::embed_cropped).
    #[error("the face has no key points to align it by")]
    NoKeyPoints,
    /// The network failed, or returned no usable embedding.
    #[error(transparent)]
    Network(#[from] NetworkError),
}

/// Faces narrower than this many pixels are not embedded: chosen by hand, brows and mouth are a
/// pixel or two then.
pub const MIN_FACE_PIXELS: f32 = 10.0;
