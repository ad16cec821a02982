//! Why a source returns no more frames.

use crate::frame::DecodeError;

/// Why a source returns no more frames.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A picture or animation can't be decoded, or the call was canceled.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A video or camera can't be read.
    #[cfg(feature = "video")]
    #[error(transparent)]
    Ffmpeg(#[from] FfmpegError),
    /// Raw bytes end in the middle of a frame, or can't be read.
    #[error("raw frames: {0}")]
    Raw(std::io::Error),
}

/// Why a video or camera returns no frames.
#[cfg(feature = "video")]
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FfmpegError {
    /// The program is not there.
    #[error(
        "videos and cameras need the program ffmpeg, which is not installed: \
         apt install ffmpeg, brew install ffmpeg or winget install ffmpeg"
    )]
    Missing,
    /// The program can't be started or its output can't be read.
    #[error("ffmpeg: {0}")]
    Io(#[from] std::io::Error),
    /// The program failed; the last line of its messages.
    #[error("ffmpeg: {0}")]
    Failed(String),
    /// The program wrote something that is no picture.
    #[error("ffmpeg wrote no picture but {0:?}")]
    Unexpected(String),
}
