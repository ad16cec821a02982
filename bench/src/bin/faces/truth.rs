//! The marked pictures, and the results of MediaPipe for them.

use anyhow::{Context, Result};
use moue::{BoundingBox, Face, Frame};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// A marked face.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Marked {
    /// Left, top, width, height, relative to the picture.
    #[serde(rename = "box")]
    corners: [f32; 4],
    /// Eyes (the subject's right first), nose, mouth, then ears where they are known.
    pub(crate) key_points: Vec<[f32; 2]>,
    /// Some of `drawn`, `profile`, `tiny`, `covered`, `creature`.
    pub(crate) kinds: Vec<String>,
    /// Whether the key points are those of MediaPipe's landmarks.
    pub(crate) landmarks: bool,
}

impl Marked {
    /// A face of these kinds of which nothing but the box is known.
    pub(crate) fn boxed(corners: [f32; 4], kinds: &[&str]) -> Self {
        Self {
            corners,
            key_points: Vec::new(),
            kinds: kinds.iter().map(ToString::to_string).collect(),
            landmarks: false,
        }
    }

    pub(crate) fn bounding_box(&self) -> BoundingBox {
        bounding_box(self.corners)
    }

    pub(crate) fn is(&self, kind: &str) -> bool {
        self.kinds.iter().any(|k| k == kind)
    }
}

#[derive(Debug, Deserialize)]
struct Row {
    faces: Vec<Marked>,
    ignored: Vec<[f32; 4]>,
}

/// A picture with its marks.
pub(crate) struct Picture {
    pub(crate) name: String,
    pub(crate) frame: Frame<'static>,
    pub(crate) faces: Vec<Marked>,
    /// Where a detection counts neither as right nor as wrong: animals drawn with human features,
    /// crowds, backs of heads.
    pub(crate) ignored: Vec<BoundingBox>,
    /// MediaPipe's short range and full range at its default threshold, 0.5.
    pub(crate) mediapipe: [Vec<Face>; 2],
}

impl Picture {
    /// Whether it shows exactly one face, of a human.
    pub(crate) fn is_portrait(&self) -> bool {
        self.faces.len() == 1 && self.ignored.is_empty() && !self.faces[0].is("drawn")
    }
}

pub(crate) struct Truth {
    pub(crate) pictures: Vec<Picture>,
}

#[derive(Deserialize)]
struct Detected {
    score: f32,
    #[serde(rename = "box")]
    bounding_box: BoundingBox,
    keypoints: [[f32; 2]; 6],
}

#[derive(Deserialize)]
struct Reference {
    images: BTreeMap<String, ReferenceRow>,
}

#[derive(Deserialize)]
struct ReferenceRow {
    solutions_short_range: Vec<Detected>,
    solutions_full_range: Vec<Detected>,
}

fn faces(detected: &[Detected]) -> Vec<Face> {
    let face = |d: &Detected| Face {
        bounding_box: d.bounding_box,
        score: d.score,
        key_points: Some(d.keypoints),
    };
    detected.iter().map(face).collect()
}

impl Truth {
    /// Reads the marks of this project, and the pictures and MediaPipe's detections below `data`.
    pub(crate) fn load(data: &Path) -> Result<Self> {
        let marks = concat!(env!("CARGO_MANIFEST_DIR"), "/truth/faces.json");
        let rows: BTreeMap<String, Row> = serde_json::from_slice(&std::fs::read(marks)?)?;
        let mut references = BTreeMap::new();
        for folder in ["photos", "memes"] {
            references.insert(folder, Reference::read(data, folder)?);
        }
        let mut pictures = Vec::new();
        for (name, row) in rows {
            let theirs = theirs(&references, &name);
            let theirs = theirs.with_context(|| format!("{name} is not among MediaPipe's"))?;
            pictures.push(row.picture(data, name, theirs)?);
        }
        Ok(Self { pictures })
    }
}

/// MediaPipe's detections of the picture `FOLDER/FILE`.
fn theirs<'a>(references: &'a BTreeMap<&str, Reference>, name: &str) -> Option<&'a ReferenceRow> {
    let (folder, file) = name.split_once('/')?;
    references.get(folder)?.images.get(file)
}

impl Reference {
    fn read(data: &Path, folder: &str) -> Result<Self> {
        let path = data.join(format!("reference/{folder}.detections.json"));
        let bytes =
            std::fs::read(&path).with_context(|| format!("{}: set $MOUE_DATA", path.display()))?;
        Ok(serde_json::from_slice(&bytes)?)
    }
}

impl Row {
    fn picture(self, data: &Path, name: String, theirs: &ReferenceRow) -> Result<Picture> {
        Ok(Picture {
            frame: Frame::open(data.join(&name))?,
            ignored: self.ignored.into_iter().map(bounding_box).collect(),
            faces: self.faces,
            mediapipe: [
                faces(&theirs.solutions_short_range),
                faces(&theirs.solutions_full_range),
            ],
            name,
        })
    }
}

fn bounding_box([xmin, ymin, width, height]: [f32; 4]) -> BoundingBox {
    BoundingBox {
        xmin,
        ymin,
        width,
        height,
    }
}
