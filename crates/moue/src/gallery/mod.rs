//! Collections of faces, kept in one file, and the search for the nearest.

mod error;
mod search;
mod store;
mod vectors;

pub use error::GalleryError;
pub use store::Gallery;

use crate::embed::Expression;
use crate::{BoundingBox, Face, Point};
use serde::{Deserialize, Serialize};

/// Everything that is kept about a face, apart from its expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Unique in its gallery, never given twice.
    #[serde(skip)]
    pub id: u64,
    /// The picture it belongs to; faces of one picture share this number.
    pub picture: u64,
    /// What to call it: the file's name without its ending, unless given.
    pub label: String,
    /// Where the picture came from. Built-in drawings are called `builtin:NAME`.
    pub path: String,
    /// The face's box, relative to the picture.
    pub bounding_box: BoundingBox,
    /// The detector's score.
    pub score: f32,
    /// The face's six key points; empty for pictures that were face crops already.
    pub key_points: Vec<Point>,
    /// Words to filter by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// A picture to be added: its content's hash and its faces.
#[derive(Debug, Clone)]
pub struct NewPicture {
    /// SHA-256 of the file.
    pub hash: [u8; 32],
    /// Where it came from.
    pub path: String,
    /// What to call it.
    pub label: String,
    /// Words to filter by.
    pub tags: Vec<String>,
    /// Its faces with their expressions.
    pub faces: Vec<(Face, Expression)>,
}

/// A picture of the gallery and how far its face is from the one searched for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Match {
    /// The entry's id.
    #[serde(skip)]
    pub id: u64,
    /// What the picture is called.
    pub label: String,
    /// Where it is.
    pub path: String,
    /// Euclidean distance of the expressions, 0 to 2.
    pub distance: f32,
}
