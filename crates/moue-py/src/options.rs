//! Keyword arguments.

use crate::arrays;
use moue::Effort;
use moue::embed::EmotionFilter;
use moue::gallery::{Filter, SearchOptions, Variety};
use pyo3::conversion::FromPyObjectOwned;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

/// The keywords of a search, in the order in which messages list them.
const KEYWORDS: [&str; 14] = [
    "limit",
    "varied",
    "separation",
    "slack",
    "max_distance",
    "min_separation",
    "negatives",
    "tags",
    "text",
    "source",
    "since",
    "until",
    "emotions",
    "centered",
];

/// The options of a search, from keyword arguments. What is not given is as `moue find` has it.
///
/// # Errors
/// `TypeError` for an unknown keyword or a value of another type, `ValueError` for a value out of range.
pub(crate) fn search(keywords: Option<&Bound<'_, PyDict>>) -> PyResult<SearchOptions> {
    let Some(keywords) = keywords else {
        return Ok(SearchOptions::varied());
    };
    check_names(keywords)?;
    let limit = optional::<usize>(keywords, "limit")?.unwrap_or(3);
    let mut options = match optional(keywords, "varied")? {
        Some(false) => SearchOptions::nearest(limit),
        _ => SearchOptions {
            limit,
            variety: Some(variety(keywords)?),
            ..SearchOptions::varied()
        },
    };
    // Ranking by the centered query and variety come together unless one is asked for alone.
    match optional(keywords, "centered")? {
        Some(true) => options.population_mean = moue::weights::population_mean().copied(),
        Some(false) => options.population_mean = None,
        None => {}
    }
    options.max_distance = distance(keywords, "max_distance")?;
    options.min_separation = distance(keywords, "min_separation")?;
    if let Some(negatives) = keywords.get_item("negatives")?.filter(|v| !v.is_none()) {
        options.negatives = arrays::read_expressions(&negatives)?;
    }
    options.filter = filter(keywords)?;
    options.emotions = emotions(keywords)?;
    Ok(options)
}

fn check_names(keywords: &Bound<'_, PyDict>) -> PyResult<()> {
    for name in keywords.keys() {
        let name: String = name.extract()?;
        if !KEYWORDS.contains(&name.as_str()) {
            return Err(PyTypeError::new_err(format!(
                "unknown keyword {name:?}; a search has {}",
                KEYWORDS.join(", ")
            )));
        }
    }
    Ok(())
}

/// A keyword's value; `None` if it is not given, or given as `None`.
fn optional<'py, T: FromPyObjectOwned<'py>>(
    keywords: &Bound<'py, PyDict>,
    name: &str,
) -> PyResult<Option<T>> {
    let Some(value) = keywords.get_item(name)?.filter(|v| !v.is_none()) else {
        return Ok(None);
    };
    value.extract::<T>().map(Some).map_err(|error| {
        let error: PyErr = error.into();
        let text = format!("{name}: {}", error.value(keywords.py()));
        // A number that is negative or too large is of the right type.
        if error.is_instance_of::<PyTypeError>(keywords.py()) {
            PyTypeError::new_err(text)
        } else {
            PyValueError::new_err(text)
        }
    })
}

fn distance(keywords: &Bound<'_, PyDict>, name: &str) -> PyResult<Option<f32>> {
    let value = optional::<f32>(keywords, name)?;
    match value {
        Some(value) if !(0.0..=2.0).contains(&value) => Err(PyValueError::new_err(format!(
            "{name} is a distance from 0 to 2, not {value}"
        ))),
        value => Ok(value),
    }
}

fn variety(keywords: &Bound<'_, PyDict>) -> PyResult<Variety> {
    let usual = Variety::default();
    Ok(Variety {
        separation: distance(keywords, "separation")?.unwrap_or(usual.separation),
        slack: distance(keywords, "slack")?.unwrap_or(usual.slack),
        ..usual
    })
}

fn filter(keywords: &Bound<'_, PyDict>) -> PyResult<Filter> {
    Ok(Filter {
        tags: words(keywords, "tags")?,
        text: optional(keywords, "text")?,
        source: optional(keywords, "source")?,
        since: seconds(keywords, "since")?,
        until: seconds(keywords, "until")?,
    })
}

/// One word or several.
fn words(keywords: &Bound<'_, PyDict>, name: &str) -> PyResult<Vec<String>> {
    match keywords.get_item(name)?.filter(|v| !v.is_none()) {
        // A text is a sequence too, of its letters.
        Some(value) if value.is_instance_of::<PyString>() => Ok(vec![value.extract()?]),
        Some(_) => Ok(optional(keywords, name)?.unwrap_or_default()),
        None => Ok(Vec::new()),
    }
}

/// Seconds since 1970, or an object of `datetime`.
fn seconds(keywords: &Bound<'_, PyDict>, name: &str) -> PyResult<Option<u64>> {
    let Some(value) = keywords.get_item(name)?.filter(|v| !v.is_none()) else {
        return Ok(None);
    };
    let seconds: f64 = if value.hasattr("timestamp")? {
        value.call_method0("timestamp")?.extract()?
    } else {
        value.extract()?
    };
    if !(0.0..1e12).contains(&seconds) {
        return Err(PyValueError::new_err(format!(
            "{name} is a time since 1970, not {seconds}"
        )));
    }
    Ok(Some(seconds as u64))
}

fn emotions(keywords: &Bound<'_, PyDict>) -> PyResult<Vec<EmotionFilter>> {
    words(keywords, "emotions")?
        .iter()
        .map(|text| text.parse())
        .collect::<Result<_, _>>()
        .map_err(|error| PyValueError::new_err(format!("emotions: {error}")))
}

/// How much work detection spends on a picture.
pub(crate) fn effort(name: &str) -> PyResult<Effort> {
    match name {
        "live" => Ok(Effort::Live),
        "thorough" => Ok(Effort::Thorough),
        other => Err(PyValueError::new_err(format!(
            "effort is \"live\" or \"thorough\", not {other:?}"
        ))),
    }
}

/// What a call with many pictures does about one that fails.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnError {
    /// It raises the first error.
    Raise,
    /// The exception takes the result's place.
    Keep,
}

impl OnError {
    pub(crate) fn named(name: &str) -> PyResult<Self> {
        match name {
            "raise" => Ok(Self::Raise),
            "keep" => Ok(Self::Keep),
            other => Err(PyValueError::new_err(format!(
                "on_error is \"raise\" or \"keep\", not {other:?}"
            ))),
        }
    }
}
