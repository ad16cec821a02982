//! One frame of a video, animation or picture by its time.

use super::error::SourceError;
use super::open::open_source_with;
#[cfg(feature = "video")]
use super::seeking;
use super::timed::{FrameSource, TIME_TOLERANCE, TimedFrame};
use crate::frame::{DecodeError, DecodeOptions};
use std::path::Path;
use std::time::Duration;

/// The first frame at or after `time` of a video, animation or picture, as a
/// [source](super::open_source) of the file has it; `None` if the file ends before. The time of a
/// frame, to within 1.5 ms, gives that frame. A video is read from shortly before that
/// time where its container allows that, else from its start.
///
/// ```no_run
/// use moue::frame::DecodeOptions;
/// use std::time::Duration;
/// let time = Duration::from_millis(83_440);
/// if let Some(timed) = moue::video::frame_at("clip.mp4", time, &DecodeOptions::default())? {
///     println!("{}×{}", timed.frame.width(), timed.frame.height());
/// }
/// # Ok::<(), moue::video::SourceError>(())
/// ```
///
/// # Errors
/// [`SourceError`] as for a source.
pub fn frame_at(
    path: impl AsRef<Path>,
    time: Duration,
    options: &DecodeOptions,
) -> Result<Option<TimedFrame>, SourceError> {
    let path = path.as_ref();
    #[cfg(feature = "video")]
    // Any container can be read from its start, so that is tried last and tells what is wrong.
    if let Ok(Some(timed)) = seeking::frame_at(path, time, options) {
        return Ok(Some(timed));
    }
    frame_of(&mut *open_source_with(path, options)?, time, options)
}

/// The first frame at or after `time`, as [`frame_at`] gives it, read from where the source is; `None`
/// if it ends before.
///
/// # Errors
/// [`SourceError`] as for the source, or if the options' token is canceled.
pub fn frame_of(
    source: &mut dyn FrameSource,
    time: Duration,
    options: &DecodeOptions,
) -> Result<Option<TimedFrame>, SourceError> {
    while let Some(timed) = source.next_frame()? {
        options.cancel.check().map_err(DecodeError::from)?;
        if timed.time + TIME_TOLERANCE >= time {
            return Ok(Some(timed));
        }
    }
    Ok(None)
}
