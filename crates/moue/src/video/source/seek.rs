//! One frame of a video, animation or picture by its time.

use super::error::SourceError;
use super::open::open_source_with;
use super::timed::{FrameSource, TimedFrame};
use crate::frame::{DecodeError, DecodeOptions};
use std::path::Path;
use std::time::Duration;

/// By how much a frame's time may differ from the one wanted: those that are stored have whole
/// microseconds, and the clocks of some containers count milliseconds.
const TOLERANCE: Duration = Duration::from_micros(1500);

/// The frame that is shown at `time` in a video, animation or picture, as a
/// [source](super::open_source) of the file has it; `None` if the file ends before. A video is
/// read from shortly before that time where its container allows that, else from its start.
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

/// The frame that a source shows at `time`, read from where the source is; `None` if it ends
/// before.
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
        if timed.time + TOLERANCE >= time {
            return Ok(Some(timed));
        }
    }
    Ok(None)
}

/// Videos from a position on.
#[cfg(feature = "video")]
mod seeking {
    use super::super::ffmpeg::{Cut, pictures};
    use super::super::sniff::{is_video, looks_like_video, read_start};
    use super::*;

    /// How long before the frame reading begins. The first frame after the position loses its time.
    const LEAD: Duration = Duration::from_secs(1);

    /// Frames after the position that are read: those of [`LEAD`] at the rate of fast cameras.
    const MAX_FRAMES: usize = 600;

    /// A position counts from the start of the container, and its first picture may come later, as
    /// in a recording whose sound starts earlier. What `ffmpeg` writes starts with the first
    /// picture, which hides that time; so it is given to the second one.
    const START_OF_PICTURES: &str = "setpts='if(eq(N,0),0,if(eq(N,1),STARTPTS,PTS))'";

    /// A first frame at 0, so that the others keep their times after the position.
    const KEEP_TIMES: &str = "setpts='if(eq(N,0),0,PTS)'";

    /// `None` if the frame is at the start, or not where the position should be.
    pub(super) fn frame_at(
        path: &Path,
        time: Duration,
        options: &DecodeOptions,
    ) -> Result<Option<TimedFrame>, SourceError> {
        let is_sought = time > 2 * LEAD && (is_video(path) || looks_like_video(&read_start(path)?));
        if !is_sought {
            return Ok(None);
        }
        let offset = start_of_pictures(path, options)?;
        let start = time + offset - LEAD;
        let cut = Cut {
            start,
            filter: Some(KEEP_TIMES),
        };
        let mut pictures = pictures(path, options, cut, Ok)?;
        for number in 0..MAX_FRAMES {
            let Some(picture) = pictures.next()? else {
                break;
            };
            let at = (start + picture.time_since(0)).saturating_sub(offset);
            if number > 0 && at + TOLERANCE >= time {
                // A later frame means that the position was wrong.
                let is_wanted = at <= time + TOLERANCE;
                return Ok(is_wanted.then(|| picture.timed(at)).transpose()?);
            }
        }
        Ok(None)
    }

    fn start_of_pictures(path: &Path, options: &DecodeOptions) -> Result<Duration, SourceError> {
        let cut = Cut {
            start: Duration::ZERO,
            filter: Some(START_OF_PICTURES),
        };
        let mut pictures = pictures(path, options, cut, Ok)?;
        pictures.next()?;
        let second = pictures.next()?;
        Ok(second.map_or(Duration::ZERO, |picture| picture.time_since(0)))
    }
}
