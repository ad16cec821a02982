//! Reading a clip from its file, and small pictures of its moments.

use crate::{inputs, progress, raster};
use anyhow::{Context, Result};
use image::RgbImage;
use moue::video::{Clip, ClipReader, TimedFrame};
use moue::{ExpressionEmbedder, FaceDetector, Frame};
use std::path::Path;
use std::time::Duration;

/// Pixels along the longer side of the small picture of a moment.
const THUMBNAIL_SIDE: f32 = 320.0;

/// Reads a clip, at most `limit` frames, and says whether the video goes on behind them.
pub(super) fn read_clip(video: &Path, limit: u64) -> Result<(Clip, bool)> {
    let mut source = inputs::open_video(video)?;
    let mut reader = ClipReader::new(FaceDetector::new()?, ExpressionEmbedder::new()?);
    let progress = progress::spinner("frames");
    let is_cut = loop {
        let next = source.next_frame();
        let Some(timed) = next.with_context(|| video.display().to_string())? else {
            break false;
        };
        if reader.frames() == limit {
            break true;
        }
        progress.inc(1);
        progress.set_message(format!("{:.1} s", timed.time.as_secs_f64()));
        reader.update(&timed.frame, timed.time)?;
    };
    Ok((reader.finish(), is_cut))
}

/// Small pictures of the frames at these times, which grow. The clip is read again for them: moments
/// are known only at its end, and small pictures of all its frames would be gigabytes for an hour.
pub(super) fn read_thumbnails(video: &Path, times: &[Duration]) -> Result<Vec<RgbImage>> {
    let mut source = inputs::open_video(video)?;
    let mut thumbnails: Vec<RgbImage> = Vec::new();
    let mut last: Option<TimedFrame> = None;
    while let Some(time) = times.get(thumbnails.len()) {
        // Moments of several people may be in one frame.
        if last.as_ref().is_none_or(|timed| timed.time < *time) {
            let next = source.next_frame();
            let next = next.with_context(|| video.display().to_string())?;
            last = Some(next.with_context(|| format!("{} has become shorter", video.display()))?);
        }
        thumbnails.extend(
            last.as_ref()
                .filter(|l| l.time >= *time)
                .map(|l| thumbnail(&l.frame)),
        );
    }
    Ok(thumbnails)
}

fn thumbnail(frame: &Frame<'_>) -> RgbImage {
    let scale = THUMBNAIL_SIDE / frame.width().max(frame.height()) as f32;
    let width = (frame.width() as f32 * scale).round().max(1.0);
    let height = (frame.height() as f32 * scale).round().max(1.0);
    raster::image_of(&frame.resized(width as usize, height as usize))
}
