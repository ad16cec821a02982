//! What calls return: dataclasses of `moue._types`, so that they have `repr`, `==` and `pickle`, and
//! their types are Python's own.

use crate::arrays;
use crate::engine::Results;
use crate::errors::Failure;
use moue::embed::Emotions;
use moue::gallery::{Entry, path_of};
use moue::{BoundingBox, Expression, Face, Match, Point};
use pyo3::call::PyCallArgs;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use std::path::PathBuf;
use std::time::Duration;

pub(crate) use crate::arrays::Object;

/// An object of a class of `moue._types`.
pub(crate) fn object<'py>(
    py: Python<'py>,
    class: &str,
    fields: impl PyCallArgs<'py>,
) -> Object<'py> {
    py.import("moue._types")?.getattr(class)?.call1(fields)
}

pub(crate) fn box_of<'py>(py: Python<'py>, b: &BoundingBox) -> Object<'py> {
    object(py, "Box", (b.xmin, b.ymin, b.width, b.height))
}

fn points<'py>(py: Python<'py>, points: &[Point]) -> PyResult<Bound<'py, PyTuple>> {
    PyTuple::new(py, points.iter().map(|[x, y]| (*x, *y)))
}

/// The path of a stored text, as `os.fsdecode` has it.
fn path(stored: &str) -> PathBuf {
    path_of(stored)
}

fn seconds(time: Option<Duration>) -> Option<f64> {
    time.map(|t| t.as_secs_f64())
}

pub(crate) fn face<'py>(py: Python<'py>, face: &Face) -> Object<'py> {
    let key_points = face.key_points.as_ref().map_or(&[][..], |p| &p[..]);
    let fields = (
        box_of(py, &face.bounding_box)?,
        face.score,
        points(py, key_points)?,
    );
    object(py, "Face", fields)
}

pub(crate) fn match_of<'py>(py: Python<'py>, m: &Match) -> Object<'py> {
    let fields = (
        m.id,
        &m.label,
        path(&m.path).into_os_string(),
        m.distance,
        m.similarity,
        m.score,
        box_of(py, &m.bounding_box)?,
        PyTuple::new(py, &m.tags)?,
        m.caption.as_ref(),
        m.emoji.as_ref(),
        seconds(m.time),
    );
    object(py, "Match", fields)
}

pub(crate) fn matches<'py>(py: Python<'py>, matches: &[Match]) -> Object<'py> {
    let list = matches.iter().map(|m| match_of(py, m));
    list.collect::<PyResult<Vec<_>>>()?.into_pyobject(py)
}

pub(crate) fn emotions<'py>(py: Python<'py>, emotions: &Emotions) -> PyResult<Bound<'py, PyDict>> {
    let shares = PyDict::new(py);
    for (emotion, share) in emotions.iter() {
        shares.set_item(emotion.name(), share)?;
    }
    Ok(shares)
}

/// A face with its expression, if it has one, and what matches it.
pub(crate) fn found<'py>(
    py: Python<'py>,
    face: &Face,
    expression: Option<&Expression>,
    matches: &[Match],
) -> Object<'py> {
    let shares = expression
        .map(|e| emotions(py, &e.emotions()))
        .transpose()?;
    let expression = expression.map(|e| arrays::expression(py, e)).transpose()?;
    let fields = (
        self::face(py, face)?,
        self::matches(py, matches)?,
        expression,
        shares,
    );
    object(py, "Found", fields)
}

pub(crate) fn entry<'py>(py: Python<'py>, e: &Entry) -> Object<'py> {
    let fields = (
        e.id,
        e.picture,
        &e.label,
        path(&e.path).into_os_string(),
        box_of(py, &e.bounding_box)?,
        e.score,
        points(py, &e.key_points)?,
        seconds(e.time),
        e.caption.as_ref(),
        &e.source,
        PyTuple::new(py, &e.tags)?,
    );
    object(py, "Entry", fields)
}

/// What was made of each input, as `make` turns it into an object, or the exception in its place.
pub(crate) fn kept<'py, T>(
    py: Python<'py>,
    results: Results<T>,
    make: impl Fn(&T) -> Object<'py>,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let object = |result| match result {
        Ok(made) => make(&made),
        Err(failure) => {
            let failure: Failure = failure;
            Ok(failure.raise(py).into_value(py).into_bound(py).into_any())
        }
    };
    results.into_iter().map(object).collect()
}
