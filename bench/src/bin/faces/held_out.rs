//! Pictures of the research data that are held out of every training (`bench/truth/held_out.json`):
//! frames of cartoons, whose faces are marked, and everyday photos without a face.

use crate::emoji;
use crate::score::{SAME_FACE_IOU, Score, score};
use crate::truth::{Marked, Picture};
use anyhow::{Context, Result};
use moue::{BoundingBox, Effort, FaceDetector, Frame};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The lists: drawn once with a seed (`bench/held_out.py`), so that training can leave them out.
#[derive(Deserialize)]
struct Lists {
    negatives: Vec<String>,
    cartoon: Vec<String>,
}

pub(crate) struct HeldOut {
    pub(crate) cartoon: Vec<Picture>,
    pub(crate) negatives: Vec<Frame<'static>>,
    pub(crate) emoji: Option<Vec<Frame<'static>>>,
}

impl HeldOut {
    pub(crate) fn load(data: &Path) -> Result<Self> {
        let lists = concat!(env!("CARGO_MANIFEST_DIR"), "/truth/held_out.json");
        let lists: Lists = serde_json::from_slice(&std::fs::read(lists)?)?;
        let marks = data.join("cartoon/boxes.json");
        let marks = std::fs::read(&marks).with_context(|| marks.display().to_string())?;
        let marks: BTreeMap<String, Vec<[f32; 4]>> = serde_json::from_slice(&marks)?;
        let folder = data.join("cartoon");
        let cartoon = lists.cartoon.into_iter().map(|name| {
            let boxes = marks.get(&name).cloned().unwrap_or_default();
            cartoon_frame(&folder, name, boxes)
        });
        let negatives = lists.negatives.iter();
        let negatives = negatives.map(|name| Frame::open(data.join("negatives").join(name)));
        Ok(Self {
            cartoon: cartoon.collect::<Result<_>>()?,
            negatives: negatives.collect::<Result<_, _>>()?,
            emoji: emoji::pictures()?,
        })
    }
}

fn cartoon_frame(folder: &Path, name: String, boxes: Vec<[f32; 4]>) -> Result<Picture> {
    Ok(Picture {
        frame: Frame::open(folder.join(&name))?,
        faces: boxes.into_iter().map(Marked::drawn).collect(),
        ignored: Vec::new(),
        mediapipe: [Vec::new(), Vec::new()],
        name,
    })
}

/// Recall and precision on frames of cartoons.
pub(crate) fn cartoon(
    held_out: &HeldOut,
    detector: &mut FaceDetector,
    effort: Effort,
) -> Result<Score> {
    marked(&held_out.cartoon, detector, effort)
}

/// Recall and precision on marked pictures.
pub(crate) fn marked(
    pictures: &[Picture],
    detector: &mut FaceDetector,
    effort: Effort,
) -> Result<Score> {
    let mut sum = Score::default();
    for picture in pictures {
        let faces = detector.detect_with(&picture.frame, &effort.into())?;
        sum.add(score(picture, &faces, |_| true));
    }
    Ok(sum)
}

/// Boxes in 100 photos without a face.
pub(crate) fn false_boxes(
    held_out: &HeldOut,
    detector: &mut FaceDetector,
    effort: Effort,
) -> Result<f32> {
    let mut boxes = 0;
    for frame in &held_out.negatives {
        boxes += detector.detect_with(frame, &effort.into())?.len();
    }
    Ok(100.0 * boxes as f32 / held_out.negatives.len() as f32)
}

/// Share of emoji whose face is found.
pub(crate) fn emoji_found(
    pictures: &[Frame<'_>],
    detector: &mut FaceDetector,
    effort: Effort,
) -> Result<f32> {
    let truth = emoji::face();
    let is_face = |found: &BoundingBox| found.iou(&truth) > SAME_FACE_IOU;
    let mut found = 0;
    for frame in pictures {
        let faces = detector.detect_with(frame, &effort.into())?;
        found += usize::from(faces.iter().any(|f| is_face(&f.bounding_box)));
    }
    Ok(found as f32 / pictures.len() as f32)
}
