//! Faces from frame to frame: the next one starts where the last one ended, and a still head gives
//! a still box.

use crate::Frame;
use crate::detect::{Face, FaceDetector};
use crate::geometry::{BoundingBox, Point};
use crate::network::NetworkError;
use std::time::Duration;

/// How faces are followed through a video.
///
/// The smoothing is the "1 € filter" (Casiez, Roussel, Vogel 2012): a low-pass filter whose cutoff
/// frequency grows with the speed, so that what rests is still and what moves does not lag. Speeds
/// count in widths of the face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrackerOptions {
    /// Cutoff frequency of a face at rest, in hertz: the smaller, the stiller.
    pub min_cutoff: f32,
    /// Hertz by which the cutoff grows with each face width a second: the larger, the less a moving
    /// face lags.
    pub beta: f32,
    /// Cutoff frequency of the speed itself, in hertz.
    pub derivative_cutoff: f32,
    /// The whole frame is searched for new faces this often, and whenever there is no face.
    pub search_interval: Duration,
    /// A known face is kept down to this score, which may be lower than that of a new one.
    pub keep_score: f32,
}

impl Default for TrackerOptions {
    fn default() -> Self {
        Self {
            min_cutoff: 1.0,
            beta: 5.0,
            derivative_cutoff: 1.0,
            search_interval: Duration::from_millis(300),
            keep_score: 0.4,
        }
    }
}

/// Follows faces through a video. Most frames cost one look at each face.
///
/// ```no_run
/// use moue::FaceDetector;
/// use moue::video::{FaceTracker, FrameSource, TrackerOptions, open_source};
/// let mut tracker = FaceTracker::new(FaceDetector::new()?, TrackerOptions::default());
/// let mut video = open_source("me.mp4")?;
/// while let Some(timed) = video.next_frame()? {
///     println!("{} faces", tracker.update(&timed.frame, timed.time)?.len());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct FaceTracker {
    detector: FaceDetector,
    options: TrackerOptions,
    tracks: Vec<Track>,
    searched: Option<Duration>,
}

#[derive(Clone)]
struct Track {
    face: Face,
    filters: Vec<OneEuro>,
    time: Duration,
}

impl FaceTracker {
    /// Knows no face yet.
    pub fn new(detector: FaceDetector, options: TrackerOptions) -> Self {
        Self {
            detector,
            options,
            tracks: Vec::new(),
            searched: None,
        }
    }

    /// Forgets all faces, as after a cut.
    pub fn reset(&mut self) {
        self.tracks.clear();
        self.searched = None;
    }

    /// The faces of the next frame, the surest first, smoothed. Times grow; after a step back all
    /// starts anew.
    ///
    /// # Errors
    /// [`NetworkError`] if the network fails.
    pub fn update(&mut self, frame: &Frame<'_>, time: Duration) -> Result<Vec<Face>, NetworkError> {
        if self.tracks.iter().any(|t| t.time >= time) || self.searched.is_some_and(|s| s > time) {
            self.reset();
        }
        self.follow(frame, time)?;
        let due = self
            .searched
            .is_none_or(|s| time - s >= self.options.search_interval);
        if due || self.tracks.is_empty() {
            self.search(frame, time)?;
        }
        self.tracks
            .sort_by(|a, b| b.face.score.total_cmp(&a.face.score));
        Ok(self.tracks.iter().map(|t| t.face.clone()).collect())
    }

    /// Looks at each known face where it was; those that are not seen any more, or have become the
    /// same, are forgotten.
    fn follow(&mut self, frame: &Frame<'_>, time: Duration) -> Result<(), NetworkError> {
        let mut kept: Vec<Track> = Vec::new();
        for mut track in std::mem::take(&mut self.tracks) {
            let mut seen = self.detector.refine(frame, &track.face)?;
            let jumped = seen
                .as_ref()
                .is_some_and(|face| moved(&track.face, face) > JUMP);
            if let Some(face) = seen.take_if(|_| jumped) {
                seen = self.settled(frame, face)?;
            }
            let Some(face) = seen.filter(|f| f.score >= self.options.keep_score) else {
                continue;
            };
            if kept
                .iter()
                .all(|k| k.face.bounding_box.iou(&face.bounding_box) < 0.3)
            {
                if jumped {
                    track = Track::new(face, time);
                } else {
                    track.follow(&face, time, &self.options);
                }
                kept.push(track);
            }
        }
        self.tracks = kept;
        Ok(())
    }

    fn search(&mut self, frame: &Frame<'_>, time: Duration) -> Result<(), NetworkError> {
        self.searched = Some(time);
        for face in self.detector.detect_whole(frame)? {
            if self
                .tracks
                .iter()
                .any(|t| t.face.bounding_box.iou(&face.bounding_box) > 0.2)
            {
                continue;
            }
            let settled = self.settled(frame, face)?;
            self.tracks.extend(
                settled
                    .filter(|f| f.score >= self.options.keep_score)
                    .map(|f| Track::new(f, time)),
            );
        }
        Ok(())
    }

    /// A new face as the next frames will see it, so that it does not move while it rests; `None`
    /// if they would not.
    fn settled(&mut self, frame: &Frame<'_>, mut face: Face) -> Result<Option<Face>, NetworkError> {
        /// Most looks until box and key points hardly change any more.
        const LOOKS: usize = 10;
        /// Hardly: by this share of the face's width.
        const RESTS: f32 = 0.0005;
        for _ in 0..LOOKS {
            let Some(seen) = self.detector.refine(frame, &face)? else {
                return Ok(None);
            };
            let rests = moved(&face, &seen) < RESTS;
            face = seen;
            if rests {
                break;
            }
        }
        Ok(Some(face))
    }
}

impl Track {
    fn new(face: Face, time: Duration) -> Self {
        let filters = numbers(&face).into_iter().map(OneEuro::new).collect();
        Self {
            face,
            filters,
            time,
        }
    }

    fn follow(&mut self, seen: &Face, time: Duration, options: &TrackerOptions) {
        let seconds = (time - self.time).as_micros() as f32 / 1e6;
        let width = self.face.bounding_box.width.max(1e-6);
        let values: Vec<f32> = self
            .filters
            .iter_mut()
            .zip(numbers(seen))
            .map(|(filter, value)| filter.next(value, seconds, width, options))
            .collect();
        self.face = face(&values, seen);
        self.time = time;
    }
}

/// A face that has moved this far, in its widths, is looked at until box and key points rest: it
/// was not in the middle of the look.
const JUMP: f32 = 0.04;

/// How far the center or an eye has moved, in widths of the face.
fn moved(from: &Face, to: &Face) -> f32 {
    let apart = |a: Point, b: Point| (a[0] - b[0]).abs().max((a[1] - b[1]).abs());
    let both = from
        .key_points
        .iter()
        .flatten()
        .zip(to.key_points.iter().flatten());
    let eyes = both.take(2).map(|(a, b)| apart(*a, *b));
    let center = apart(from.bounding_box.center(), to.bounding_box.center());
    eyes.fold(center, f32::max) / from.bounding_box.width.max(1e-6)
}

/// Center, width, height and key points as one list.
fn numbers(face: &Face) -> Vec<f32> {
    let b = face.bounding_box;
    let [x, y] = b.center();
    [x, y, b.width, b.height]
        .into_iter()
        .chain(face.key_points.iter().flatten().flatten().copied())
        .collect()
}

fn face(values: &[f32], seen: &Face) -> Face {
    let [x, y, width, height] = [0, 1, 2, 3].map(|i| values[i]);
    let point = |i: usize| Some([*values.get(4 + 2 * i)?, *values.get(5 + 2 * i)?]);
    let points: Option<Vec<Point>> = (0..6).map(point).collect();
    let key_points = points.and_then(|points| points.try_into().ok());
    let bounding_box = BoundingBox {
        xmin: x - width / 2.0,
        ymin: y - height / 2.0,
        width,
        height,
    };
    Face {
        bounding_box,
        score: seen.score,
        key_points,
    }
}

/// One number of one face.
#[derive(Clone)]
struct OneEuro {
    value: f32,
    speed: f32,
}

impl OneEuro {
    fn new(value: f32) -> Self {
        Self { value, speed: 0.0 }
    }

    /// `unit` is what speeds are measured in.
    fn next(&mut self, value: f32, seconds: f32, unit: f32, options: &TrackerOptions) -> f32 {
        let share = |cutoff: f32| {
            let time = 1.0 / (2.0 * std::f32::consts::PI * cutoff);
            1.0 / (1.0 + time / seconds.max(1e-4))
        };
        let speed = (value - self.value) / seconds.max(1e-4) / unit;
        self.speed += share(options.derivative_cutoff) * (speed - self.speed);
        self.value +=
            share(options.min_cutoff + options.beta * self.speed.abs()) * (value - self.value);
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(values: impl Iterator<Item = f32>) -> Vec<f32> {
        let mut filter = OneEuro::new(0.0);
        values
            .map(|v| filter.next(v, 1.0 / 30.0, 0.2, &TrackerOptions::default()))
            .collect()
    }

    #[test]
    fn what_trembles_comes_to_rest() {
        let trembling = after((0..300).map(|i| if i % 2 == 0 { 0.002 } else { -0.002 }));
        assert!(
            trembling[100..].iter().all(|v| v.abs() < 5e-4),
            "{:?}",
            &trembling[280..]
        );
    }

    #[test]
    fn what_moves_hardly_lags() {
        // Two face widths a second.
        let speed = 0.4 / 30.0;
        let moving = after((1..60).map(|i| i as f32 * speed));
        let lag = 59.0 * speed - moving[58];
        assert!(lag < 0.1 * 0.2, "lags {lag}");
    }
}
