//! Opening a picture, animation or video as a source.

use super::animation::Animation;
use super::error::SourceError;
#[cfg(feature = "video")]
use super::ffmpeg::Ffmpeg;
#[cfg(feature = "video")]
use super::sniff::{is_video, looks_like_video, read_start};
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

/// Opens a picture, an animation (GIF, animated WebP, APNG) or a video within the default
/// [`DecodeOptions`].
///
/// # Errors
/// [`SourceError`] if it can't be read. A video needs the feature `video` and the program `ffmpeg`.
pub fn open_source(path: impl AsRef<Path>) -> Result<Box<dyn FrameSource>, SourceError> {
    open_source_with(path, &DecodeOptions::default())
}

/// As [`open_source`], with the caller's options. A file with the ending of a video, or that begins
/// as one, is read by another process, one frame for each call; the bytes of such a file and the
/// number of its frames are not limited.
///
/// # Errors
/// As for [`open_source`].
pub fn open_source_with(
    path: impl AsRef<Path>,
    options: &DecodeOptions,
) -> Result<Box<dyn FrameSource>, SourceError> {
    let path = path.as_ref();
    #[cfg(feature = "video")]
    if is_video(path) || looks_like_video(&read_start(path)?) {
        return Ok(Box::new(Ffmpeg::file_with(path, options)?));
    }
    match Animation::open_with(path, options)? {
        Some(animation) => Ok(Box::new(animation)),
        None => Ok(Box::new(Still(Some(Frame::open_with(path, options)?)))),
    }
}
