//! What calls return.

use crate::error::MoueError;
use moue::Expression;
use moue::embed::{EXPRESSION_LEN, Emotion};

/// A rectangle relative to its picture: 0 is the left or top edge, 1 the right or bottom one. It may
/// reach beyond the picture.
#[derive(Debug, Clone, Copy, PartialEq, uniffi::Record)]
pub struct BoundingBox {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

/// A position relative to its picture: x to the right, y down, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, uniffi::Record)]
pub struct Point {
    /// From the left edge.
    pub x: f32,
    /// From the top edge.
    pub y: f32,
}

/// A face in a picture.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct Face {
    /// From the brows to the chin, without hair and ears.
    pub bounds: BoundingBox,
    /// How certain the detector is, 0 to 1.
    pub score: f32,
    /// Right eye, left eye, tip of the nose, middle of the mouth, right ear, left ear (right and
    /// left are the person's own); empty for a picture that is a face crop already.
    pub key_points: Vec<Point>,
}

/// Estimated shares of votes: of many people who see the face and choose one of eight words, how
/// many choose each. They sum to 1. They say what a face looks like to others, not what somebody
/// feels.
#[derive(Debug, Clone, Copy, PartialEq, uniffi::Record)]
pub struct Emotions {
    /// Share of "neutral", 0 to 1.
    pub neutral: f32,
    /// Share of "happiness", 0 to 1.
    pub happiness: f32,
    /// Share of "surprise", 0 to 1.
    pub surprise: f32,
    /// Share of "sadness", 0 to 1.
    pub sadness: f32,
    /// Share of "anger", 0 to 1.
    pub anger: f32,
    /// Share of "disgust", 0 to 1.
    pub disgust: f32,
    /// Share of "fear", 0 to 1.
    pub fear: f32,
    /// Share of "contempt", 0 to 1.
    pub contempt: f32,
}

/// A picture of a gallery that makes the same face.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct Match {
    /// The face's id in its gallery.
    pub id: u64,
    /// What the picture is called.
    pub label: String,
    /// Where it is: a file, `builtin:NAME` for a drawing, `emoji:CHARACTER` for an emoji.
    pub path: String,
    /// The character of an emoji.
    pub emoji: Option<String>,
    /// A description.
    pub caption: Option<String>,
    /// Words to filter by.
    pub tags: Vec<String>,
    /// Euclidean distance of the expressions, 0 (the same) to 2.
    pub distance: f32,
    /// How similar the expressions are, 1 (the same) to 0: max(0, 1 - distance² / 2), the cosine.
    pub similarity: f32,
    /// What matches are ordered by, smaller first.
    pub score: f32,
    /// The face in the picture.
    pub bounds: BoundingBox,
    /// In an animation or video, when the face is seen, in seconds.
    pub time: Option<f64>,
}

/// A face of a frame and the pictures that make the same one.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct Found {
    /// The face.
    pub face: Face,
    /// Its expression, 64 numbers of unit length; empty for a face without one.
    pub expression: Vec<f32>,
    /// What people would call it.
    pub emotions: Option<Emotions>,
    /// Why there is no expression, such as a face too small for one.
    pub problem: Option<String>,
    /// The pictures, best first.
    pub matches: Vec<Match>,
}

impl From<moue::BoundingBox> for BoundingBox {
    fn from(b: moue::BoundingBox) -> Self {
        Self {
            x: b.xmin,
            y: b.ymin,
            width: b.width,
            height: b.height,
        }
    }
}

impl From<&moue::Face> for Face {
    fn from(face: &moue::Face) -> Self {
        let points = face.key_points.iter().flatten();
        Self {
            bounds: face.bounding_box.into(),
            score: face.score,
            key_points: points.map(|[x, y]| Point { x: *x, y: *y }).collect(),
        }
    }
}

impl From<&Expression> for Emotions {
    fn from(expression: &Expression) -> Self {
        let shares = expression.emotions();
        Self {
            neutral: shares.share(Emotion::Neutral),
            happiness: shares.share(Emotion::Happiness),
            surprise: shares.share(Emotion::Surprise),
            sadness: shares.share(Emotion::Sadness),
            anger: shares.share(Emotion::Anger),
            disgust: shares.share(Emotion::Disgust),
            fear: shares.share(Emotion::Fear),
            contempt: shares.share(Emotion::Contempt),
        }
    }
}

impl From<&moue::Match> for Match {
    fn from(m: &moue::Match) -> Self {
        Self {
            id: m.id,
            label: m.label.clone(),
            path: m.path.clone(),
            emoji: m.emoji.clone(),
            caption: m.caption.clone(),
            tags: m.tags.clone(),
            distance: m.distance,
            similarity: m.similarity,
            score: m.score,
            bounds: m.bounding_box.into(),
            time: m.time.map(|t| t.as_secs_f64()),
        }
    }
}

impl From<&moue::Found> for Found {
    fn from(found: &moue::Found) -> Self {
        Self::new(
            &found.face,
            found.expression.as_ref().map_err(ToString::to_string),
            &found.matches,
        )
    }
}

impl Found {
    pub(crate) fn new(
        face: &moue::Face,
        expression: Result<&Expression, String>,
        matches: &[moue::Match],
    ) -> Self {
        let known = expression.as_ref().ok();
        Self {
            face: face.into(),
            expression: known.map_or_else(Vec::new, |e| e.0.to_vec()),
            emotions: known.map(|e| (*e).into()),
            matches: matches.iter().map(Match::from).collect(),
            problem: expression.err(),
        }
    }
}

/// An expression from its 64 numbers.
pub(crate) fn expression(values: &[f32]) -> Result<Expression, MoueError> {
    let count = values.len();
    let values: [f32; EXPRESSION_LEN] = values.try_into().map_err(|_| {
        MoueError::Options(format!(
            "an expression has {EXPRESSION_LEN} numbers, not {count}"
        ))
    })?;
    if !values.iter().all(|v| v.is_finite()) {
        return Err(MoueError::Options(
            "an expression's numbers are finite".into(),
        ));
    }
    Ok(Expression(values))
}
