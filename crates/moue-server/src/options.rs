//! The options of a search, as requests have them.

use crate::params::number;
use crate::problem::{Kind, Problem};
use crate::upload::Object;
use moue::embed::{EXPRESSION_LEN, EmotionFilter};
use moue::finder::FaceChoice;
use moue::gallery::{Filter, SearchOptions};
use moue::{Effort, Expression};
use serde::{Deserialize, Deserializer};
use utoipa::{IntoParams, ToSchema};

/// Pictures that a search returns at most.
const MAX_LIMIT: usize = 100;

/// Expressions of a request, and expressions to avoid: as many as a page of faces.
const MAX_EXPRESSIONS: usize = 64;

/// Conditions and words of one kind in a request.
pub(crate) const MAX_WORDS: usize = 64;

/// Bytes of a word, such as a tag, and of a text that is searched for.
pub(crate) const MAX_WORD: usize = 200;

/// How far the length of an expression may be from 1: what rounding to three digits does.
const LENGTH_TOLERANCE: f32 = 0.02;

/// Which faces of a picture are used.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Faces {
    /// The largest one; one that may be no face counts less.
    #[default]
    Largest,
    /// Every one.
    All,
}

impl From<Faces> for FaceChoice {
    fn from(faces: Faces) -> Self {
        match faces {
            Faces::Largest => Self::Largest,
            Faces::All => Self::All,
        }
    }
}

/// How thoroughly faces are detected.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum EffortParam {
    /// The picture as a whole: upright faces that are not small.
    Live,
    /// Tiles at several scales, and turned where nothing is upright; takes several times as long.
    #[default]
    Thorough,
}

impl From<EffortParam> for Effort {
    fn from(effort: EffortParam) -> Self {
        match effort {
            EffortParam::Live => Self::Live,
            EffortParam::Thorough => Self::Thorough,
        }
    }
}

/// The query of `/v1/detect` and `/v1/embed`.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DetectParams {
    /// How thoroughly to search for faces.
    #[param(inline)]
    pub(crate) effort: EffortParam,
    /// The picture is a face crop already.
    pub(crate) cropped: bool,
}

/// The query of `/v1/find`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FindParams {
    /// Pictures for each face.
    #[param(minimum = 1, maximum = 100, default = 3)]
    limit: usize,
    /// Which faces to search for.
    #[param(inline)]
    pub(crate) face: Faces,
    /// How thoroughly to search for faces.
    #[param(inline)]
    pub(crate) effort: EffortParam,
    /// The picture is a face crop already.
    pub(crate) cropped: bool,
    /// The plain list of the nearest.
    pure: bool,
    /// Only pictures within this distance.
    #[param(minimum = 0, maximum = 2)]
    #[serde(deserialize_with = "number")]
    max_distance: Option<f32>,
    /// Only expressions that are at least this far from each other.
    #[param(minimum = 0, maximum = 2)]
    #[serde(deserialize_with = "number")]
    diverse: Option<f32>,
    /// Only pictures with this tag; may be repeated.
    tag: Vec<String>,
    /// Only pictures whose label or caption contains this.
    text: Option<String>,
    /// Only pictures of this source: upload, folder, zip …
    source: Option<String>,
    /// Only pictures added at this second since 1970 or later.
    #[serde(deserialize_with = "number")]
    since: Option<u64>,
    /// Only pictures added before this second since 1970.
    #[serde(deserialize_with = "number")]
    until: Option<u64>,
    /// Only faces with this leading emotion, or with more or less than a share of it: happiness,
    /// surprise>0.5, neutral<0.3; may be repeated.
    emotion: Vec<String>,
}

impl Default for FindParams {
    fn default() -> Self {
        Self {
            limit: default_limit(),
            face: Faces::default(),
            effort: EffortParam::default(),
            cropped: false,
            pure: false,
            max_distance: None,
            diverse: None,
            tag: Vec::new(),
            text: None,
            source: None,
            since: None,
            until: None,
            emotion: Vec::new(),
        }
    }
}

impl FindParams {
    /// As options of a search.
    ///
    /// # Errors
    /// [`Problem`] if a value is out of bounds.
    pub(crate) fn options(&self) -> Result<SearchOptions, Problem> {
        let filter = Filter {
            tags: self.tag.clone(),
            text: self.text.clone(),
            source: self.source.clone(),
            since: self.since,
            until: self.until,
        };
        let options = SearchOptions {
            max_distance: self.max_distance,
            min_separation: self.diverse,
            filter,
            emotions: emotions(&self.emotion)?,
            ..base(self.pure, self.limit)
        };
        checked(options)
    }
}

fn default_limit() -> usize {
    3
}

fn base(pure: bool, limit: usize) -> SearchOptions {
    if pure {
        return SearchOptions::nearest(limit);
    }
    SearchOptions {
        limit,
        ..SearchOptions::varied()
    }
}

/// Which pictures count.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = Filter)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FilterBody {
    /// The picture has all of these tags.
    tags: Vec<String>,
    /// Its label or caption contains this.
    text: Option<String>,
    /// Its source.
    source: Option<String>,
    /// It was added at this second since 1970 or later.
    since: Option<u64>,
    /// It was added before this second since 1970.
    until: Option<u64>,
}

fn object<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<T, D::Error> {
    Object::deserialize(value).map(|object| object.0)
}

impl From<FilterBody> for Filter {
    fn from(body: FilterBody) -> Self {
        Self {
            tags: body.tags,
            text: body.text,
            source: body.source,
            since: body.since,
            until: body.until,
        }
    }
}

/// A search by expressions: faces stay with the client.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Search)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchBody {
    /// One expression or several, each 64 numbers of unit length. Of several the distance is the root
    /// of the mean square.
    #[schema(min_items = 1, max_items = 64, value_type = Vec<[f32; 64]>)]
    expressions: Vec<Vec<f32>>,
    /// Pictures at most.
    #[serde(default = "default_limit")]
    #[schema(minimum = 1, maximum = 100, default = 3)]
    limit: usize,
    /// The plain list of the nearest.
    #[serde(default)]
    pure: bool,
    /// Only pictures within this distance.
    #[schema(minimum = 0, maximum = 2)]
    max_distance: Option<f32>,
    /// Only expressions that are at least this far from each other.
    #[schema(minimum = 0, maximum = 2)]
    diverse: Option<f32>,
    /// Faces that are nearer to one of these are left out.
    #[serde(default)]
    #[schema(max_items = 64, value_type = Vec<[f32; 64]>)]
    negatives: Vec<Vec<f32>>,
    /// Which pictures count.
    #[serde(default, deserialize_with = "object")]
    filter: FilterBody,
    /// Which faces count: happiness, surprise>0.5, neutral<0.3; all conditions must hold.
    #[serde(default)]
    emotions: Vec<String>,
}

impl SearchBody {
    /// The expressions that are searched for, and the options.
    ///
    /// # Errors
    /// [`Problem`] if a value is out of bounds.
    pub(crate) fn parse(self) -> Result<(Vec<Expression>, SearchOptions), Problem> {
        if self.expressions.is_empty() {
            return Err(Problem::bad("expressions has none"));
        }
        let options = SearchOptions {
            max_distance: self.max_distance,
            min_separation: self.diverse,
            negatives: expressions("negatives", &self.negatives)?,
            filter: self.filter.into(),
            emotions: emotions(&self.emotions)?,
            ..base(self.pure, self.limit)
        };
        let targets = expressions("expressions", &self.expressions)?;
        Ok((targets, checked(options)?))
    }
}

fn checked(options: SearchOptions) -> Result<SearchOptions, Problem> {
    if !(1..=MAX_LIMIT).contains(&options.limit) {
        return Err(Problem::bad(format!("limit is from 1 to {MAX_LIMIT}")));
    }
    for distance in [options.max_distance, options.min_separation] {
        // Also refuses what is no number.
        if distance.is_some_and(|distance| !(0.0..=2.0).contains(&distance)) {
            return Err(Problem::bad("distances are from 0 to 2"));
        }
    }
    check_filter(&options.filter)?;
    Ok(options)
}

/// Refuses times beyond what the description calls an int64, and words as [`check_words`] does.
///
/// # Errors
/// [`Problem`] with the bound.
pub(crate) fn check_filter(filter: &Filter) -> Result<(), Problem> {
    for time in [filter.since, filter.until].into_iter().flatten() {
        if i64::try_from(time).is_err() {
            return Err(Problem::bad("times are seconds since 1970"));
        }
    }
    let texts = [&filter.text, &filter.source].into_iter().flatten();
    check_words(filter.tags.iter().chain(texts))
}

/// Refuses too many or too long words, and control characters in them.
///
/// # Errors
/// [`Problem`] with the bound.
pub(crate) fn check_words<'a>(words: impl Iterator<Item = &'a String>) -> Result<(), Problem> {
    for (number, word) in words.enumerate() {
        if number >= MAX_WORDS {
            return Err(Problem::bad(format!("there may be {MAX_WORDS} words")));
        }
        check_text(word, MAX_WORD)?;
    }
    Ok(())
}

/// Refuses a text that is too long or has control characters.
///
/// # Errors
/// [`Problem`] with the bound.
pub(crate) fn check_text(text: &str, limit: usize) -> Result<(), Problem> {
    if text.len() > limit {
        return Err(Problem::bad(format!("a text has at most {limit} bytes")));
    }
    if text.chars().any(char::is_control) {
        return Err(Problem::bad("a text has a control character"));
    }
    Ok(())
}

fn emotions(conditions: &[String]) -> Result<Vec<EmotionFilter>, Problem> {
    check_words(conditions.iter())?;
    let parse = |text: &String| {
        let parsed = text.parse::<EmotionFilter>();
        parsed.map_err(|error| Problem::bad(format!("emotion: {error}")))
    };
    conditions.iter().map(parse).collect()
}

fn expressions(name: &str, vectors: &[Vec<f32>]) -> Result<Vec<Expression>, Problem> {
    if vectors.len() > MAX_EXPRESSIONS {
        return Err(Problem::bad(format!(
            "{name} has at most {MAX_EXPRESSIONS}"
        )));
    }
    vectors
        .iter()
        .map(|vector| expression(name, vector))
        .collect()
}

fn expression(name: &str, vector: &[f32]) -> Result<Expression, Problem> {
    let wrong = |what: String| Problem::new(Kind::BadRequest, format!("{name}: {what}"));
    let values = <[f32; EXPRESSION_LEN]>::try_from(vector);
    let values =
        values.map_err(|_| wrong(format!("one has {} numbers and not 64", vector.len())))?;
    let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
    // Neither infinite numbers nor what is none are in the range.
    if (1.0 - LENGTH_TOLERANCE..=1.0 + LENGTH_TOLERANCE).contains(&length) {
        return Ok(Expression(values));
    }
    Err(wrong("one is not of unit length".into()))
}
