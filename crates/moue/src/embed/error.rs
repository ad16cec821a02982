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

/// The expression of one face of several, or why it has none. A network that fails will fail for
/// every face, so that is an error of the whole picture; a face that is too small is its own matter.
///
/// ```
/// use moue::embed::{EmbedError, per_face};
/// use moue::network::NetworkError;
/// let small = Err::<(), _>(EmbedError::TooSmall { pixels: 4.0 });
/// assert!(per_face(small)?.is_err());
/// let broken = NetworkError::Shape("odd".into());
/// assert!(per_face(Err::<(), _>(broken.into())).is_err());
/// # Ok::<(), NetworkError>(())
/// ```
///
/// # Errors
/// The [`NetworkError`] of [`EmbedError::Network`].
pub fn per_face<T>(embedded: Result<T, EmbedError>) -> Result<Result<T, EmbedError>, NetworkError> {
    match embedded {
        Err(EmbedError::Network(error)) => Err(error),
        own => Ok(own),
    }
}

/// Faces narrower than this many pixels are not embedded: chosen by hand, brows and mouth are a
/// pixel or two then.
pub const MIN_FACE_PIXELS: f32 = 10.0;
