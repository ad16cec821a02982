//! The faces of a clip over time, and the moments when one has a strong expression.

use crate::stores::Store;
use crate::{inputs, progress, raster};
use anyhow::{Context, Result};
use image::RgbImage;
use moue::embed::{Emotion, Emotions};
use moue::finder::{FaceChoice, chosen};
use moue::gallery::SearchOptions;
use moue::video::{self, FaceTracker, TimedFrame, Timeline, TimelineOptions, TrackerOptions};
use moue::{Expression, ExpressionEmbedder, FaceDetector, Frame, Match};
use std::path::Path;
use std::time::Duration;

/// Pixels along the longer side of the small picture of a moment.
const THUMBNAIL_SIDE: f32 = 160.0;

/// A clip that has been read.
pub(super) struct Clip {
    /// The frames with a face: their times and the expressions of the largest face. It is all that is
    /// kept of a frame.
    pub(super) samples: Vec<(Duration, Expression)>,
    /// Number of all frames.
    pub(super) frames: u64,
    /// The time of the last frame.
    pub(super) end: Duration,
    /// Whether the video goes on behind the last frame that was read.
    pub(super) is_cut: bool,
}

impl Clip {
    /// Whole frames a second, on average; at least 1.
    pub(super) fn rate(&self) -> u64 {
        let seconds = self.end.as_secs_f64().max(f64::MIN_POSITIVE);
        let rate = (self.frames.saturating_sub(1)) as f64 / seconds;
        rate.round().clamp(1.0, 1000.0) as u64
    }
}

/// A moment with its matches, best first.
pub(super) struct Row {
    pub(super) time: Duration,
    pub(super) expression: Expression,
    pub(super) strength: f32,
    pub(super) emotions: Emotions,
    pub(super) matches: Vec<Match>,
}

impl Row {
    /// The label of the best picture.
    pub(super) fn label(&self) -> Option<&str> {
        self.matches.first().map(|best| best.label.as_str())
    }

    /// That label; without a match, what people would call the expression.
    pub(super) fn words(&self) -> &str {
        self.label().unwrap_or(self.emotions.top().name())
    }
}

/// The moments of a clip in the order of their times.
pub(super) struct Moments<'a> {
    pub(super) clip: &'a Clip,
    pub(super) rows: Vec<Row>,
    /// For each sample, the strength of its expression, 0 to 1.
    pub(super) curve: Vec<f32>,
}

impl<'a> Moments<'a> {
    /// Finds the moments, at most `limit`, and their matches.
    pub(super) fn of(
        clip: &'a Clip,
        gallery: &Store,
        search: &SearchOptions,
        limit: usize,
    ) -> Result<Self> {
        let options = TimelineOptions {
            limit,
            ..TimelineOptions::default()
        };
        let timeline = Timeline::of(&clip.samples, &options);
        let mut rows = Vec::new();
        for moment in &timeline.moments {
            let (time, expression) = clip.samples[moment.index];
            let emotions = expression.emotions();
            let search = SearchOptions {
                emotions: video::agreeing(&emotions),
                ..search.clone()
            };
            rows.push(Row {
                time,
                expression,
                strength: moment.strength,
                emotions,
                // The best one is shown, the JSON has the others to choose from.
                matches: gallery.search(&[expression], &search)?,
            });
        }
        Ok(Self {
            clip,
            rows,
            curve: timeline.curve,
        })
    }

    /// Why there is no moment; `None` if there are some.
    pub(super) fn note(&self) -> Option<String> {
        if !self.rows.is_empty() {
            return None;
        }
        let strongest = self.curve.iter().copied().fold(0.0, f32::max);
        if strongest < TimelineOptions::default().min_strength {
            return Some("the face stays neutral".into());
        }
        Some(match self.lasting_emotion() {
            Some(emotion) => {
                format!("the face shows {emotion} all the time, so no moment stands out")
            }
            None => "no expression is held that stands out; a mouth that speaks is none".into(),
        })
    }

    /// What most of the frames would be called, other than neutral.
    fn lasting_emotion(&self) -> Option<Emotion> {
        let samples = &self.clip.samples;
        let count = |emotion: &Emotion| {
            let is_top = |(_, e): &&(Duration, Expression)| e.emotions().top() == *emotion;
            samples.iter().filter(is_top).count()
        };
        let mut expressive = Emotion::ALL.into_iter().filter(|e| *e != Emotion::Neutral);
        expressive.find(|emotion| 2 * count(emotion) > samples.len())
    }
}

/// Reads a clip, at most `limit` frames, and embeds the largest face of each frame.
pub(super) fn read_clip(video: &Path, limit: u64) -> Result<Clip> {
    let mut source = inputs::open_video(video)?;
    let mut reader = Reader {
        tracker: FaceTracker::new(FaceDetector::new()?, TrackerOptions::default()),
        embedder: ExpressionEmbedder::new()?,
    };
    let mut clip = Clip {
        samples: Vec::new(),
        frames: 0,
        end: Duration::ZERO,
        is_cut: false,
    };
    let progress = progress::spinner("frames");
    while let Some(timed) = source
        .next_frame()
        .with_context(|| video.display().to_string())?
    {
        if clip.frames == limit {
            clip.is_cut = true;
            break;
        }
        clip.frames += 1;
        clip.end = timed.time;
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
    fn sample(&mut self, timed: &TimedFrame) -> Result<Option<(Duration, Expression)>> {
        let faces = self.tracker.update(&timed.frame, timed.time)?;
        let Some(face) = chosen(faces, FaceChoice::Largest, &timed.frame).pop() else {
            return Ok(None);
        };
        let expression = self.embedder.embed(&timed.frame, &face).ok();
        Ok(expression.map(|expression| (timed.time, expression)))
    }
}

fn thumbnail(frame: &Frame<'_>) -> RgbImage {
    let scale = THUMBNAIL_SIDE / frame.width().max(frame.height()) as f32;
    let width = (frame.width() as f32 * scale).round().max(1.0);
    let height = (frame.height() as f32 * scale).round().max(1.0);
    raster::image_of(&frame.resized(width as usize, height as usize))
}
