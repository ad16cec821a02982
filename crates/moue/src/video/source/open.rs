//! Opening a picture, animation or video as a source.

use super::animation::Animation;
use super::error::SourceError;
#[cfg(feature = "video")]
use super::ffmpeg::Ffmpeg;
use super::timed::{FrameSource, TimedFrame};
use crate::Frame;
use crate::frame::DecodeOptions;
use std::path::Path;
use std::time::Duration;

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

/// Extensions of files that only `ffmpeg` reads.
const VIDEO_EXTENSIONS: [&str; 14] = [
    "mp4", "m4v", "mov", "mkv", "webm", "avi", "mpg", "mpeg", "ts", "wmv", "flv", "3gp", "ogv",
    "y4m",
];

/// Whether a file is a video by its name.
///
/// ```
/// assert!(moue::video::is_video("clip.MP4"));
/// assert!(!moue::video::is_video("wave.gif"));
/// ```
pub fn is_video(path: impl AsRef<Path>) -> bool {
    let extension = path.as_ref().extension();
    extension
        .is_some_and(|e| VIDEO_EXTENSIONS.contains(&e.to_string_lossy().to_lowercase().as_str()))
}

/// Opens a picture, an animation (GIF, animated WebP, APNG) or a video within the default
/// [`DecodeOptions`].
///
/// # Errors
/// [`SourceError`] if it can't be read. A video needs the feature `video` and the program `ffmpeg`.
pub fn open_source(path: impl AsRef<Path>) -> Result<Box<dyn FrameSource>, SourceError> {
    open_source_with(path, &DecodeOptions::default())
}

/// As [`open_source`], with the caller's options, which are for pictures and animations: videos are
/// decoded by another process, one frame for each call.
///
/// # Errors
/// As for [`open_source`].
pub fn open_source_with(
    path: impl AsRef<Path>,
    options: &DecodeOptions,
) -> Result<Box<dyn FrameSource>, SourceError> {
    let path = path.as_ref();
    #[cfg(feature = "video")]
    if is_video(path) {
        return Ok(Box::new(Ffmpeg::file(path)?));
    }
    match Animation::open_with(path, options)? {
        Some(animation) => Ok(Box::new(animation)),
        None => Ok(Box::new(Still(Some(Frame::open_with(path, options)?)))),
    }
}
