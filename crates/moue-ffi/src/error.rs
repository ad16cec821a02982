//! Errors as other languages see them.

use moue::FindError;
use moue::cancel::Cancelled;
use moue::detect::DetectError;
use moue::frame::{DecodeError, RawError};
use moue::gallery::GalleryError;
use moue::network::NetworkError;

/// Why a call fails. Programs compare the case; the message is for people.
#[derive(Debug, thiserror::Error, uniffi::Error)]
#[uniffi(flat_error)]
#[non_exhaustive]
pub enum MoueError {
    /// The bytes are no picture that can be read: of an unknown format, damaged, cut off, or larger
    /// than a limit.
    #[error("{0}")]
    Decode(String),
    /// An argument is impossible: a buffer too short for its layout, a negative time, an expression
    /// without its 64 numbers.
    #[error("{0}")]
    Options(String),
    /// A network failed.
    #[error("{0}")]
    Network(String),
    /// The gallery cannot be opened, read or written.
    #[error("{0}")]
    Gallery(String),
    /// The gallery was made with other weights, so that its expressions cannot be compared.
    #[error("{0}")]
    OtherWeights(String),
    /// The gallery was made by a newer program.
    #[error("{0}")]
    NewerFormat(String),
    /// The call was canceled, or its deadline has passed.
    #[error("{0}")]
    Cancelled(String),
}

impl From<DecodeError> for MoueError {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Cancelled(cancelled) => cancelled.into(),
            other => Self::Decode(other.to_string()),
        }
    }
}

impl From<RawError> for MoueError {
    fn from(error: RawError) -> Self {
        Self::Options(error.to_string())
    }
}

impl From<NetworkError> for MoueError {
    fn from(error: NetworkError) -> Self {
        Self::Network(error.to_string())
    }
}

impl From<GalleryError> for MoueError {
    fn from(error: GalleryError) -> Self {
        let text = error.to_string();
        match error {
            GalleryError::OtherWeights { .. } => Self::OtherWeights(text),
            GalleryError::Newer { .. } => Self::NewerFormat(text),
            GalleryError::Cancelled(_) => Self::Cancelled(text),
            _ => Self::Gallery(text),
        }
    }
}

impl From<Cancelled> for MoueError {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled.to_string())
    }
}

impl From<DetectError> for MoueError {
    fn from(error: DetectError) -> Self {
        FindError::from(error).into()
    }
}

impl From<FindError> for MoueError {
    fn from(error: FindError) -> Self {
        match error {
            FindError::Network(error) => error.into(),
            FindError::Gallery(error) => error.into(),
            FindError::Cancelled(cancelled) => cancelled.into(),
            // A later version's own: whatever it is, the call did not find anything.
            other => Self::Network(other.to_string()),
        }
    }
}

/// A panic would end an app that aborts on panics; a lock that one poisoned still guards whole
/// values, as all changes under our locks are single assignments.
pub(crate) fn locked<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
