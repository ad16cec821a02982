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

/// Calls `callback` with events; its first exception ends the work.
pub(crate) struct Reporter {
    pub(crate) callback: Option<Py<PyAny>>,
    pub(crate) error: Option<PyErr>,
    pub(crate) cancel: CancelToken,
}

impl Reporter {
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
        let usual = ExtractOptions::default();
        let cancel = token(timeout)?;
        let options = AddOptions {
            extract: ExtractOptions {
                thumbnails,
                effort: options::effort(effort)?,
                longer_side: if full_size { 0 } else { usual.longer_side },
                ..usual
            },
            threads: crate::engine::checked_threads(threads)?,
            tags,
            source,
            cancel: cancel.clone(),
            words: None,
        };
        let candidates = interruptible(py, &cancel, || moue_index::walk(&paths))?;
        let candidates = sharded(candidates, shard)?;
        let mut reporter = Reporter {
            callback: on_event,
            error: None,
            cancel: cancel.clone(),
        };
        let summary = self.run(py, &cancel, |gallery| {
            moue_index::add(gallery, candidates, &options, |e| reporter.report(&e))
        })?;
        if let Some(error) = reporter.error {
            return Err(error);
        }
        // What was added stays.
        cancel.check().map_err(|c| Failure::from(c).raise(py))?;
        self::summary(py, summary)
    }
}
