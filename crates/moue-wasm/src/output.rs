//! Answers as JavaScript objects; the npm package's types describe them.

use crate::error::Error;
use moue::gallery::Picture;
use moue::{BoundingBox, Expression, Face, Match};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

#[derive(Serialize)]
struct Box {
    x: f32,
    y: f32,
    width: f32,
    height: f32,
}

impl From<BoundingBox> for Box {
    fn from(b: BoundingBox) -> Self {
        Self {
            x: b.xmin,
            y: b.ymin,
            width: b.width,
            height: b.height,
        }
    }
}

/// A face, and its expression if one was asked for.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FaceOut {
    r#box: Box,
    score: f32,
    key_points: Option<Vec<[f32; 2]>>,
    expression: Option<Vec<f32>>,
    emotions: Option<moue::embed::Emotions>,
    /// Why it has no expression.
    error: Option<String>,
    matches: Option<Vec<MatchOut>>,
}

impl From<&Face> for FaceOut {
    fn from(face: &Face) -> Self {
        Self {
            r#box: face.bounding_box.into(),
            score: face.score,
            key_points: face.key_points.map(Vec::from),
            expression: None,
            emotions: None,
            error: None,
            matches: None,
        }
    }
}

impl FaceOut {
    pub(crate) fn embedded(face: &Face, expression: &Result<Expression, String>) -> Self {
        let found = expression.as_ref().ok();
        Self {
            expression: found.map(|e| e.0.to_vec()),
            emotions: found.map(Expression::emotions),
            error: expression.as_ref().err().cloned(),
            ..face.into()
        }
    }

    #[cfg(feature = "gpu")]
    pub(crate) fn with_error(self, error: Option<String>) -> Self {
        Self { error, ..self }
    }

    pub(crate) fn with_matches(self, matches: &[Match]) -> Self {
        Self {
            matches: Some(matches.iter().map(MatchOut::from).collect()),
            ..self
        }
    }
}

/// A picture that matches.
#[derive(Serialize)]
pub(crate) struct MatchOut {
    id: f64,
    label: String,
    path: String,
    emoji: Option<String>,
    caption: Option<String>,
    distance: f32,
    similarity: f32,
    score: f32,
    /// Seconds from the start of an animation or video.
    time: Option<f64>,
}

impl From<&Match> for MatchOut {
    fn from(m: &Match) -> Self {
        Self {
            // Ids count faces, far below 2^53, up to which a double is exact.
            id: m.id as f64,
            label: m.label.clone(),
            path: m.path.clone(),
            emoji: m.emoji.clone(),
            caption: m.caption.clone(),
            distance: m.distance,
            similarity: m.similarity,
            score: m.score,
            time: m.time.map(|t| t.as_secs_f64()),
        }
    }
}

/// A picture of a gallery.
#[derive(Serialize)]
pub(crate) struct PictureOut {
    id: f64,
    hash: String,
    path: String,
    label: String,
    caption: Option<String>,
    tags: Vec<String>,
    source: String,
    added: f64,
    faces: Vec<StoredOut>,
}

#[derive(Serialize)]
struct StoredOut {
    id: f64,
    r#box: Box,
}

impl From<Picture> for PictureOut {
    fn from(p: Picture) -> Self {
        let faces = p.faces.iter().map(|face| StoredOut {
            id: face.id as f64,
            r#box: face.bounding_box.into(),
        });
        Self {
            id: p.id as f64,
            faces: faces.collect(),
            hash: p.hash,
            path: p.path,
            label: p.label,
            caption: p.caption,
            tags: p.tags,
            source: p.source,
            added: p.added as f64,
        }
    }
}

/// An object as JavaScript writes them: plain, and without what is `None`.
pub(crate) fn js(value: &impl Serialize) -> Result<JsValue, Error> {
    let serializer = Serializer::new().serialize_maps_as_objects(true);
    Ok(value.serialize(&serializer)?)
}
