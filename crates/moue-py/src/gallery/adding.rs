//! Filling a gallery.

use super::Gallery;
use crate::errors::Failure;
use crate::interrupt::{interruptible, token};
use crate::options;
use crate::results::{self, Object};
use moue::cancel::CancelToken;
use moue_index::{AddOptions, AddSummary, Candidate, Event, ExtractOptions, Status};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyString;
use std::path::PathBuf;

/// Paths of an argument: one or several.
pub(crate) fn paths(argument: &Bound<'_, PyAny>) -> PyResult<Vec<PathBuf>> {
    if argument.is_instance_of::<PyString>() || argument.hasattr("__fspath__")? {
        return Ok(vec![argument.extract()?]);
    }
    let paths = argument.try_iter()?;
    paths.map(|path| path?.extract()).collect()
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Added => "added",
        Status::Known => "known",
        Status::Moved => "moved",
        Status::WordsRead => "words_read",
        Status::NoFace => "no_face",
        Status::Unreadable => "unreadable",
        Status::Failed => "failed",
    }
}

fn event<'py>(py: Python<'py>, event: &Event) -> Object<'py> {
    let fields = (
        event.path.as_os_str(),
        status(event.status),
        event.faces,
        event.detail.as_ref(),
    );
    results::object(py, "Event", fields)
}

pub(crate) fn summary<'py>(py: Python<'py>, s: AddSummary) -> Object<'py> {
    let fields = (s.added, s.known, s.moved, s.no_face, s.unreadable, s.failed);
    results::object(py, "Added", fields)
}

/// What a caller may ask for when pictures are added.
pub(crate) struct Wishes<'a> {
    pub(crate) tags: Vec<String>,
    pub(crate) source: Option<String>,
    pub(crate) thumbnails: bool,
    pub(crate) effort: &'a str,
    /// Whether large pictures are searched as they are, not reduced.
    pub(crate) full_size: bool,
    pub(crate) threads: usize,
}

impl Wishes<'_> {
    pub(crate) fn options(self, cancel: &CancelToken) -> PyResult<AddOptions> {
        let usual = ExtractOptions::default();
        Ok(AddOptions {
            extract: ExtractOptions {
                thumbnails: self.thumbnails,
                effort: options::effort(self.effort)?,
                longer_side: if self.full_size { 0 } else { usual.longer_side },
                ..usual
            },
            threads: crate::engine::checked_threads(self.threads)?,
            tags: self.tags,
            source: self.source,
            cancel: cancel.clone(),
            words: None,
        })
    }
}

/// Calls `callback` with events; its first exception ends the work.
pub(crate) struct Reporter {
    callback: Option<Py<PyAny>>,
    error: Option<PyErr>,
    cancel: CancelToken,
}

impl Reporter {
    pub(crate) fn new(callback: Option<Py<PyAny>>, cancel: &CancelToken) -> Self {
        Self {
            callback,
            error: None,
            cancel: cancel.clone(),
        }
    }

    pub(crate) fn report(&mut self, happened: &Event) {
        let Some(callback) = self.callback.as_ref().filter(|_| self.error.is_none()) else {
            return;
        };
        let called =
            Python::attach(|py| callback.bind(py).call1((event(py, happened)?,)).map(drop));
        if let Err(error) = called {
            self.error = Some(error);
            self.cancel.cancel();
        }
    }

    /// The callback's exception or the end of the time, if one of them ended the work. What was added
    /// stays.
    pub(crate) fn end(self, py: Python<'_>) -> PyResult<()> {
        self.error.map_or(Ok(()), Err)?;
        let canceled = self.cancel.check();
        canceled.map_err(|canceled| Failure::from(canceled).raise(py))
    }
}

/// Part `(i, n)` of a job array, counted from 0.
fn sharded(candidates: Vec<Candidate>, shard: Option<(u32, u32)>) -> PyResult<Vec<Candidate>> {
    match shard {
        None => Ok(candidates),
        Some((index, count)) if index < count => Ok(moue_index::shard(candidates, index, count)),
        Some((index, count)) => Err(PyValueError::new_err(format!(
            "there is no part {index} of {count}; parts are counted from 0"
        ))),
    }
}

#[pymethods]
impl Gallery {
    /// Adds pictures, animations, videos, ZIP files, and folders of them. What is known is not added
    /// again. `on_event` is called with an `Event` for each, once it is on the disk.
    #[pyo3(signature = (paths, *, tags=Vec::new(), source=None, thumbnails=true, effort="thorough",
        full_size=false, threads=0, shard=None, on_event=None, timeout=None))]
    #[allow(clippy::too_many_arguments)] // They are keywords in Python.
    fn add<'py>(
        &self,
        py: Python<'py>,
        paths: &Bound<'py, PyAny>,
        tags: Vec<String>,
        source: Option<String>,
        thumbnails: bool,
        effort: &str,
        full_size: bool,
        threads: usize,
        shard: Option<(u32, u32)>,
        on_event: Option<Py<PyAny>>,
        timeout: Option<f64>,
    ) -> Object<'py> {
        let paths = self::paths(paths)?;
        let cancel = token(timeout)?;
        let wishes = Wishes {
            tags,
            source,
            thumbnails,
            effort,
            full_size,
            threads,
        };
        let options = wishes.options(&cancel)?;
        let candidates = interruptible(py, &cancel, || moue_index::walk(&paths))?;
        let candidates = sharded(candidates, shard)?;
        let mut reporter = Reporter::new(on_event, &cancel);
        let summary = self.run(py, &cancel, |gallery| {
            moue_index::add(gallery, candidates, &options, |e| reporter.report(&e))
        })?;
        reporter.end(py)?;
        self::summary(py, summary)
    }
}
