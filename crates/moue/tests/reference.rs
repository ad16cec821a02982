//! moue with MediaPipe's BlazeFace as its network against what MediaPipe itself found.
//!
//! The reference was made with MediaPipe 0.10.21 running the tutorial's detection graph on pixels
//! that OpenCV had decoded.

mod common;

use common::{data, peer};
use moue::detect::{DetectorOptions, Letterbox};
use moue::network::Model;
use moue::{Effort, Face, FaceDetector, Frame};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Scores this near the threshold may fall on either side.
const UNSURE: f32 = 0.02;

struct Reference {
    pictures: PathBuf,
    images: serde_json::Map<String, Value>,
    detector: FaceDetector,
}

fn reference(folder: &str) -> Option<Reference> {
    let network =
        Model::load(&std::fs::read(peer("face_detection_short_range.tflite")?).unwrap()).unwrap();
    let options = DetectorOptions::blazeface_short_range();
    let json = std::fs::read(data(&format!("reference/{folder}.detections.json"))?).unwrap();
    let Value::Object(images) = serde_json::from_slice::<Value>(&json).unwrap()["images"].take()
    else {
        panic!()
    };
    let detector = FaceDetector::with_network(Box::new(network.session()), options).unwrap();
    Some(Reference {
        pictures: data(folder)?,
        images,
        detector,
    })
}

fn number(value: &Value) -> f32 {
    value.as_f64().unwrap() as f32
}

/// Box and key points as one list of numbers.
fn coordinates(face: &Face) -> Vec<f32> {
    let b = face.bounding_box;
    [b.xmin, b.ymin, b.width, b.height]
        .into_iter()
        .chain(face.key_points.unwrap().into_iter().flatten())
        .collect()
}

fn expected(value: &Value) -> Vec<f32> {
    let edges = ["xmin", "ymin", "width", "height"].map(|k| number(&value["box"][k]));
    let points = value["keypoints"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|p| [number(&p[0]), number(&p[1])]);
    edges.into_iter().chain(points).collect()
}

/// The largest difference between the faces found and those expected; panics where one is missing.
fn compare(name: &str, found: &[Face], wanted: &[Value], tolerance: f32) -> f32 {
    let mut worst = 0.0;
    let mut matched = vec![false; found.len()];
    for value in wanted {
        let score = number(&value["score"]);
        let wanted = expected(value);
        let apart = |f: &Face| {
            coordinates(f)
                .iter()
                .zip(&wanted)
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f32::max)
        };
        let best = (0..found.len()).min_by(|a, b| apart(&found[*a]).total_cmp(&apart(&found[*b])));
        match best {
            Some(i) if apart(&found[i]) <= tolerance => {
                matched[i] = true;
                assert!(
                    (found[i].score - score).abs() < 0.02,
                    "{name}: score {} for {score}",
                    found[i].score
                );
                worst = f32::max(worst, apart(&found[i]));
            }
            best => assert!(
                (score - 0.75).abs() <= UNSURE,
                "{name}: the face at {wanted:?} of score {score} is missing, nearest off by {:?}",
                best.map(|i| apart(&found[i]))
            ),
        }
    }
    for (face, _) in found.iter().zip(&matched).filter(|(_, m)| !**m) {
        assert!(
            (face.score - 0.75).abs() <= UNSURE,
            "{name}: a face too many, {face:?}"
        );
    }
    worst
}

/// How far a face may lie from the reference's, in lengths of the picture, where two decoders made
/// the pixels: a little more than a pixel of the network's 128. OpenCV's and ours differ by up to six
/// gray levels; the farthest of these faces, 23 pixels wide for the network, moves by 0.0068.
const DECODED_DIFFERENTLY: f32 = 1e-2;

/// Runs every picture of a folder through moue's own decoder.
fn check_folder(folder: &str) {
    let Some(mut reference) = reference(folder) else {
        return;
    };
    let mut worst = 0.0;
    for (name, image) in &reference.images {
        let frame = Frame::open(reference.pictures.join(name)).unwrap();
        assert_eq!(
            (frame.width() as u64, frame.height() as u64),
            (
                image["width"].as_u64().unwrap(),
                image["height"].as_u64().unwrap()
            )
        );
        let found = reference
            .detector
            .detect_with(&frame, &Effort::Live.into())
            .unwrap();
        worst = f32::max(
            worst,
            compare(
                name,
                &found,
                image["detections"].as_array().unwrap(),
                DECODED_DIFFERENTLY,
            ),
        );
    }
    eprintln!(
        "{folder}: {} pictures, largest difference {worst:.1e}",
        reference.images.len()
    );
}

#[test]
fn photos_give_the_reference_detections() {
    check_folder("photos");
}

#[test]
fn memes_give_the_reference_detections() {
    check_folder("memes");
}

/// The pixels that the reference was computed from, where they are kept.
fn decoded(name: &str) -> Option<Frame<'static>> {
    let stem = Path::new(name).file_stem()?.to_str()?;
    let png = data("reference/decoded")?.join(format!("{stem}.png"));
    let original = data("photos")?.join(name);
    let path = if png.exists() { png } else { original };
    (path.extension()? == "png").then(|| Frame::open(&path).unwrap())
}

#[test]
fn the_same_pixels_give_the_same_detections() {
    let Some(mut reference) = reference("photos") else {
        return;
    };
    let mut worst = 0.0;
    let mut count = 0;
    for (name, image) in &reference.images {
        let Some(frame) = decoded(name) else { continue };
        let found = reference
            .detector
            .detect_with(&frame, &Effort::Live.into())
            .unwrap();
        worst = f32::max(
            worst,
            compare(name, &found, image["detections"].as_array().unwrap(), 1e-3),
        );
        count += 1;
    }
    assert!(count >= 7, "only {count} pictures have their pixels");
    eprintln!("{count} pictures from the same pixels, largest difference {worst:.1e}");
}

#[test]
fn the_network_input_is_equal_to_the_pixel() {
    let Some(folder) = data("reference/fit128") else {
        return;
    };
    let photos = data("photos").unwrap();
    let mut count = 0;
    for photo in std::fs::read_dir(photos)
        .unwrap()
        .map(|e| e.unwrap().path())
    {
        let stem = photo.file_stem().unwrap().to_str().unwrap().to_owned();
        let expected = folder.join(format!("{stem}.fit128.png"));
        let (true, Some(frame)) = (
            expected.exists(),
            decoded(photo.file_name().unwrap().to_str().unwrap()),
        ) else {
            continue;
        };
        let expected = Frame::open(&expected).unwrap();
        let ours = Letterbox::fit(&frame, 128);
        let wrong = ours
            .pixels()
            .iter()
            .zip(expected.pixels())
            .filter(|(a, b)| a != b)
            .count();
        assert_eq!(
            wrong,
            0,
            "{stem}: {wrong} of {} values differ",
            expected.pixels().len()
        );
        count += 1;
    }
    assert_eq!(count, 8, "pictures compared");
}
