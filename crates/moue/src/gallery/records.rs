//! What a gallery keeps of pictures and faces, and what it is given and answers.

use super::perceptual_hash::PictureHash;
use crate::embed::Expression;
use crate::{BoundingBox, Face, Point, micros};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A face of a [`Picture`], apart from its expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredFace {
    /// Unique in its gallery, never given twice.
    pub id: u64,
    /// The face's box, relative to the picture.
    #[serde(rename = "box")]
    pub bounding_box: BoundingBox,
    /// The detector's score.
    pub score: f32,
    /// The face's six key points; empty for pictures that were face crops already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_points: Vec<Point>,
    /// In an animation or video, when the face is seen, from the start.
    #[serde(
        rename = "micros",
        with = "micros",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub time: Option<Duration>,
}

/// A picture, animation or video of a gallery, and its faces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// Unique in its gallery: the id of its first face when it was added.
    #[serde(skip)]
    pub id: u64,
    /// SHA-256 of the file in hexadecimal.
    pub hash: String,
    /// Where it came from. Built-in drawings are called `builtin:NAME`, members of a ZIP
    /// `PACK.zip!/NAME`.
    pub path: String,
    /// What to call it: the file's name without its ending, unless given.
    pub label: String,
    /// What is said about it: of a side-car file, the picture's own texts, or a collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Words to filter by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Which way it came: `folder`, `zip`, a collection's name, or what the caller says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// When it was added, in seconds since 1970.
    #[serde(default)]
    pub added: u64,
    /// How it looks, for finding near-duplicates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looks: Option<PictureHash>,
    /// Near-duplicates share this number: the id of the first of them.
    #[serde(default)]
    pub group: u64,
    /// Its faces, by id.
    pub faces: Vec<StoredFace>,
}

/// A face together with what is known of its picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The face's id.
    #[serde(skip)]
    pub id: u64,
    /// The picture it belongs to; faces of one picture share this number.
    pub picture: u64,
    /// As for [`Picture::label`].
    pub label: String,
    /// As for [`Picture::path`].
    pub path: String,
    /// The face's box, relative to the picture.
    pub bounding_box: BoundingBox,
    /// The detector's score.
    pub score: f32,
    /// As for [`StoredFace::key_points`].
    pub key_points: Vec<Point>,
    /// As for [`StoredFace::time`].
    #[serde(rename = "micros", with = "micros", default)]
    pub time: Option<Duration>,
    /// As for [`Picture::caption`].
    #[serde(default)]
    pub caption: Option<String>,
    /// As for [`Picture::source`].
    #[serde(default)]
    pub source: String,
    /// Words to filter by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

impl StoredFace {
    /// The face as the detector gave it.
    pub fn face(&self) -> Face {
        let key_points = self.key_points[..].try_into().ok();
        Face {
            bounding_box: self.bounding_box,
            score: self.score,
            key_points,
        }
    }
}

impl Picture {
    /// The picture as one to be added to another gallery, with this hash and these faces.
    pub fn to_new(&self, hash: [u8; 32], faces: Vec<NewFace>) -> NewPicture {
        NewPicture {
            hash,
            path: self.path.clone(),
            label: self.label.clone(),
            caption: self.caption.clone(),
            tags: self.tags.clone(),
            source: self.source.clone(),
            added: self.added,
            looks: self.looks,
            file: None,
            faces,
        }
    }

    /// Its faces as entries.
    pub fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        self.faces.iter().map(|face| self.entry(face))
    }

    pub(super) fn entry(&self, face: &StoredFace) -> Entry {
        Entry {
            id: face.id,
            picture: self.id,
            label: self.label.clone(),
            path: self.path.clone(),
            bounding_box: face.bounding_box,
            score: face.score,
            key_points: face.key_points.clone(),
            time: face.time,
            caption: self.caption.clone(),
            source: self.source.clone(),
            tags: self.tags.clone(),
        }
    }
}

/// A face to be added.
#[derive(Debug, Clone, PartialEq)]
pub struct NewFace {
    /// Box, score and key points.
    pub face: Face,
    /// Its expression.
    pub expression: Expression,
    /// In an animation or video, when it is seen, from the start.
    pub time: Option<Duration>,
    /// A small picture of it as a file, usually JPEG.
    pub thumbnail: Option<Vec<u8>>,
}

impl From<(Face, Expression)> for NewFace {
    fn from((face, expression): (Face, Expression)) -> Self {
        Self {
            face,
            expression,
            time: None,
            thumbnail: None,
        }
    }
}

/// A picture to be added: its content's hash and its faces.
#[derive(Debug, Clone, Default)]
pub struct NewPicture {
    /// SHA-256 of the file.
    pub hash: [u8; 32],
    /// Where it came from.
    pub path: String,
    /// What to call it.
    pub label: String,
    /// What is said about it.
    pub caption: Option<String>,
    /// Words to filter by.
    pub tags: Vec<String>,
    /// Which way it came.
    pub source: String,
    /// When it was added, in seconds since 1970; 0 is now.
    pub added: u64,
    /// How it looks; without it the picture is nobody's near-duplicate.
    pub looks: Option<PictureHash>,
    /// Size and time of its file, by which it is known again without being read.
    pub file: Option<FileStamp>,
    /// Its faces with their expressions.
    pub faces: Vec<NewFace>,
}

/// Size and time of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStamp {
    /// Bytes.
    pub size: u64,
    /// Nanoseconds from 1970 to the last change.
    pub modified: i64,
}

/// What became of a file when it was last looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileState {
    /// Its size and time then.
    pub stamp: FileStamp,
    /// SHA-256 of its content in hexadecimal.
    pub hash: String,
    /// Why it did not go in; `None` if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected: Option<String>,
}

/// A picture of the gallery and how far its face is from the one searched for.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Match {
    /// The face's id.
    #[serde(skip)]
    pub id: u64,
    /// What the picture is called.
    pub label: String,
    /// Where it is.
    pub path: String,
    /// Euclidean distance of the expressions, 0 to 2.
    pub distance: f32,
    /// What is said about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// In an animation or video, when the face is seen, from the start; seconds in JSON.
    #[serde(
        serialize_with = "micros::serialize_seconds",
        skip_serializing_if = "Option::is_none"
    )]
    pub time: Option<Duration>,
}

impl Match {
    pub(super) fn new(entry: Entry, distance: f32) -> Self {
        let Entry {
            id,
            label,
            path,
            caption,
            time,
            ..
        } = entry;
        Self {
            id,
            label,
            path,
            distance,
            caption,
            time,
        }
    }
}
