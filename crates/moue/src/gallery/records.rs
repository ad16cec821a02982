//! What a gallery keeps of pictures and faces, what is added to it, and what a search returns.

use super::file_state::FileStamp;
use super::perceptual_hash::PictureHash;
use crate::embed::Expression;
use crate::{BoundingBox, Face, Point, micros};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Counts and sizes of what a gallery stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct GalleryStats {
    /// Faces.
    pub faces: u64,
    /// Pictures, animations and videos.
    pub pictures: u64,
    /// Small pictures of faces.
    pub thumbnails: u64,
    /// Files that were read, whether they were added or not.
    pub files: u64,
}

/// A face of a [`Picture`], apart from its expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredFace {
    /// Unique in its gallery; ids are never used twice.
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
    /// Where it came from. Built-in drawings are called `builtin:NAME`, emoji `emoji:CHARACTER`,
    /// members of a ZIP `PACK.zip!/NAME`.
    pub path: String,
    /// What to call it: the file's name without its extension, unless given.
    pub label: String,
    /// A description: of a side-car file, the picture's own metadata, or a collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// The words that are written in it, between spaces; empty if there are none, `None` if it was not
    /// read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// Words to filter by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Where it was taken from: `folder`, `zip`, a collection's name, or what the caller sets.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// When it was added, in seconds since 1970.
    #[serde(default)]
    pub added: u64,
    /// Whether no search returns it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// Its perceptual hash, for finding near-duplicates. Its JSON key is `looks`, as in the first
    /// files that had it.
    #[serde(rename = "looks", default, skip_serializing_if = "Option::is_none")]
    pub perceptual_hash: Option<PictureHash>,
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
    /// As for [`Picture::perceptual_hash`].
    #[serde(skip)]
    pub perceptual_hash: Option<PictureHash>,
}

/// What the paths of the emoji gallery begin with; the character follows.
const EMOJI_SCHEME: &str = "emoji:";

/// The character that a path of the emoji gallery names.
fn emoji_of(path: &str) -> Option<&str> {
    path.strip_prefix(EMOJI_SCHEME)
}

/// Seconds since 1970. Without a clock (`wasm32-unknown-unknown` has none, and asking panics) 0.
fn now() -> u64 {
    if cfg!(all(target_family = "wasm", target_os = "unknown")) {
        return 0;
    }
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |d| d.as_secs())
}

impl Entry {
    /// The character, if it is an entry of [`Gallery::emoji`](super::Gallery::emoji).
    pub fn emoji(&self) -> Option<&str> {
        emoji_of(&self.path)
    }
}

impl StoredFace {
    fn from_new(id: u64, new: &NewFace) -> Self {
        let key_points = new.face.key_points.map_or_else(Vec::new, Vec::from);
        Self {
            id,
            bounding_box: new.face.bounding_box,
            score: new.face.score,
            key_points,
            time: new.time,
        }
    }

    /// The face as the detector returned it.
    pub fn face(&self) -> Face {
        // Crops have none, and a file of another program may have any number.
        let key_points = self.key_points[..].try_into().ok();
        Face {
            bounding_box: self.bounding_box,
            score: self.score,
            key_points,
        }
    }
}

impl Picture {
    /// Drops tags and adds others behind the rest, each once; returns whether that changes anything. A
    /// tag that is both dropped and added goes behind the others.
    pub fn retag(&mut self, add: &[String], drop: &[String]) -> bool {
        let before = self.tags.clone();
        self.tags.retain(|tag| !drop.contains(tag));
        for tag in add {
            if !self.tags.contains(tag) {
                self.tags.push(tag.clone());
            }
        }
        self.tags != before
    }

    /// The picture as one to be added to another gallery, with this hash and these faces.
    pub fn to_new(&self, hash: [u8; 32], faces: Vec<NewFace>) -> NewPicture {
        NewPicture {
            hash,
            path: self.path.clone(),
            label: self.label.clone(),
            caption: self.caption.clone(),
            words: self.words.clone(),
            tags: self.tags.clone(),
            source: self.source.clone(),
            added: self.added,
            hidden: self.hidden,
            perceptual_hash: self.perceptual_hash,
            // The stamp was of a file beside the other gallery.
            file: None,
            faces,
        }
    }

    /// The picture as its record, the JSON in the file, has it.
    #[cfg(feature = "gallery")]
    pub(super) fn from_json(id: u64, record: &[u8]) -> Result<Self, serde_json::Error> {
        Ok(Self {
            id,
            ..serde_json::from_slice(record)?
        })
    }

    /// The picture that is stored for `new`, whose faces get the ids from `id` on.
    pub(super) fn from_new(id: u64, group: u64, new: &NewPicture) -> Self {
        Self {
            id,
            hash: crate::digest::hex(&new.hash),
            path: new.path.clone(),
            label: new.label.clone(),
            caption: new.caption.clone(),
            words: new.words.clone(),
            tags: new.tags.clone(),
            source: new.source.clone(),
            added: if new.added == 0 { now() } else { new.added },
            hidden: new.hidden,
            perceptual_hash: new.perceptual_hash,
            group,
            faces: (id..)
                .zip(&new.faces)
                .map(|(id, face)| StoredFace::from_new(id, face))
                .collect(),
        }
    }

    /// The face with this id as an entry.
    pub(super) fn entry_of(&self, face: u64) -> Option<Entry> {
        let face = self.faces.iter().find(|f| f.id == face)?;
        Some(self.entry(face))
    }

    /// Its faces as entries.
    pub fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        self.faces.iter().map(|face| self.entry(face))
    }

    fn entry(&self, face: &StoredFace) -> Entry {
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
            perceptual_hash: self.perceptual_hash,
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
///
/// ```
/// use moue::gallery::NewPicture;
/// use moue::{Expression, Face};
/// let mut expression = Expression([0.0; 64]);
/// expression.0[0] = 1.0;
/// let picture = NewPicture {
///     hash: moue::digest::sha256(b"the file's bytes"),
///     path: "cat.jpg".into(),
///     label: "cat".into(),
///     faces: vec![(Face::whole(), expression).into()],
///     ..NewPicture::default()
/// };
/// assert_eq!(picture.faces.len(), 1);
/// ```
#[derive(Debug, Clone, Default)]
pub struct NewPicture {
    /// SHA-256 of the file.
    pub hash: [u8; 32],
    /// Where it came from.
    pub path: String,
    /// What to call it.
    pub label: String,
    /// A description.
    pub caption: Option<String>,
    /// The words that are written in it; `None` if it was not read.
    pub words: Option<String>,
    /// Words to filter by.
    pub tags: Vec<String>,
    /// Where it was taken from.
    pub source: String,
    /// When it was added, in seconds since 1970; 0 is now.
    pub added: u64,
    /// Whether no search returns it. A picture that its gallery knows as hidden is hidden anyway.
    pub hidden: bool,
    /// Its perceptual hash; without one it is no near-duplicate of any other.
    pub perceptual_hash: Option<PictureHash>,
    /// Size and time of its file, by which it is recognized without being read again.
    pub file: Option<FileStamp>,
    /// Its faces with their expressions.
    pub faces: Vec<NewFace>,
}

/// A face that a store has returned, with its picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Shortlisted {
    /// The face's id.
    pub id: u64,
    /// Its expression.
    pub expression: Expression,
    /// Its picture; of [`Picture::faces`] this face suffices. [`Picture::group`] is not read.
    pub picture: Picture,
}

/// A picture of the gallery and how far its face is from the one searched for.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Match {
    /// The face's id.
    pub id: u64,
    /// What the picture is called.
    pub label: String,
    /// Where it is.
    pub path: String,
    /// The character, if it is an entry of [`Gallery::emoji`](super::Gallery::emoji).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emoji: Option<String>,
    /// Euclidean distance of the expressions, 0 to 2.
    pub distance: f32,
    /// How similar the expressions are, 0 to 1: [`similarity`] of `distance`.
    pub similarity: f32,
    /// What matches are ordered by, smaller first: the distance from the centered query with
    /// [`SearchOptions::population_mean`](super::SearchOptions::population_mean), else
    /// [`distance`](Self::distance). It is 0 for the picture of the query itself.
    pub score: f32,
    /// The box of the face that matches, relative to the picture.
    #[serde(rename = "box")]
    pub bounding_box: BoundingBox,
    /// Words to filter by.
    pub tags: Vec<String>,
    /// A description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// In an animation or video, when the face is seen, from the start; seconds in JSON.
    #[serde(
        serialize_with = "micros::serialize_seconds",
        skip_serializing_if = "Option::is_none"
    )]
    pub time: Option<Duration>,
}

/// How similar two expressions at this Euclidean distance are, from 0 to 1: the cosine of the angle
/// between them, max(0, 1 − distance² / 2), as both have unit length. It is 1 for the same expression
/// and 0 for all that have nothing in common: at a right angle (distance √2) and beyond.
///
/// ```
/// use moue::gallery::similarity;
/// assert_eq!(similarity(0.0), 1.0);
/// assert_eq!(similarity(1.0), 0.5);
/// assert_eq!(similarity(2.0), 0.0);
/// ```
pub fn similarity(distance: f32) -> f32 {
    // A negative cosine would make a share or a bar of it negative, and tells people no more than 0
    // does: the distance orders what is beyond a right angle.
    (1.0 - distance * distance / 2.0).max(0.0)
}

impl Match {
    pub(super) fn new(entry: Entry, distance: f32, score: f32) -> Self {
        let emoji = entry.emoji().map(str::to_owned);
        let Entry {
            id,
            label,
            path,
            bounding_box,
            caption,
            time,
            tags,
            ..
        } = entry;
        Self {
            id,
            label,
            path,
            emoji,
            distance,
            similarity: similarity(distance),
            score,
            bounding_box,
            tags,
            caption,
            time,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn retagging_adds_once_and_moves_what_is_dropped_too() {
        let json = r#"{"hash": "", "path": "", "label": "", "tags": ["a", "b"], "faces": []}"#;
        let mut picture: Picture = serde_json::from_str(json).unwrap();
        assert!(picture.retag(&tags(&["c", "b", "c"]), &[]) && picture.tags.len() == 3);
        assert!(picture.retag(&tags(&["a"]), &tags(&["a", "c"])));
        assert_eq!(picture.tags, ["b", "a"]);
    }
}
