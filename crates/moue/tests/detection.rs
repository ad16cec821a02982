//! The compiled-in detector on research pictures, with MediaPipe's detections as the yardstick.

mod common;

use common::data;
use moue::{BoundingBox, Effort, FaceDetector, Frame};
use serde_json::{Map, Value};
use std::path::PathBuf;

/// Boxes that overlap by more than this show the same face.
const SAME: f32 = 0.4;

struct Pictures {
    folder: PathBuf,
    images: Map<String, Value>,
    detector: FaceDetector,
}

fn pictures(name: &str) -> Option<Pictures> {
    let folder = data(name)?;
    let json = std::fs::read(data(&format!("reference/{name}.detections.json"))?).unwrap();
    let Value::Object(images) = serde_json::from_slice::<Value>(&json).unwrap()["images"].take()
    else {
        panic!()
    };
    Some(Pictures {
        folder,
        images,
        detector: FaceDetector::new().unwrap(),
    })
}

fn bounding_box(value: &Value) -> BoundingBox {
    serde_json::from_value(value["box"].clone()).unwrap()
}

impl Pictures {
    /// The boxes found in a picture, the surest first.
    fn detect(&mut self, name: &str, effort: Effort) -> Vec<BoundingBox> {
        let frame = Frame::open(self.folder.join(name)).unwrap();
        self.detector
            .detect_with(&frame, &effort.into())
            .unwrap()
            .iter()
            .map(|f| f.bounding_box)
            .collect()
    }
}

fn one_face(name: &str) -> bool {
    [
        "ai-face",
        "astronaut",
        "person-vlado",
        "stock-emotions",
        "stock-teen",
    ]
    .iter()
    .any(|start| name.starts_with(start))
}

const EFFORTS: [Effort; 2] = [Effort::Live, Effort::Thorough];

#[test]
fn faces_of_portraits_are_found() {
    let Some(mut photos) = pictures("photos") else {
        return;
    };
    EFFORTS
        .into_iter()
        .for_each(|effort| portraits(&mut photos, effort));
}

fn portraits(photos: &mut Pictures, effort: Effort) {
    let names: Vec<String> = photos
        .images
        .keys()
        .filter(|n| one_face(n))
        .cloned()
        .collect();
    let mut missed = Vec::new();
    for name in &names {
        let reference = &photos.images[name];
        let lists = ["detections", "solutions_full_range"]
            .map(|k| reference[k].as_array().unwrap().clone())
            .concat();
        let found = photos.detect(name, effort);
        let right = found
            .first()
            .is_some_and(|f| lists.iter().any(|r| bounding_box(r).iou(f) > SAME));
        if !right {
            missed.push(name.clone());
        }
    }
    eprintln!(
        "one-face photos, {effort:?}: {} of {} found, missed {missed:?}",
        names.len() - missed.len(),
        names.len()
    );
    assert_eq!(names.len(), 16);
    assert!(missed.len() <= 1, "{missed:?}");
}

#[test]
fn faces_that_both_of_mediapipes_detectors_see_are_found() {
    let Some(mut memes) = pictures("memes") else {
        return;
    };
    let single = |v: &Value| {
        ["detections", "solutions_full_range"]
            .iter()
            .all(|k| v[k].as_array().unwrap().len() == 1)
    };
    let chosen: Vec<(String, BoundingBox)> = memes
        .images
        .iter()
        .filter(|(_, v)| single(v))
        .map(|(n, v)| (n.clone(), bounding_box(&v["detections"][0])))
        .collect();
    let mut missed = Vec::new();
    for (name, truth) in &chosen {
        if !memes
            .detect(name, Effort::Live)
            .iter()
            .any(|f| f.iou(truth) > SAME)
        {
            missed.push(name.clone());
        }
    }
    eprintln!(
        "memes: {} of {} found, missed {missed:?}",
        chosen.len() - missed.len(),
        chosen.len()
    );
    assert_eq!(chosen.len(), 60);
    assert!(chosen.len() - missed.len() >= 50, "{missed:?}");
}

#[test]
fn nothing_is_found_where_there_is_no_face() {
    let Some(mut photos) = pictures("photos") else {
        return;
    };
    for (name, effort) in ["background.jpg", "chelsea.png", "coffee.png"]
        .iter()
        .flat_map(|n| EFFORTS.map(|e| (n, e)))
    {
        assert!(photos.detect(name, effort).is_empty(), "{name}, {effort:?}");
    }
}
