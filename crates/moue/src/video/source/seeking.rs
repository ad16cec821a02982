//! Frames of videos from a position on.

use super::error::SourceError;
use super::ffmpeg::{Cut, pictures};
use super::sniff::{is_video, looks_like_video, read_start};
use super::timed::{TIME_TOLERANCE, TimedFrame};
use crate::frame::DecodeOptions;
use std::path::Path;
use std::time::Duration;

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
        if number > 0 && at + TIME_TOLERANCE >= time {
            // A later frame means that the position was wrong.
            let is_wanted = at <= time + TIME_TOLERANCE;
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
