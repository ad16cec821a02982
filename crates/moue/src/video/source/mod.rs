//! Where frames come from: pictures, animations, videos, cameras, raw bytes.

mod animation;
mod ffmpeg;
mod raw;

pub use animation::Animation;
pub use ffmpeg::{Ffmpeg, FfmpegError};
pub use raw::RawFrames;

use crate::Frame;
use crate::frame::DecodeError;
use std::path::Path;
use std::time::Duration;

/// A frame and when it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct TimedFrame {
    /// The picture.
    pub frame: Frame<'static>,
    /// From the start of the source; later frames have later times.
    pub time: Duration,
}

/// Why a source gives no more frames.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A picture or animation can't be decoded.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A video or camera can't be read.
    #[error(transparent)]
    Ffmpeg(#[from] FfmpegError),
    /// Raw bytes end in the middle of a frame, or can't be read.
    #[error("raw frames: {0}")]
    Raw(std::io::Error),
}

/// Something that gives frames one after the other.
pub trait FrameSource {
    /// The next frame, `None` at the end.
    ///
    /// # Errors
    /// [`SourceError`]; nothing comes after that.
    fn next_frame(&mut self) -> Result<Option<TimedFrame>, SourceError>;

    /// Whether frames come by themselves, in real time, as a camera's do.
    fn is_live(&self) -> bool {
        false
    }
}

/// One picture, at time 0.
struct Still(Option<Frame<'static>>);

impl FrameSource for Still {
    fn next_frame(&mut self) -> Result<Option<TimedFrame>, SourceError> {
        Ok(self.0.take().map(|frame| TimedFrame {
            frame,
            time: Duration::ZERO,
        }))
    }
}

/// Endings of files that only `ffmpeg` reads.
const VIDEOS: [&str; 14] = [
    "mp4", "m4v", "mov", "mkv", "webm", "avi", "mpg", "mpeg", "ts", "wmv", "flv", "3gp", "ogv",
    "y4m",
];

/// Whether a file is a video by its name.
pub fn is_video(path: impl AsRef<Path>) -> bool {
    let ending = path
        .as_ref()
        .extension()
        .map(|e| e.to_string_lossy().to_lowercase());
    ending.is_some_and(|e| VIDEOS.contains(&e.as_str()))
}

/// Opens a picture, an animation (GIF, animated WebP, APNG) or a video.
///
/// # Errors
/// [`SourceError`] if it can't be read; a video needs the program `ffmpeg`.
pub fn open_source(path: impl AsRef<Path>) -> Result<Box<dyn FrameSource>, SourceError> {
    let path = path.as_ref();
    if is_video(path) {
        return Ok(Box::new(Ffmpeg::file(path)?));
    }
    match Animation::open(path)? {
        Some(animation) => Ok(Box::new(animation)),
        None => Ok(Box::new(Still(Some(Frame::open(path)?)))),
    }
}
