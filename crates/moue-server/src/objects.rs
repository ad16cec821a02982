//! The JSON objects of answers: those that the program prints with `--json`, but that a path is only
//! the name of a file. Where a picture lies on the server is nobody's business.

use moue::embed::{EmbedError, Emotions};
use moue::gallery::{Match, Picture, StoredFace, shown_path};
use moue::{BoundingBox, Expression, Face, Frame, Point};
use serde::Serialize;
use utoipa::ToSchema;

/// The name of a query, as the program has it for a picture from standard input.
const QUERY_NAME: &str = "-";

/// An upright rectangle, relative to the picture: 0 is its left or top edge, 1 the right or bottom
/// one. It may reach beyond the picture.
#[derive(Serialize, ToSchema)]
#[schema(as = Box)]
#[allow(dead_code)] // Describes how `BoundingBox` is written.
pub(crate) struct BoxObject {
    /// Left edge.
    xmin: f32,
    /// Top edge.
    ymin: f32,
    /// Width.
    width: f32,
    /// Height.
    height: f32,
}

/// A picture and its faces.
#[derive(Serialize, ToSchema)]
#[schema(as = Faces)]
pub(crate) struct FacesObject {
    /// The JSON Schema of the program's output that has these keys: moue.find/1, moue.detect/1 or
    /// moue.embed/1.
    pub(crate) schema: &'static str,
    /// Always "-": names of queries are not kept.
    picture: &'static str,
    /// Pixels.
    width: usize,
    /// Pixels.
    height: usize,
    /// Its faces, those with the highest score first.
    pub(crate) faces: Vec<FaceObject>,
    /// Always null: a picture that cannot be used is a problem.
    #[schema(value_type = Option<String>)]
    error: Option<()>,
}

impl FacesObject {
    pub(crate) fn new(schema: &'static str, frame: &Frame<'_>, faces: Vec<FaceObject>) -> Self {
        Self {
            schema,
            picture: QUERY_NAME,
            width: frame.width(),
            height: frame.height(),
            faces,
            error: None,
        }
    }
}

/// A face of a query.
#[derive(Serialize, ToSchema)]
#[schema(as = Face)]
pub(crate) struct FaceObject {
    /// Where it is.
    #[serde(rename = "box")]
    #[schema(value_type = BoxObject)]
    bounding_box: BoundingBox,
    /// The detector's score.
    #[schema(minimum = 0, maximum = 1)]
    score: f32,
    /// Right eye, left eye, nose tip, mouth center, right ear, left ear of the subject: x and y as in
    /// a box. Empty for a picture that is a face crop.
    #[schema(value_type = Vec<[f32; 2]>)]
    key_points: Vec<Point>,
    /// The 64 numbers of the expression, of unit length; only from `embed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 64, max_items = 64)]
    embedding: Option<Vec<f32>>,
    /// Shares of eight emotions that people would vote for; they sum to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, f32>>)]
    emotions: Option<Emotions>,
    /// The pictures that match, best first; only from `find`.
    #[serde(skip_serializing_if = "Option::is_none")]
    matches: Option<Vec<MatchObject>>,
    /// Why the face has no embedding.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl FaceObject {
    pub(crate) fn new(face: &Face) -> Self {
        Self {
            bounding_box: face.bounding_box,
            score: face.score,
            key_points: face.key_points.map_or_else(Vec::new, Vec::from),
            embedding: None,
            emotions: None,
            matches: None,
            error: None,
        }
    }

    /// With the emotions of the expression, or why there is none.
    pub(crate) fn with_expression(self, expression: &Result<Expression, EmbedError>) -> Self {
        Self {
            emotions: expression.as_ref().ok().map(Expression::emotions),
            error: expression.as_ref().err().map(ToString::to_string),
            ..self
        }
    }

    pub(crate) fn with_matches(self, matches: Vec<MatchObject>) -> Self {
        let matches = Some(matches);
        Self { matches, ..self }
    }

    pub(crate) fn with_embedding(self, expression: &Result<Expression, EmbedError>) -> Self {
        let embedding = expression.as_ref().ok().map(|e| e.0.to_vec());
        Self {
            embedding,
            ..self.with_expression(expression)
        }
    }
}

/// A picture of the gallery and how far its face is from the one searched for.
#[derive(Serialize, ToSchema)]
#[schema(as = Match)]
pub(crate) struct MatchObject {
    /// The number of the face; `/v1/pictures/{id}` and what is below it take it too.
    id: u64,
    /// What the picture is called.
    label: String,
    /// The name of its file, without folders.
    path: String,
    /// The character, in the gallery of emoji.
    #[serde(skip_serializing_if = "Option::is_none")]
    emoji: Option<String>,
    /// Euclidean distance of the expressions.
    #[schema(minimum = 0, maximum = 2)]
    distance: f32,
    /// How similar the expressions are, 1 for the same: max(0, 1 - distance² / 2), the cosine.
    #[schema(minimum = 0, maximum = 1)]
    similarity: f32,
    /// What matches are ordered by, smaller first.
    score: f32,
    /// The face that matches.
    #[serde(rename = "box")]
    #[schema(value_type = BoxObject)]
    bounding_box: BoundingBox,
    /// Words to filter by.
    tags: Vec<String>,
    /// A description.
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<String>,
    /// In an animation or video, when the face is seen: seconds from the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<f64>,
}

impl From<Match> for MatchObject {
    fn from(m: Match) -> Self {
        Self {
            id: m.id,
            label: m.label,
            path: public_name(&m.path),
            emoji: m.emoji,
            distance: m.distance,
            similarity: m.similarity,
            score: m.score,
            bounding_box: m.bounding_box,
            tags: m.tags,
            caption: m.caption,
            time: m.time.map(|time| time.as_secs_f64()),
        }
    }
}

/// The answer of a search by vectors.
#[derive(Serialize, ToSchema)]
#[schema(as = Matches)]
pub(crate) struct MatchesObject {
    /// Always moue.find.together/1.
    schema: &'static str,
    /// Always empty: there were only vectors.
    #[schema(value_type = Vec<String>)]
    pictures: [&'static str; 0],
    /// The pictures that match, best first.
    matches: Vec<MatchObject>,
}

impl MatchesObject {
    pub(crate) fn new(matches: Vec<Match>) -> Self {
        Self {
            schema: "moue.find.together/1",
            pictures: [],
            matches: matches.into_iter().map(MatchObject::from).collect(),
        }
    }
}

/// A face of a picture of the gallery.
#[derive(Serialize, ToSchema)]
#[schema(as = StoredFace)]
pub(crate) struct StoredFaceObject {
    /// The number of the face.
    id: u64,
    /// Where it is.
    #[serde(rename = "box")]
    #[schema(value_type = BoxObject)]
    bounding_box: BoundingBox,
    /// The detector's score.
    score: f32,
    /// As for a face of a query.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<[f32; 2]>, required = false)]
    key_points: Vec<Point>,
    /// Microseconds from the start of an animation or video.
    #[serde(skip_serializing_if = "Option::is_none")]
    micros: Option<u64>,
}

impl From<StoredFace> for StoredFaceObject {
    fn from(face: StoredFace) -> Self {
        Self {
            id: face.id,
            bounding_box: face.bounding_box,
            score: face.score,
            key_points: face.key_points,
            micros: face.time.map(|time| time.as_micros() as u64),
        }
    }
}

/// A picture of the gallery.
#[derive(Serialize, ToSchema)]
#[schema(as = Picture)]
pub(crate) struct PictureObject {
    /// Always moue.gallery.show/1.
    schema: &'static str,
    /// The number of the picture.
    pub(crate) id: u64,
    /// SHA-256 of the file in hexadecimal.
    hash: String,
    /// The name of its file, without folders.
    path: String,
    /// Always null.
    #[schema(value_type = Option<String>)]
    path_bytes: Option<()>,
    /// What it is called.
    label: String,
    /// A description.
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<String>,
    /// Words to filter by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    tags: Vec<String>,
    /// Where it was taken from: `upload`, `folder`, `zip`, a collection's name.
    source: String,
    /// Seconds since 1970.
    added: u64,
    /// There only if no search returns the picture.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    hidden: bool,
    /// Near-duplicates share this number.
    group: u64,
    /// Its faces.
    faces: Vec<StoredFaceObject>,
}

impl From<Picture> for PictureObject {
    fn from(picture: Picture) -> Self {
        Self {
            schema: "moue.gallery.show/1",
            id: picture.id,
            hash: picture.hash,
            path: public_name(&picture.path),
            path_bytes: None,
            label: picture.label,
            caption: picture.caption,
            tags: picture.tags,
            source: picture.source,
            added: picture.added,
            hidden: picture.hidden,
            group: picture.group,
            faces: picture.faces.into_iter().map(Into::into).collect(),
        }
    }
}

/// Some pictures of the gallery.
#[derive(Serialize, ToSchema)]
#[schema(as = Pictures)]
pub(crate) struct PicturesObject {
    /// The pictures.
    pub(crate) pictures: Vec<PictureObject>,
    /// The `cursor` of the next page; null after the last.
    pub(crate) next: Option<String>,
}

/// The name of a file of the gallery: what comes after the last separator of any system. Names of
/// drawings and emoji have none.
pub(crate) fn public_name(path: &str) -> String {
    let shown = shown_path(path);
    let name = shown.rsplit(['/', '\\']).next().unwrap_or_default();
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_folders() {
        let of = [
            "/home/a/cat.jpg",
            r"C:\a\cat.jpg",
            "/a/p.zip!/in/cat.jpg",
            "builtin:gus-calm",
        ];
        assert_eq!(
            of.map(public_name),
            ["cat.jpg", "cat.jpg", "cat.jpg", "builtin:gus-calm"]
        );
    }
}
