//! Reading a clip: the people in it, each with the expressions over time.

use crate::{inputs, progress, raster};
use anyhow::{Context, Result};
use image::RgbImage;
use moue::geometry::BoundingBox;
use moue::video::{FaceTracker, People, PersonFace, TimedFrame, TrackerOptions};
use moue::{Expression, ExpressionEmbedder, FaceDetector, Frame};
use std::path::Path;
use std::time::Duration;

/// Pixels along the longer side of the small picture of a moment.
const THUMBNAIL_SIDE: f32 = 320.0;

/// Faces of a frame that are embedded, the largest: a crowd has no moments of its own.
const MAX_FACES: usize = 8;

/// A face that is narrower than this share of the largest one of its frame belongs to somebody in
/// the background. Chosen by hand: around a table the farthest face is half as wide as the nearest.
const MIN_WIDTH: f32 = 0.4;

/// Who is seen for less than this is a false find or passes by; unless nobody is seen for longer.
const MIN_PRESENCE: Duration = Duration::from_millis(500);

/// A clip that has been read.
pub(super) struct Clip {
    /// In the order in which they come.
    pub(super) people: Vec<Person>,
    /// Number of all frames.
    pub(super) frames: u64,
    /// Number of frames with a face.
    pub(super) faces: u64,
    /// Width and height of a frame.
    pub(super) size: [usize; 2],
    /// The time of the last frame.
    pub(super) end: Duration,
    /// Whether the video goes on behind the last frame that was read.
    pub(super) is_cut: bool,
}

/// Somebody in one shot of a clip. It is all that is kept of the frames.
#[derive(Default)]
pub(super) struct Person {
    pub(super) samples: Vec<(Duration, Expression)>,
    /// Where each of these faces is.
    pub(super) boxes: Vec<BoundingBox>,
}

impl Person {
    /// When the person is seen, from the first face to the last.
    pub(super) fn presence(&self) -> Option<[Duration; 2]> {
        Some([self.samples.first()?.0, self.samples.last()?.0])
    }

    fn lasts(&self) -> Duration {
        self.presence()
            .map_or(Duration::ZERO, |[from, to]| to - from)
    }

    /// The faces between two times with these.
    pub(super) fn places(
        &self,
        from: Duration,
        to: Duration,
    ) -> impl Iterator<Item = (Duration, BoundingBox)> {
        let start = self.samples.partition_point(|(t, _)| *t < from);
        let times = self.samples.iter().zip(&self.boxes).skip(start);
        times
            .take_while(move |((time, _), _)| *time <= to)
            .map(|((time, _), place)| (*time, *place))
    }
}

impl Clip {
    /// Whole frames a second, on average; at least 1.
    pub(super) fn rate(&self) -> u64 {
        let seconds = self.end.as_secs_f64().max(f64::MIN_POSITIVE);
        let rate = (self.frames.saturating_sub(1)) as f64 / seconds;
        rate.round().clamp(1.0, 1000.0) as u64
    }

    /// Whether people have to be told apart.
    pub(super) fn has_several(&self) -> bool {
        self.people.len() > 1
    }

    /// Leaves out who is hardly seen.
    fn without_passers_by(mut self) -> Self {
        let stays = |person: &Person| person.lasts() >= MIN_PRESENCE;
        if self.people.iter().any(stays) {
            self.people.retain(stays);
        }
        self.people.retain(|person| !person.samples.is_empty());
        self
    }
}

/// Reads a clip, at most `limit` frames, and embeds the faces of each frame.
pub(super) fn read_clip(video: &Path, limit: u64) -> Result<Clip> {
    let mut source = inputs::open_video(video)?;
    let tracker = FaceTracker::new(FaceDetector::new()?, TrackerOptions::default());
    let mut reader = Reader {
        people: People::new(tracker),
        embedder: ExpressionEmbedder::new()?,
        clip: Clip {
            people: Vec::new(),
            frames: 0,
            faces: 0,
            size: [1, 1],
            end: Duration::ZERO,
            is_cut: false,
        },
    };
    let progress = progress::spinner("frames");
    while let Some(timed) = source
        .next_frame()
        .with_context(|| video.display().to_string())?
    {
        if reader.clip.frames == limit {
            reader.clip.is_cut = true;
            break;
        }
        progress.inc(1);
        progress.set_message(format!("{:.1} s", timed.time.as_secs_f64()));
        reader.read(&timed)?;
    }
    progress.finish_and_clear();
    Ok(reader.clip.without_passers_by())
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

struct Reader {
    people: People,
    embedder: ExpressionEmbedder,
    clip: Clip,
}

impl Reader {
    fn read(&mut self, timed: &TimedFrame) -> Result<()> {
        self.clip.frames += 1;
        self.clip.end = timed.time;
        if self.clip.frames == 1 {
            self.clip.size = [timed.frame.width(), timed.frame.height()];
        }
        let mut faces = 0;
        for seen in in_front(self.people.update(&timed.frame, timed.time)?) {
            // One that cannot be embedded has no expression.
            let Ok(expression) = self.embedder.embed(&timed.frame, &seen.face) else {
                continue;
            };
            faces += 1;
            let people = &mut self.clip.people;
            people.resize_with(people.len().max(seen.person + 1), Person::default);
            let person = &mut people[seen.person];
            person.samples.push((timed.time, expression));
            person.boxes.push(seen.face.bounding_box);
        }
        self.clip.faces += u64::from(faces > 0);
        Ok(())
    }
}

/// The faces of a frame that are not in the background.
fn in_front(mut faces: Vec<PersonFace>) -> Vec<PersonFace> {
    let width = |seen: &PersonFace| seen.face.bounding_box.width;
    faces.sort_by(|a, b| width(b).total_cmp(&width(a)));
    faces.truncate(MAX_FACES);
    let least = faces
        .first()
        .map_or(0.0, |largest| MIN_WIDTH * width(largest));
    faces.retain(|seen| width(seen) >= least);
    faces
}

fn thumbnail(frame: &Frame<'_>) -> RgbImage {
    let scale = THUMBNAIL_SIDE / frame.width().max(frame.height()) as f32;
    let width = (frame.width() as f32 * scale).round().max(1.0);
    let height = (frame.height() as f32 * scale).round().max(1.0);
    raster::image_of(&frame.resized(width as usize, height as usize))
}
