//! The JSON that the program prints: one object a line.

use moue::{BoundingBox, Expression, Face, Match, Point};
use serde::Serialize;
use std::io::Write;

/// A picture and its faces.
#[derive(Serialize)]
pub(crate) struct PictureLine {
    pub(crate) schema: &'static str,
    pub(crate) picture: String,
    pub(crate) width: Option<usize>,
    pub(crate) height: Option<usize>,
    pub(crate) faces: Vec<FaceObject>,
    pub(crate) error: Option<String>,
}

/// A face; `embedding` and `matches` only where the command gives them.
#[derive(Serialize)]
pub(crate) struct FaceObject {
    #[serde(rename = "box")]
    pub(crate) bounding_box: BoundingBox,
    pub(crate) score: f32,
    pub(crate) key_points: Vec<Point>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) embedding: Option<Vec<f32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) matches: Option<Vec<Match>>,
    /// Why the face has no embedding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
}

impl FaceObject {
    pub(crate) fn new(face: &Face) -> Self {
        let key_points = face.key_points.map_or_else(Vec::new, Vec::from);
        Self {
            bounding_box: face.bounding_box,
            score: face.score,
            key_points,
            embedding: None,
            matches: None,
            error: None,
        }
    }

    pub(crate) fn with_embedding(mut self, expression: &Expression) -> Self {
        self.embedding = Some(expression.0.to_vec());
        self
    }
}

/// Prints one object as a line of its own, at once.
pub(crate) fn print_json(object: &impl Serialize) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, object)?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}

/// Prints a line of text.
pub(crate) fn print_line(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{text}")?)
}

/// A name for people: control characters, which would break the line, are escaped.
pub(crate) fn shown(name: &str) -> String {
    name.chars()
        .flat_map(|c| {
            if c.is_control() {
                c.escape_default().collect()
            } else {
                vec![c]
            }
        })
        .collect()
}
