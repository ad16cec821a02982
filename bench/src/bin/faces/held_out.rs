//! Pictures of the research data that are held out of every training (`bench/truth/held_out.json`):
//! frames of cartoons, whose faces are marked, and everyday photos without a face.

use crate::emoji;
use crate::score::{SAME_FACE_IOU, Score, score};
use crate::truth::{Marked, Picture};
use anyhow::{Context, Result};
use moue::{BoundingBox, Effort, FaceDetector, Frame};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::Path;

/// A creature's face in a frame of cartoons: an animal's, a monster's, a robot's, a thing's. Marked by
/// eye in `bench/truth/creatures.json`; a blurred face that may be a human's is none.
const CREATURE: &str = "creature";

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
        let truth = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/truth"));
        let lists: Lists = read_json(&truth.join("held_out.json"))?;
        let creatures: BTreeMap<String, Vec<usize>> = read_json(&truth.join("creatures.json"))?;
        let marks: BTreeMap<String, Vec<[f32; 4]>> = read_json(&data.join("cartoon/boxes.json"))?;
        let folder = data.join("cartoon");
        let cartoon = lists.cartoon.into_iter().map(|name| {
            let boxes = marks.get(&name).map_or(&[][..], Vec::as_slice);
            let creatures = creatures.get(&name).map_or(&[][..], Vec::as_slice);
            cartoon_frame(&folder, name, boxes, creatures)
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

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read(path).with_context(|| path.display().to_string())?;
    Ok(serde_json::from_slice(&text)?)
}

/// `creatures` are the places in `boxes` of faces that are no humans'.
fn cartoon_frame(
    folder: &Path,
    name: String,
    boxes: &[[f32; 4]],
    creatures: &[usize],
) -> Result<Picture> {
    // Creatures are drawn too: the figures of earlier versions are of all faces.
    let kinds = |at: usize| {
        if creatures.contains(&at) {
            &["drawn", CREATURE][..]
        } else {
            &["drawn"]
        }
    };
    let faces = boxes.iter().enumerate();
    Ok(Picture {
        frame: Frame::open(folder.join(&name))?,
        faces: faces
            .map(|(at, box_)| Marked::boxed(*box_, kinds(at)))
            .collect(),
        ignored: Vec::new(),
        mediapipe: [Vec::new(), Vec::new()],
        name,
    })
}

/// The scores on frames of cartoons: of all faces, and of those of humans or drawn like one.
pub(crate) fn cartoon(
    frames: &[Picture],
    detector: &mut FaceDetector,
    effort: Effort,
) -> Result<[Score; 2]> {
    let mut sums = [Score::default(); 2];
    for picture in frames {
        let faces = detector.detect_with(&picture.frame, &effort.into())?;
        sums[0].add(score(picture, &faces, |_| true));
        // What is found of creatures is neither right nor wrong.
        sums[1].add(score(picture, &faces, |face| !face.is(CREATURE)));
    }
    Ok(sums)
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
