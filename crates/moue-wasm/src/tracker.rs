//! A camera's faces, followed from frame to frame, with matches that hold still.

use crate::engine::{Engine, check_weights};
use crate::error::{Error, per_face};
use crate::gallery::Gallery;
use crate::input::{self, Search};
use crate::output::{FaceOut, js};
use crate::picture::Picture;
use moue::video::{FaceTracker, MatchStabilizer, StabilizerOptions, TrackerOptions, VideoEmbedder};
use moue::{Expression, Face, Frame, Match};
use std::time::Duration;
use wasm_bindgen::prelude::*;

/// The most faces of a camera that are searched for: each costs an embedding, and a page has room
/// for the matches of few.
const MAX_FACES: usize = 4;

/// Follows the faces of a camera or video and searches for each.
#[wasm_bindgen]
pub struct Tracker {
    tracker: FaceTracker,
    embedder: VideoEmbedder,
    /// What was shown, one for each face from left to right.
    shown: Vec<MatchStabilizer>,
}

#[wasm_bindgen]
impl Tracker {
    /// A tracker with the networks of an engine; it shares their weights.
    #[wasm_bindgen(constructor)]
    pub fn new(engine: &Engine) -> Tracker {
        let detector = engine.detector.clone();
        Self {
            tracker: FaceTracker::new(detector, TrackerOptions::default()),
            embedder: engine.video.clone(),
            shown: Vec::new(),
        }
    }

    /// Forgets all faces and matches, as after a cut.
    pub fn reset(&mut self) {
        self.tracker.reset();
        self.embedder.reset();
        // One stays when the face is gone for a moment: it keeps the match through the gap.
        self.shown.clear();
    }

    /// The faces of the next frame, from left to right, with their matches. `time` is in
    /// milliseconds and must grow.
    ///
    /// # Errors
    /// `options`, `network`, `gallery`, `other-weights`.
    pub fn track(
        &mut self,
        picture: &Picture,
        time: f64,
        gallery: &Gallery,
        search: JsValue,
    ) -> Result<JsValue, JsValue> {
        check_weights(self.embedder.has_builtin_weights())?;
        let frame = picture.frame();
        let search: Search = input::options(search)?;
        let time = Duration::try_from_secs_f64(time / 1000.0)
            .map_err(|e| Error::Options(format!("time: {e}")))?;
        let faces = self.faces(frame, time)?;
        self.shown.resize_with(faces.len().max(1), || {
            MatchStabilizer::new(StabilizerOptions::default())
        });
        let expressions = self.embedder.embed(frame, &faces);
        let mut out = Vec::with_capacity(faces.len());
        for (index, (face, expression)) in faces.iter().zip(expressions).enumerate() {
            let expression = per_face(expression).map_err(JsValue::from)?;
            let matches = self.steady(index, time, gallery, &expression, search.clone())?;
            out.push(FaceOut::embedded(face, &expression).with_matches(&matches));
        }
        Ok(js(&out)?)
    }
}

impl Tracker {
    /// Faces from left to right: the tracker's order by score changes with every frame.
    fn faces(&mut self, frame: &Frame<'_>, time: Duration) -> Result<Vec<Face>, Error> {
        let mut faces = self.tracker.update(frame, time)?;
        faces.truncate(MAX_FACES);
        faces.sort_by(|a, b| a.bounding_box.xmin.total_cmp(&b.bounding_box.xmin));
        Ok(faces)
    }

    fn steady(
        &mut self,
        index: usize,
        time: Duration,
        gallery: &Gallery,
        expression: &Result<Expression, String>,
        search: Search,
    ) -> Result<Vec<Match>, Error> {
        let shown = &mut self.shown[index];
        // Of equal characters the one that is shown stays.
        let mut options = search.options()?;
        options.preferred = shown.shown().iter().map(|m| m.id).collect();
        let matches = gallery.search_with(expression, &options)?;
        let score = |m: &Match| {
            let stored = gallery.expression_of(m.id)?;
            Some(options.score(&[*expression.as_ref().ok()?], &stored))
        };
        Ok(shown.update(time, &matches, score).to_vec())
    }
}
