//! A camera's faces, followed from frame to frame, with matches that hold still.

use crate::answer::Found;
use crate::error::{MoueError, locked};
use crate::finder::Finder;
use crate::frame::Frame;
use crate::gallery::Gallery;
use crate::options::FindOptions;
use crate::times::seconds;
use moue::embed::per_face;
use moue::video::{MatchStabilizer, StabilizerOptions, TrackerOptions, VideoEmbedder};
use moue::{Expression, Face, FaceDetector, Match};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How many faces of a camera are followed, and which matches they get.
#[derive(Debug, Clone, Default, uniffi::Record)]
pub struct TrackOptions {
    /// At most so many faces are searched for, 1 to 16; none for four. Each costs some milliseconds
    /// a frame.
    #[uniffi(default = None)]
    pub max_faces: Option<u32>,
    /// Which matches. Of these options those of detection do not count.
    pub find: FindOptions,
}

/// Follows the faces of a camera or video and searches for each. Frames of one camera come in order;
/// a tracker serves one camera.
#[derive(uniffi::Object)]
pub struct FaceTracker {
    gallery: Arc<Gallery>,
    state: Mutex<State>,
}

struct State {
    tracker: moue::video::FaceTracker,
    embedder: VideoEmbedder,
    /// What was shown, one for each face from left to right.
    shown: Vec<MatchStabilizer>,
}

/// A phone's screen has room for the matches of a few faces.
const FACES: u32 = 4;

/// More cost more time than a frame has.
const MAX_FACES: u32 = 16;

#[uniffi::export]
impl FaceTracker {
    /// A tracker that searches the gallery of a finder.
    ///
    /// Errors: `Network`.
    #[uniffi::constructor]
    pub fn new(finder: &Finder) -> Result<Arc<Self>, MoueError> {
        let detector = FaceDetector::new()?;
        Ok(Arc::new(Self {
            gallery: finder.gallery.clone(),
            state: Mutex::new(State {
                tracker: moue::video::FaceTracker::new(detector, TrackerOptions::default()),
                embedder: VideoEmbedder::new()?,
                shown: Vec::new(),
            }),
        }))
    }

    /// The faces of the next frame, from left to right, with their matches. `time` is in seconds
    /// from any start; a time that does not grow starts again.
    ///
    /// Errors: `Options`, `Network`, `Gallery`, `Cancelled`.
    pub fn track(
        &self,
        frame: &Frame,
        time: f64,
        options: TrackOptions,
    ) -> Result<Vec<Found>, MoueError> {
        let time = seconds(time)?;
        let limit = options.max_faces.unwrap_or(FACES).clamp(1, MAX_FACES);
        let search = options.find.search()?;
        let mut state = locked(&self.state);
        let faces = state.faces(frame.inner(), time, limit as usize)?;
        let expressions = state.embedder.embed(frame.inner(), &faces);
        let mut out = Vec::with_capacity(faces.len());
        for (index, (face, expression)) in faces.iter().zip(expressions).enumerate() {
            search.cancel.check()?;
            let expression = per_face(expression)?.map_err(|error| error.to_string());
            let shown = &mut state.shown[index];
            let matches = match &expression {
                Ok(expression) => self.steady(shown, time, expression, search.clone())?,
                Err(_) => shown.update(time, &[], |_| None).to_vec(),
            };
            out.push(Found::new(
                face,
                expression.as_ref().map_err(Clone::clone),
                &matches,
            ));
        }
        Ok(out)
    }

    /// Forgets all faces and matches, as after a cut.
    pub fn reset(&self) {
        let mut state = locked(&self.state);
        state.tracker.reset();
        state.embedder.reset();
        state.shown.clear();
    }
}

impl FaceTracker {
    fn steady(
        &self,
        shown: &mut MatchStabilizer,
        time: Duration,
        expression: &Expression,
        mut options: moue::gallery::SearchOptions,
    ) -> Result<Vec<Match>, MoueError> {
        // Of equal characters the one that is shown stays.
        options.preferred = shown.shown().iter().map(|m| m.id).collect();
        let matches = self.gallery.matches(expression, &options)?;
        let score = |m: &Match| {
            let stored = self.gallery.expression_of(m.id)?;
            Some(options.score(&[*expression], &stored))
        };
        Ok(shown.update(time, &matches, score).to_vec())
    }
}

impl State {
    /// Faces from left to right: the tracker's order by score changes with every frame.
    fn faces(
        &mut self,
        frame: &moue::Frame<'_>,
        time: Duration,
        limit: usize,
    ) -> Result<Vec<Face>, MoueError> {
        let mut faces = self.tracker.update(frame, time)?;
        faces.truncate(limit);
        faces.sort_by(|a, b| a.bounding_box.xmin.total_cmp(&b.bounding_box.xmin));
        // One stays when the face is gone for a moment: it keeps the match through the gap.
        let new = || MatchStabilizer::new(StabilizerOptions::default());
        self.shown.resize_with(faces.len().max(1), new);
        Ok(faces)
    }
}
