//! Functions without a gallery.

use crate::engine::{Batch, Engine, Reading};
use crate::interrupt::{interruptible, token};
use crate::picture::{self, Picture};
use crate::results::Object;
use crate::{arrays, results};
use moue::Face;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

fn faces<'py>(py: Python<'py>, faces: &[Face]) -> Object<'py> {
    let objects = faces.iter().map(|face| results::face(py, face));
    objects.collect::<PyResult<Vec<_>>>()?.into_pyobject(py)
}

/// The faces of a picture, those with the highest score first.
#[pyfunction]
#[pyo3(signature = (picture, *, effort="thorough", max_faces=None, timeout=None))]
pub(crate) fn detect<'py>(
    py: Python<'py>,
    picture: &Bound<'py, PyAny>,
    effort: &str,
    max_faces: Option<usize>,
    timeout: Option<f64>,
) -> Object<'py> {
    let picture = Picture::of(picture)?;
    let cancel = token(timeout)?;
    let reading = Reading::of(effort, max_faces, false, &cancel)?;
    let found = interruptible(py, &cancel, || {
        let frame = reading.frame(&picture)?;
        Engine::with(|engine| reading.faces(engine, &frame))
    })?;
    faces(py, &found.map_err(|failure| failure.raise(py))?)
}

/// `detect` for many pictures, on all cores; with `on_error="keep"` an exception takes the place of the
/// faces of a picture that cannot be read.
#[pyfunction]
#[pyo3(signature = (pictures, *, effort="thorough", max_faces=None, threads=0, on_error="raise",
    timeout=None))]
pub(crate) fn detect_many<'py>(
    py: Python<'py>,
    pictures: &Bound<'py, PyAny>,
    effort: &str,
    max_faces: Option<usize>,
    threads: usize,
    on_error: &str,
    timeout: Option<f64>,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let pictures = picture::several(pictures)?;
    let cancel = token(timeout)?;
    let reading = Reading::of(effort, max_faces, false, &cancel)?;
    let batch = Batch::of(threads, on_error, &cancel)?;
    let all = batch.run(py, &pictures, |engine, picture| {
        let frame = reading.frame(picture)?;
        reading.faces(engine, &frame)
    })?;
    results::kept(py, all, |found| faces(py, found))
}

/// The expressions of the largest faces of pictures, `float32` of shape (n, 64): one row a picture, and
/// one for a single picture. With `on_error="keep"` the row of a picture without one is NaN. With
/// `cropped` the pictures are faces already, cut out as the training data are.
#[pyfunction]
#[pyo3(signature = (pictures, *, effort="thorough", cropped=false, threads=0, on_error="raise",
    timeout=None))]
pub(crate) fn represent<'py>(
    py: Python<'py>,
    pictures: &Bound<'py, PyAny>,
    effort: &str,
    cropped: bool,
    threads: usize,
    on_error: &str,
    timeout: Option<f64>,
) -> Object<'py> {
    let pictures = picture::one_or_several(pictures)?;
    let cancel = token(timeout)?;
    let reading = Reading::of(effort, None, cropped, &cancel)?;
    let batch = Batch::of(threads, on_error, &cancel)?;
    let rows = batch.run(py, &pictures, |engine, picture| {
        reading.expression(engine, picture)
    })?;
    arrays::expressions(py, rows.into_iter().map(Result::ok))
}

/// What people who vote would call an expression of shape (64,): a share from 0 to 1 for each of eight
/// emotions. It names how a face looks to people, not what somebody feels.
#[pyfunction]
pub(crate) fn emotions<'py>(
    py: Python<'py>,
    expression: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    match arrays::read_expressions(expression)?[..] {
        [one] => results::emotions(py, &one.emotions()),
        ref several => Err(PyValueError::new_err(format!(
            "emotions takes one expression, not {}",
            several.len()
        ))),
    }
}

/// Pixels along a side of a drawing at most: what a poster has, and 50 megabytes.
const MAX_DRAWING: u32 = 4096;

/// A drawing of the gallery that comes with moue, or an emoji, by the path of a match:
/// `builtin:gus-smirk`, `emoji:😮`. `uint8` of shape (size, size, 3).
#[pyfunction]
#[pyo3(signature = (path, size=256))]
pub(crate) fn drawing<'py>(py: Python<'py>, path: &str, size: u32) -> Object<'py> {
    let drawing = moue_drawings::by_path(path)
        .ok_or_else(|| PyValueError::new_err(format!("there is no drawing {path:?}")))?;
    if !(1..=MAX_DRAWING).contains(&size) {
        return Err(PyValueError::new_err(format!(
            "the size of a drawing is from 1 to {MAX_DRAWING} pixels, not {size}"
        )));
    }
    let pixels = py.detach(|| drawing.render(size));
    arrays::pixels(py, &pixels, size)
}
