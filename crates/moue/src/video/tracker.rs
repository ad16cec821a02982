//! Following faces from frame to frame: the next search starts where the last one ended, and a face
//! at rest gets a box at rest.

use super::one_euro::{Cutoffs, OneEuroFilter};
use crate::Frame;
use crate::detect::{Asymmetry, Face, FaceDetector};
use crate::geometry::{BoundingBox, Point};
use crate::network::NetworkError;
use std::time::Duration;

/// How faces are followed through a video.
///
/// The smoothing is the one-euro filter (Casiez, Roussel, Vogel 2012): a low-pass filter whose
/// cutoff frequency grows with the speed, so that what rests is still and what moves does not lag.
/// Speeds count in widths of the face.
///
/// ```
/// use moue::video::TrackerOptions;
/// use std::time::Duration;
/// let calm = TrackerOptions { min_cutoff: 0.5, ..TrackerOptions::default() };
/// assert_eq!(calm.search_interval, Duration::from_millis(300));
/// ```
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
    /// A known face is kept down to this score, 0 to 1, which may be lower than that of a new one.
    pub keep_score: f32,
}

impl Default for TrackerOptions {
    fn default() -> Self {
        Self {
            // 1 Hz, from which the filter's paper starts its tuning.
            min_cutoff: 1.0,
            derivative_cutoff: 1.0,
            // Chosen by hand, so that a face that moves two widths a second lags by less than a
            // tenth of its width.
            beta: 5.0,
            // A new face appears within ten frames of a camera.
            search_interval: Duration::from_millis(300),
            // Of the second network's score alone; well below what a new face needs, so that a face
            // near that does not flicker. By hand.
            keep_score: 0.4,
        }
    }
}

/// A new face is refined at most this often: a bound for faces that never come to rest.
const MAX_SETTLING_STEPS: usize = 10;

/// A face rests once a refinement moves it by less than this share of its width: a tenth of a pixel
/// in a face of 200 pixels.
const SETTLED_SHIFT: f32 = 0.0005;

/// A face that moves further than this between two frames, in its widths, was not in the middle of
/// its close-up, so it is refined once more.
const MAX_SMOOTH_SHIFT: f32 = 0.04;

/// Two tracks whose boxes overlap by more than this (intersection over union) have become one face.
const SAME_TRACK_IOU: f32 = 0.3;

/// A detection that overlaps a track by more than this is no new face. It is lower than
/// [`SAME_TRACK_IOU`], as the detector's boxes of a known face differ more from the track's.
const KNOWN_FACE_IOU: f32 = 0.2;

/// Keeps divisions by a face's width finite.
const MIN_WIDTH: f32 = 1e-6;

/// Follows faces through a video. In most frames each face costs one refinement, and the frame is
/// not searched.
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
    /// When the whole frame was last searched.
    searched: Option<Duration>,
    /// Tracks that have begun.
    begun: u64,
}

/// One face with the state of its filters.
#[derive(Clone)]
struct Track {
    id: u64,
    face: Face,
    /// One for each of [`coordinates`].
    filters: Vec<OneEuroFilter>,
    asymmetry: Asymmetry,
    time: Duration,
}

impl FaceTracker {
    /// A tracker without faces.
    pub fn new(detector: FaceDetector, options: TrackerOptions) -> Self {
        Self {
            detector,
            options,
            tracks: Vec::new(),
            searched: None,
            begun: 0,
        }
    }

    /// Forgets all faces, as after a cut.
    pub fn reset(&mut self) {
        self.tracks.clear();
        self.searched = None;
    }

    /// The faces of the next frame, smoothed, the highest score first. Times must grow; a time
    /// that does not resets the tracker first.
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

    /// The numbers of the tracks of the faces that [`update`](Self::update) returned last, in their
    /// order. A face keeps its number while it is followed; one that is lost and found again gets
    /// another, as does every face after a [`reset`](Self::reset).
    pub fn ids(&self) -> Vec<u64> {
        self.tracks.iter().map(|t| t.id).collect()
    }

    /// Refines each known face where it was; drops those that are gone or have become the same.
    fn follow(&mut self, frame: &Frame<'_>, time: Duration) -> Result<(), NetworkError> {
        let mut kept: Vec<Track> = Vec::new();
        for mut track in std::mem::take(&mut self.tracks) {
            let Some((face, jumped)) = self.refine(frame, &mut track)? else {
                continue;
            };
            if kept.iter().any(|k| k.iou(&face) >= SAME_TRACK_IOU) {
                continue;
            }
            if jumped {
                // Filters that follow a jump would lag behind it for many frames.
                track = Track::new(track.id, face, track.asymmetry, time);
            } else {
                track.follow(&face, time, &self.options);
            }
            kept.push(track);
        }
        self.tracks = kept;
        Ok(())
    }

    /// A known face in the next frame, and whether it jumped; `None` if it is gone.
    fn refine(
        &mut self,
        frame: &Frame<'_>,
        track: &mut Track,
    ) -> Result<Option<(Face, bool)>, NetworkError> {
        let Track {
            face, asymmetry, ..
        } = track;
        let Some(refined) = self.detector.follow(frame, face, asymmetry)? else {
            return Ok(None);
        };
        let jumped = shift(face, &refined) > MAX_SMOOTH_SHIFT;
        let refined = if jumped {
            *asymmetry = Asymmetry::default();
            self.detector.follow(frame, &refined, asymmetry)?
        } else {
            Some(refined)
        };
        Ok(refined
            .filter(|f| f.score >= self.options.keep_score)
            .map(|f| (f, jumped)))
    }

    /// Adds faces of the whole frame that are not tracked yet. Known ones cost nothing here, as
    /// their proposals are not refined.
    fn search(&mut self, frame: &Frame<'_>, time: Duration) -> Result<(), NetworkError> {
        self.searched = Some(time);
        let is_new =
            |face: &Face, tracks: &[Track]| tracks.iter().all(|t| t.iou(face) <= KNOWN_FACE_IOU);
        let mut proposed = self.detector.propose(frame)?;
        proposed.retain(|face| is_new(face, &self.tracks));
        for face in self
            .detector
            .confirm(frame, proposed, || Ok::<_, NetworkError>(()))?
        {
            // Two proposals may have become the same face.
            if !is_new(&face, &self.tracks) {
                continue;
            }
            let settled = self.settle(frame, face)?;
            if let Some(face) = settled.filter(|f| f.score >= self.options.keep_score) {
                let track = Track::new(self.begun, face, Asymmetry::default(), time);
                self.tracks.push(track);
                self.begun += 1;
            }
        }
        Ok(())
    }

    /// Refines a new face until it rests, as the next frames will place it: else it would drift
    /// while the head is still. `None` if a refinement finds no face.
    fn settle(&mut self, frame: &Frame<'_>, mut face: Face) -> Result<Option<Face>, NetworkError> {
        for _ in 0..MAX_SETTLING_STEPS {
            let mut asymmetry = Asymmetry::default();
            let Some(refined) = self.detector.follow(frame, &face, &mut asymmetry)? else {
                return Ok(None);
            };
            let rests = shift(&face, &refined) < SETTLED_SHIFT;
            face = refined;
            if rests {
                break;
            }
        }
        Ok(Some(face))
    }
}

impl Track {
    fn new(id: u64, face: Face, asymmetry: Asymmetry, time: Duration) -> Self {
        let filters = coordinates(&face)
            .into_iter()
            .map(OneEuroFilter::new)
            .collect();
        Self {
            id,
            face,
            filters,
            asymmetry,
            time,
        }
    }

    fn iou(&self, face: &Face) -> f32 {
        self.face.bounding_box.iou(&face.bounding_box)
    }

    /// Moves to the smoothed place of the face in the next frame.
    fn follow(&mut self, refined: &Face, time: Duration, options: &TrackerOptions) {
        let seconds = (time - self.time).as_micros() as f32 / 1e6;
        let width = self.face.bounding_box.width.max(MIN_WIDTH);
        let cutoffs = Cutoffs {
            min: options.min_cutoff,
            beta: options.beta,
            derivative: options.derivative_cutoff,
        };
        let values: Vec<f32> = self
            .filters
            .iter_mut()
            .zip(coordinates(refined))
            .map(|(filter, value)| filter.next(value, seconds, width, cutoffs))
            .collect();
        self.face = from_coordinates(&values, refined.score);
        self.time = time;
    }
}

/// How far the center or an eye has moved along an axis, in widths of the face.
fn shift(from: &Face, to: &Face) -> f32 {
    let apart = |a: Point, b: Point| (a[0] - b[0]).abs().max((a[1] - b[1]).abs());
    let old = from.key_points.iter().flatten();
    let pairs = old.zip(to.key_points.iter().flatten());
    let eyes = pairs.take(2).map(|(a, b)| apart(*a, *b));
    let center = apart(from.bounding_box.center(), to.bounding_box.center());
    eyes.fold(center, f32::max) / from.bounding_box.width.max(MIN_WIDTH)
}

/// Center, width, height and key points as one list, which the filters smooth one by one.
fn coordinates(face: &Face) -> Vec<f32> {
    let b = face.bounding_box;
    let [x, y] = b.center();
    [x, y, b.width, b.height]
        .into_iter()
        .chain(face.key_points.iter().flatten().flatten().copied())
        .collect()
}

/// The inverse of [`coordinates`].
fn from_coordinates(values: &[f32], score: f32) -> Face {
    let [x, y, width, height] = [0, 1, 2, 3].map(|i| values[i]);
    let point = |i: usize| Some([*values.get(4 + 2 * i)?, *values.get(5 + 2 * i)?]);
    let points: Option<Vec<Point>> = (0..6).map(point).collect();
    Face {
        bounding_box: BoundingBox::centered([x, y], [width, height]),
        score,
        key_points: points.and_then(|points| points.try_into().ok()),
    }
}
