//! `moue.timeline`.

use crate::engine::Engine;
use crate::errors::Failure;
use crate::gallery::{Gallery, search};
use crate::interrupt::{interruptible, token};
use crate::results::{self, Object};
use crate::{arrays, options};
use moue::cancel::CancelToken;
use moue::finder::{FaceChoice, chosen};
use moue::frame::DecodeOptions;
use moue::gallery::SearchOptions;
use moue::video::{self, FaceTracker, Moment, Timeline, TimelineOptions, TrackerOptions};
use moue::{Expression, Match};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The frames of a clip that have a face.
struct Clip {
    samples: Vec<(Duration, Expression)>,
    frames: u64,
}

/// Reads a clip and embeds the largest face of each frame.
fn read(path: &Path, max_frames: u64, cancel: &CancelToken) -> Result<Clip, Failure> {
    let name = path.display().to_string();
    let decode = DecodeOptions {
        cancel: cancel.clone(),
        ..DecodeOptions::default()
    };
    let mut source =
        video::open_source_with(path, &decode).map_err(|e| Failure::source(&name, e))?;
    let mut engine = Engine::take()?;
    let mut tracker = FaceTracker::new(engine.detector.clone(), TrackerOptions::default());
    let mut clip = Clip {
        samples: Vec::new(),
        frames: 0,
    };
    while clip.frames < max_frames {
        cancel.check()?;
        let next = source.next_frame();
        let Some(timed) = next.map_err(|e| Failure::source(&name, e))? else {
            break;
        };
        clip.frames += 1;
        let faces = tracker.update(&timed.frame, timed.time)?;
        let face = chosen(faces, FaceChoice::Largest, &timed.frame).pop();
        let expression = face.and_then(|f| engine.embedder.embed(&timed.frame, &f).ok());
        clip.samples.extend(expression.map(|e| (timed.time, e)));
    }
    engine.put_back();
    Ok(clip)
}

/// A moment with its expression and its matches.
type Row = (Moment, Expression, Vec<Match>);

fn moments(
    clip: &Clip,
    timeline: &Timeline,
    gallery: &moue::Gallery,
    usual: &SearchOptions,
    cancel: &CancelToken,
) -> Result<Vec<Row>, Failure> {
    let rows = timeline.moments.iter().map(|moment| {
        let (_, expression) = clip.samples[moment.index];
        let mut options = usual.clone();
        if options.emotions.is_empty() {
            options.emotions = video::agreeing(&expression.emotions());
        }
        let matches = search(gallery, &[expression], &options, cancel)?;
        Ok((*moment, expression, matches))
    });
    rows.collect()
}

fn moment<'py>(py: Python<'py>, (moment, expression, matches): &Row) -> Object<'py> {
    let fields = (
        moment.time.as_secs_f64(),
        moment.strength,
        moment.prominence,
        results::matches(py, matches)?,
        arrays::expression(py, expression)?,
        results::emotions(py, &expression.emotions())?,
    );
    results::object(py, "Moment", fields)
}

/// The expressive moments of a video or animation, each with its matches, in the order of their times.
/// At most `max_frames` are read, an hour at 25 frames a second.
#[pyfunction]
#[pyo3(signature = (clip, gallery=None, *, moments=12, max_frames=90_000, timeout=None, **search))]
pub(crate) fn timeline<'py>(
    py: Python<'py>,
    clip: PathBuf,
    gallery: Option<&Bound<'py, PyAny>>,
    moments: usize,
    max_frames: u64,
    timeout: Option<f64>,
    search: Option<&Bound<'py, PyDict>>,
) -> Object<'py> {
    let gallery = Gallery::of(gallery, py)?;
    let search = options::search(search)?;
    let cancel = token(timeout)?;
    let options = TimelineOptions {
        limit: moments,
        ..TimelineOptions::default()
    };
    let read = interruptible(py, &cancel, || {
        let clip = read(&clip, max_frames, &cancel)?;
        let timeline = Timeline::of(&clip.samples, &options);
        let rows = self::moments(&clip, &timeline, &gallery, &search, &cancel)?;
        Ok((clip, timeline, rows))
    })?;
    let (clip, timeline, rows) = read.map_err(|failure: Failure| failure.raise(py))?;
    let times: Vec<f32> = clip.samples.iter().map(|(t, _)| t.as_secs_f32()).collect();
    let expressions = clip.samples.iter().map(|(_, e)| Some(*e));
    let rows = rows.iter().map(|row| moment(py, row));
    let fields = (
        rows.collect::<PyResult<Vec<_>>>()?,
        clip.frames,
        arrays::floats(py, &times)?,
        arrays::floats(py, &timeline.curve)?,
        arrays::expressions(py, expressions)?,
    );
    results::object(py, "Timeline", fields)
}
