//! Why a source returns no more frames.

use crate::frame::DecodeError;
#[cfg(feature = "video")]
use crate::program::ProgramError;

/// Why a source returns no more frames.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A picture, animation, video or camera can't be read, or the call was canceled.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// Raw bytes end in the middle of a frame, or can't be read.
    #[error("raw frames: {0}")]
    Raw(std::io::Error),
}

#[cfg(feature = "video")]
impl From<ProgramError> for SourceError {
    fn from(error: ProgramError) -> Self {
        Self::Decode(error.into())
    }
}
