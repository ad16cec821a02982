//! The faces of a clip over time, and the moments when one is far from its usual expression.

use crate::{inputs, progress, raster};
use anyhow::{Context, Result};
use image::RgbImage;
use moue::finder::{FaceChoice, chosen};
use moue::gallery::SearchOptions;
use moue::video::{FaceTracker, TimedFrame, Timeline, TimelineOptions, TrackerOptions};
use moue::{Expression, ExpressionEmbedder, FaceDetector, Frame, Gallery, Match};
use std::path::Path;
use std::time::Duration;

/// Pixels along the longer side of the small picture of a moment.
const THUMBNAIL_SIDE: f32 = 160.0;

/// A frame with a face.
pub(super) struct Sample {
    pub(super) time: Duration,
    pub(super) expression: Expression,
}

/// A clip that has been read.
pub(super) struct Clip {
    pub(super) samples: Vec<Sample>,
    /// Number of all frames.
    pub(super) frames: usize,
}

/// A moment with its matches, best first.
pub(super) struct Row<'a> {
    pub(super) sample: &'a Sample,
    pub(super) strength: f32,
    pub(super) matches: Vec<Match>,
}

impl Row<'_> {
    /// The label of the best picture.
    pub(super) fn label(&self) -> Option<&str> {
        self.matches.first().map(|best| best.label.as_str())
    }
}

/// The moments of a clip in the order of their times.
pub(super) struct Moments<'a> {
    pub(super) clip: &'a Clip,
    pub(super) rows: Vec<Row<'a>>,
    /// For each sample, its distance from the usual expression.
    pub(super) curve: Vec<f32>,
}

impl<'a> Moments<'a> {
    /// Finds the moments, at most `limit`, and their matches.
    pub(super) fn of(
        clip: &'a Clip,
        gallery: &Gallery,
        search: &SearchOptions,
        limit: usize,
    ) -> Result<Self> {
        let samples = clip.samples.iter();
        let faces: Vec<(Duration, Expression)> = samples.map(|s| (s.time, s.expression)).collect();
        let options = TimelineOptions {
            limit,
            ..TimelineOptions::default()
        };
        let timeline = Timeline::of(&faces, &options);
        let mut rows = Vec::new();
        for moment in &timeline.moments {
            let sample = &clip.samples[moment.index];
            rows.push(Row {
                sample,
                strength: moment.strength,
                // The best one is shown, the JSON has the others to choose from.
                matches: gallery.search(&[sample.expression], search)?,
            });
        }
        Ok(Self {
            clip,
            rows,
            curve: timeline.curve,
        })
    }
}

/// Reads a clip and embeds the largest face of each frame.
pub(super) fn read_clip(video: &Path) -> Result<Clip> {
    let mut source = inputs::open_video(video)?;
    let mut reader = Reader {
        tracker: FaceTracker::new(FaceDetector::new()?, TrackerOptions::default()),
        embedder: ExpressionEmbedder::new()?,
    };
    let mut clip = Clip {
        samples: Vec::new(),
        frames: 0,
    };
    let progress = progress::spinner("frames");
    while let Some(timed) = source
        .next_frame()
        .with_context(|| video.display().to_string())?
    {
        clip.frames += 1;
        progress.inc(1);
        progress.set_message(format!("{:.1} s", timed.time.as_secs_f64()));
        clip.samples.extend(reader.sample(&timed)?);
    }
    progress.finish_and_clear();
    Ok(clip)
}

/// Small pictures of the frames at these times, which grow. The clip is read again for them: moments
/// are known only at its end, and small pictures of all its frames would be gigabytes for an hour.
pub(super) fn read_thumbnails(video: &Path, times: &[Duration]) -> Result<Vec<RgbImage>> {
    let mut source = inputs::open_video(video)?;
    let mut thumbnails = Vec::new();
    while let Some(time) = times.get(thumbnails.len()) {
        let timed = source
            .next_frame()
            .with_context(|| video.display().to_string())?
            .with_context(|| format!("{} has become shorter", video.display()))?;
        if timed.time >= *time {
            thumbnails.push(thumbnail(&timed.frame));
        }
    }
    Ok(thumbnails)
}

struct Reader {
    tracker: FaceTracker,
    embedder: ExpressionEmbedder,
}

impl Reader {
    /// `None` if there is no face that can be embedded.
    fn sample(&mut self, timed: &TimedFrame) -> Result<Option<Sample>> {
        let faces = self.tracker.update(&timed.frame, timed.time)?;
        let Some(face) = chosen(faces, FaceChoice::Largest, &timed.frame).pop() else {
            return Ok(None);
        };
        let expression = self.embedder.embed(&timed.frame, &face).ok();
        Ok(expression.map(|expression| Sample {
            time: timed.time,
            expression,
        }))
    }
}

fn thumbnail(frame: &Frame<'_>) -> RgbImage {
    let scale = THUMBNAIL_SIDE / frame.width().max(frame.height()) as f32;
    let width = (frame.width() as f32 * scale).round().max(1.0);
    let height = (frame.height() as f32 * scale).round().max(1.0);
    raster::image_of(&frame.resized(width as usize, height as usize))
}
