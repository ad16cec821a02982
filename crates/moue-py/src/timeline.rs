//! `moue.timeline`.

use crate::engine::Engine;
use crate::errors::Failure;
use crate::gallery::{Gallery, search};
use crate::interrupt::{interruptible, token};
use crate::results::{self, Object};
use crate::{arrays, options};
use moue::Match;
use moue::cancel::CancelToken;
use moue::frame::DecodeOptions;
use moue::gallery::SearchOptions;
use moue::video::{self, Clip, ClipReader, ClipTimeline, Person, PersonMoment, TimelineOptions};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::{Path, PathBuf};

/// Reads a clip and embeds the faces of each frame.
fn read(path: &Path, max_frames: u64, cancel: &CancelToken) -> Result<Clip, Failure> {
    let name = path.display().to_string();
    let decode = DecodeOptions {
        cancel: cancel.clone(),
        ..DecodeOptions::default()
    };
    let mut source =
        video::open_source_with(path, &decode).map_err(|e| Failure::source(&name, e))?;
    // A copy, as the reader keeps its own: the engine is free for other threads meanwhile.
    let engine = Engine::take()?;
    let mut reader = ClipReader::new(engine.detector.clone(), engine.embedder.clone());
    engine.put_back();
    while reader.frames() < max_frames {
        cancel.check()?;
        let next = source.next_frame();
        let Some(timed) = next.map_err(|e| Failure::source(&name, e))? else {
            break;
        };
        reader.update(&timed.frame, timed.time)?;
    }
    Ok(reader.finish())
}

/// The matches of each moment. As the program shows them, one answer does not come over and over.
fn matches(
    clip: &Clip,
    moments: &[PersonMoment],
    gallery: &moue::Gallery,
    usual: &SearchOptions,
    cancel: &CancelToken,
) -> Result<Vec<Vec<Match>>, Failure> {
    let each = moments.iter().map(|found| {
        let expression = clip.people[found.person].samples[found.moment.index].1;
        let mut options = usual.clone();
        if options.emotions.is_empty() {
            options.emotions = video::agreeing(&expression.emotions());
        }
        search(gallery, &[expression], &options, cancel)
    });
    let mut matches = each.collect::<Result<Vec<_>, _>>()?;
    if usual.variety.is_some() {
        video::without_repeats(&mut matches);
    }
    Ok(matches)
}

fn moment<'py>(
    py: Python<'py>,
    clip: &Clip,
    found: &PersonMoment,
    matches: &[Match],
) -> Object<'py> {
    let PersonMoment { person, moment } = found;
    let seen = &clip.people[*person];
    let expression = seen.samples[moment.index].1;
    let fields = (
        moment.time.as_secs_f64(),
        moment.strength,
        moment.prominence,
        results::matches(py, matches)?,
        arrays::expression(py, &expression)?,
        results::emotions(py, &expression.emotions())?,
        person,
        results::box_of(py, &seen.boxes[moment.index])?,
    );
    results::object(py, "Moment", fields)
}

fn person<'py>(py: Python<'py>, seen: &Person, curve: &[f32]) -> Object<'py> {
    // Arrays and not objects: an hour has 90,000 faces.
    let times: Vec<f32> = seen.samples.iter().map(|(t, _)| t.as_secs_f32()).collect();
    let boxes = seen.boxes.iter();
    let boxes: Vec<f32> = boxes
        .flat_map(|b| [b.xmin, b.ymin, b.width, b.height])
        .collect();
    let fields = (
        arrays::floats(py, &times)?,
        arrays::floats(py, curve)?,
        arrays::expressions(py, seen.samples.iter().map(|(_, e)| Some(*e)))?,
        arrays::floats(py, &boxes)?.call_method1("reshape", (-1, 4))?,
    );
    results::object(py, "Person", fields)
}

fn result<'py>(
    py: Python<'py>,
    clip: &Clip,
    timeline: &ClipTimeline,
    matches: &[Vec<Match>],
) -> Object<'py> {
    let moments = timeline.moments.iter().zip(matches);
    let moments = moments.map(|(found, matches)| moment(py, clip, found, matches));
    let people = clip.people.iter().zip(&timeline.curves);
    let people = people.map(|(seen, curve)| person(py, seen, curve));
    let fields = (
        moments.collect::<PyResult<Vec<_>>>()?,
        clip.frames,
        people.collect::<PyResult<Vec<_>>>()?,
    );
    results::object(py, "Timeline", fields)
}

/// The expressive moments of the people in a video or animation, each with its matches, in the order of
/// their times. At most `max_frames` are read, an hour at 25 frames a second.
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
        let timeline = clip.timeline(&options);
        let matches = matches(&clip, &timeline.moments, &gallery, &search, &cancel)?;
        Ok((clip, timeline, matches))
    })?;
    let (clip, timeline, matches) = read.map_err(|failure: Failure| failure.raise(py))?;
    result(py, &clip, &timeline, &matches)
}
