//! Errors as JavaScript sees them: an `Error` with a `code`.

use moue::FindError;
use moue::detect::DetectError;
use moue::embed::EmbedError;
use moue::frame::DecodeError;
use moue::gallery::GalleryError;
use moue::network::NetworkError;
use wasm_bindgen::JsValue;

/// Why a call fails. Its `code` is what programs compare, its message what people read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error(transparent)]
    Network(#[from] NetworkError),
    #[error(transparent)]
    Gallery(#[from] GalleryError),
    #[error("{0}")]
    Options(String),
    /// The engine's own network, not a gallery, is the other one.
    #[error(
        "the expression network is not the one that galleries are made with; \
         load the `expression.tflite` that came with this module"
    )]
    OtherWeights,
}

impl Error {
    /// The codes of the npm package's `MoueErrorCode`.
    fn code(&self) -> &'static str {
        match self {
            Self::Decode(_) => "decode",
            Self::Network(_) => "network",
            Self::OtherWeights | Self::Gallery(GalleryError::OtherWeights { .. }) => {
                "other-weights"
            }
            Self::Gallery(GalleryError::Newer { .. }) => "newer-format",
            Self::Gallery(_) => "gallery",
            Self::Options(_) => "options",
        }
    }
}

impl From<DetectError> for Error {
    fn from(error: DetectError) -> Self {
        match FindError::from(error) {
            FindError::Network(error) => Self::Network(error),
            FindError::Gallery(error) => Self::Gallery(error),
            other => Self::Options(other.to_string()),
        }
    }
}

impl From<serde_wasm_bindgen::Error> for Error {
    fn from(error: serde_wasm_bindgen::Error) -> Self {
        Self::Options(error.to_string())
    }
}

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        let value = js_sys::Error::new(&error.to_string());
        // Setting a property of a new object does not fail.
        let _ = js_sys::Reflect::set(&value, &"code".into(), &error.code().into());
        value.into()
    }
}

/// The embedding of one face, or in words why it has none; see [`moue::embed::per_face`].
pub(crate) fn per_face<T>(result: Result<T, EmbedError>) -> Result<Result<T, String>, Error> {
    Ok(moue::embed::per_face(result)?.map_err(|error| error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_face_is_its_own_matter_and_a_broken_network_ends_the_call() {
        let small = per_face::<()>(Err(EmbedError::TooSmall { pixels: 4.0 })).unwrap();
        assert!(small.unwrap_err().contains("too small"));
        let broken = EmbedError::Network(NetworkError::Shape("odd".into()));
        assert_eq!(per_face::<()>(Err(broken)).unwrap_err().code(), "network");
    }
}
