//! `moue.Finder`.

use crate::engine::{Batch, Engine, Reading};
use crate::errors::Failure;
use crate::gallery::{Gallery, search};
use crate::interrupt::{interruptible, token};
use crate::options;
use crate::picture::{self, Picture};
use crate::results::{self, Object};
use moue::cancel::CancelToken;
use moue::detect::DetectOptions;
use moue::embed::per_face;
use moue::gallery::{Search, SearchOptions};
use moue::{Effort, Expression, Face, Match};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::Arc;

/// Finds the pictures of a gallery that make the same face.
///
/// It keeps the gallery and the options of many calls, and may be used by several threads at once.
#[pyclass(frozen, weakref, module = "moue")]
pub(crate) struct Finder {
    searched: Arc<dyn Search + Send + Sync>,
    /// What pickling passes on.
    argument: Py<PyAny>,
    keywords: Py<PyDict>,
    search: SearchOptions,
    effort: Effort,
    cropped: bool,
}

/// A face of a picture.
struct Found {
    face: Face,
    expression: Option<Expression>,
    matches: Vec<Match>,
}

impl Finder {
    fn reading(&self, cancel: &CancelToken) -> Reading {
        Reading {
            effort: self.effort,
            max_faces: DetectOptions::default().max_faces,
            cropped: self.cropped,
            cancel: cancel.clone(),
        }
    }

    fn matches(
        &self,
        engine: &mut Engine,
        reading: &Reading,
        picture: &Picture,
    ) -> Result<Vec<Match>, Failure> {
        let expression = reading.expression(engine, picture)?;
        search(
            &*self.searched,
            &[expression],
            &self.search,
            &reading.cancel,
        )
    }

    fn faces(
        &self,
        engine: &mut Engine,
        reading: &Reading,
        picture: &Picture,
    ) -> Result<Vec<Found>, Failure> {
        let frame = reading.frame(picture)?;
        let mut all = Vec::new();
        for face in reading.faces(engine, &frame)? {
            let expression = per_face(reading.embed(engine, &frame, &face))?.ok();
            let matches = match &expression {
                Some(e) => search(&*self.searched, &[*e], &self.search, &reading.cancel)?,
                None => Vec::new(),
            };
            all.push(Found {
                face,
                expression,
                matches,
            });
        }
        Ok(all)
    }
}

/// What an argument names: a store or its address, else a gallery.
fn searched(
    argument: Option<&Bound<'_, PyAny>>,
    py: Python<'_>,
) -> PyResult<Arc<dyn Search + Send + Sync>> {
    #[cfg(feature = "stores")]
    if let Some(store) = argument
        .map(crate::store::Store::named)
        .transpose()?
        .flatten()
    {
        return Ok(store);
    }
    Ok(Gallery::of(argument, py)?)
}

/// Gallery and keywords.
type Arguments<'py> = (Bound<'py, PyAny>, Bound<'py, PyDict>);

#[pymethods]
impl Finder {
    #[new]
    #[pyo3(signature = (gallery=None, *, effort="thorough", cropped=false, **search))]
    fn new(
        py: Python<'_>,
        gallery: Option<&Bound<'_, PyAny>>,
        effort: &str,
        cropped: bool,
        search: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let keywords = search.map_or_else(|| Ok(PyDict::new(py)), PyDictMethods::copy)?;
        let this = Self {
            searched: searched(gallery, py)?,
            argument: gallery.map_or_else(|| py.None(), |g| g.clone().unbind()),
            keywords: keywords.clone().unbind(),
            search: options::search(search)?,
            effort: options::effort(effort)?,
            cropped,
        };
        keywords.set_item("effort", effort)?;
        keywords.set_item("cropped", cropped)?;
        Ok(this)
    }

    /// The pictures that match the largest face of a picture, best first.
    ///
    /// Raises `NoFaceError` if there is none.
    #[pyo3(signature = (picture, *, timeout=None))]
    fn find<'py>(
        &self,
        py: Python<'py>,
        picture: &Bound<'py, PyAny>,
        timeout: Option<f64>,
    ) -> Object<'py> {
        let picture = Picture::of(picture)?;
        let cancel = token(timeout)?;
        let reading = self.reading(&cancel);
        let matches = interruptible(py, &cancel, || {
            Engine::with(|engine| self.matches(engine, &reading, &picture))
        })?;
        results::matches(py, &matches.map_err(|failure| failure.raise(py))?)
    }

    /// Every face of a picture with its expression and its matches, those with the highest score
    /// first.
    #[pyo3(signature = (picture, *, timeout=None))]
    fn find_faces<'py>(
        &self,
        py: Python<'py>,
        picture: &Bound<'py, PyAny>,
        timeout: Option<f64>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let picture = Picture::of(picture)?;
        let cancel = token(timeout)?;
        let reading = self.reading(&cancel);
        let all = interruptible(py, &cancel, || {
            Engine::with(|engine| self.faces(engine, &reading, &picture))
        })?;
        let all = all.map_err(|failure| failure.raise(py))?;
        let objects = all
            .iter()
            .map(|f| results::found(py, &f.face, f.expression.as_ref(), &f.matches));
        objects.collect()
    }

    /// `find` for many pictures, on all cores; with `on_error="keep"` an exception takes the place of
    /// the matches of a picture that has none.
    #[pyo3(signature = (pictures, *, threads=0, on_error="raise", timeout=None))]
    fn find_many<'py>(
        &self,
        py: Python<'py>,
        pictures: &Bound<'py, PyAny>,
        threads: usize,
        on_error: &str,
        timeout: Option<f64>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let pictures = picture::several(pictures)?;
        let cancel = token(timeout)?;
        let reading = self.reading(&cancel);
        let batch = Batch::of(threads, on_error, &cancel)?;
        let all = batch.run(py, &pictures, |engine, picture| {
            self.matches(engine, &reading, picture)
        })?;
        results::kept(py, all, |matches| results::matches(py, matches))
    }

    /// By its arguments, so that workers of `multiprocessing` and Ray make it themselves.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Arguments<'py>)> {
        let py = slf.py();
        let this = slf.get();
        let make = py.import("moue._types")?.getattr("make_finder")?;
        let arguments = (
            this.argument.bind(py).clone(),
            this.keywords.bind(py).clone(),
        );
        Ok((make, arguments))
    }
}
