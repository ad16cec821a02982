//! Options as JavaScript passes them.

use crate::error::Error;
use moue::Expression;
use moue::detect::{DetectOptions, Effort};
use moue::embed::EXPRESSION_LEN;
use moue::finder::FaceChoice;
use moue::gallery::{Filter, SearchOptions};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

/// How a picture's faces are found: `DetectOptions` of the npm package.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct Detect {
    effort: EffortName,
    faces: FacesName,
    /// The picture is a face crop already.
    pub(crate) cropped: bool,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum EffortName {
    Live,
    #[default]
    Thorough,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FacesName {
    #[default]
    Largest,
    All,
}

impl Detect {
    /// All faces of a still.
    pub(crate) fn all() -> Self {
        Self {
            faces: FacesName::All,
            ..Self::default()
        }
    }

    pub(crate) fn options(self) -> DetectOptions {
        match self.effort {
            EffortName::Live => Effort::Live.into(),
            EffortName::Thorough => Effort::Thorough.into(),
        }
    }

    pub(crate) fn choice(self) -> FaceChoice {
        match self.faces {
            FacesName::Largest => FaceChoice::Largest,
            FacesName::All => FaceChoice::All,
        }
    }
}

/// Which pictures an answer has: `SearchOptions` of the npm package.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct Search {
    limit: Option<usize>,
    pure: bool,
    max_distance: Option<f32>,
    min_separation: Option<f32>,
    tags: Vec<String>,
    text: Option<String>,
    source: Option<String>,
    emotions: Vec<String>,
    negatives: Vec<Vec<f32>>,
    preferred: Vec<f64>,
}

/// The most pictures that one answer may have; more do not fit on any page, and each costs memory.
const MAX_LIMIT: usize = 1000;

impl Search {
    pub(crate) fn options(self) -> Result<SearchOptions, Error> {
        let limit = self.limit.unwrap_or(3).min(MAX_LIMIT);
        let start = if self.pure {
            SearchOptions::nearest(limit)
        } else {
            SearchOptions {
                limit,
                ..SearchOptions::varied()
            }
        };
        Ok(SearchOptions {
            max_distance: self.max_distance,
            min_separation: self.min_separation,
            negatives: self
                .negatives
                .iter()
                .map(|v| expression(v))
                .collect::<Result<_, _>>()?,
            preferred: self.preferred.into_iter().map(|id| id as u64).collect(),
            filter: Filter {
                tags: self.tags,
                text: self.text,
                source: self.source,
                ..Filter::default()
            },
            emotions: emotions(&self.emotions)?,
            ..start
        })
    }
}

fn emotions(conditions: &[String]) -> Result<Vec<moue::embed::EmotionFilter>, Error> {
    let parsed = conditions.iter().map(|text| text.parse());
    let all: Result<_, moue::embed::EmotionFilterError> = parsed.collect();
    all.map_err(|e| Error::Options(e.to_string()))
}

/// An expression from its 64 numbers.
pub(crate) fn expression(values: &[f32]) -> Result<Expression, Error> {
    let values: [f32; EXPRESSION_LEN] = values.try_into().map_err(|_| {
        let count = values.len();
        Error::Options(format!(
            "an expression has {EXPRESSION_LEN} numbers, not {count}"
        ))
    })?;
    if !values.iter().all(|v| v.is_finite()) {
        return Err(Error::Options("an expression's numbers are finite".into()));
    }
    Ok(Expression(values))
}

/// What a picture is called and described by: `PictureInfo` of the npm package.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct Description {
    pub(crate) path: String,
    pub(crate) label: String,
    pub(crate) caption: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) source: String,
    /// Seconds since 1970; the module has no clock.
    pub(crate) added: f64,
}

/// What changes in a picture's description: `PictureChange` of the npm package.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct Change {
    pub(crate) label: Option<String>,
    pub(crate) caption: Option<String>,
    pub(crate) tags: Option<Vec<String>>,
}

/// Options, or their defaults for `undefined` and `null`.
pub(crate) fn options<T: DeserializeOwned + Default>(value: JsValue) -> Result<T, Error> {
    if value.is_undefined() || value.is_null() {
        return Ok(T::default());
    }
    Ok(serde_wasm_bindgen::from_value(value)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_answer_is_the_varied_one() {
        let options = Search::default().options().unwrap();
        assert!(options.variety.is_some());
        assert_eq!(options.limit, 3);
        let pure = Search {
            pure: true,
            limit: Some(usize::MAX),
            ..Search::default()
        };
        let pure = pure.options().unwrap();
        assert!(pure.variety.is_none());
        assert_eq!(pure.limit, MAX_LIMIT);
    }

    #[test]
    fn wrong_expressions_and_emotions_are_errors() {
        assert!(expression(&[0.0; 63]).is_err());
        assert!(expression(&[f32::NAN; 64]).is_err());
        assert!(expression(&[0.1; 64]).is_ok());
        let odd = Search {
            emotions: vec!["boredom".into()],
            ..Search::default()
        };
        assert!(odd.options().unwrap_err().to_string().contains("boredom"));
    }
}
