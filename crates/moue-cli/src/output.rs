//! Output of the program: JSON, one object a line, or text.

use crate::report::Outcome;
use moue::{BoundingBox, Expression, Face, Match, Point};
use serde::Serialize;
use std::io::Write;
use std::path::Path;

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

/// A face; `embedding` and `matches` only where the command returns them.
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

/// Prints one object as a line of its own. It is flushed, as whoever reads a pipe acts on each
/// line.
pub(crate) fn print_json(object: &impl Serialize) -> anyhow::Result<()> {
    // One lock for the line: progress and other threads print too.
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, object)?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}

/// Prints a line of text.
pub(crate) fn print_line(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{text}")?)
}

/// Prints the result of a command: the JSON object, or the text.
pub(crate) fn print_result(
    as_json: bool,
    object: &impl Serialize,
    text: &str,
) -> anyhow::Result<()> {
    if as_json {
        print_json(object)
    } else {
        print_line(text)
    }
}

/// Reports a picture that cannot be used; the others are not affected.
pub(crate) fn reject_picture(
    schema: &'static str,
    path: &Path,
    reason: &str,
    as_json: bool,
) -> anyhow::Result<Outcome> {
    let name = path.to_string_lossy();
    eprintln!("moue: {}: {reason}", shown(&name));
    if as_json {
        print_json(&PictureLine {
            schema,
            picture: name.into_owned(),
            width: None,
            height: None,
            faces: Vec::new(),
            error: Some(reason.to_owned()),
        })?;
    }
    Ok(Outcome::Error)
}

/// A name or text as one line of a terminal: control characters are escaped. Names of files and
/// tags of pictures come from elsewhere and could otherwise move the cursor or forge lines.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}
