//! Detector, embedder and finder with networks of the test's own: no weights.
#![cfg(feature = "drawings")]

use moue::detect::DetectorOptions;
use moue::embed::EmbedError;
use moue::frame::PixelFormat;
use moue::gallery::{MemoryGallery, NewPicture};
use moue::network::{Network, NetworkError};
use moue::{Effort, Expression, ExpressionEmbedder, Face, FaceDetector, Finder, Frame, Gallery};
use std::sync::{Arc, RwLock};

/// Gives the same outputs whatever it sees.
#[derive(Clone)]
struct Fixed {
    input: usize,
    outputs: Vec<Vec<f32>>,
}

impl Network for Fixed {
    fn input_len(&self) -> usize {
        self.input
    }

    fn output_lens(&self) -> Vec<usize> {
        self.outputs.iter().map(Vec::len).collect()
    }

    fn run(&mut self, _: &[f32]) -> Result<(), NetworkError> {
        Ok(())
    }

    fn output(&self, index: usize) -> &[f32] {
        &self.outputs[index]
    }

    fn duplicate(&self) -> Box<dyn Network> {
        Box::new(self.clone())
    }
}

/// A detector that sees one face of 32 pixels at the anchor given, if any.
fn detector(face_at: Option<usize>) -> FaceDetector {
    let mut boxes = vec![0.0; 896 * 16];
    let mut scores = vec![-9.0; 896];
    if let Some(anchor) = face_at {
        scores[anchor] = 4.0;
        boxes[anchor * 16..][..8].copy_from_slice(&[0.0, 0.0, 32.0, 32.0, -6.0, -5.0, 6.0, -5.0]);
    }
    let network = Fixed {
        input: 128 * 128 * 3,
        outputs: vec![scores, boxes],
    };
    FaceDetector::with_network(Box::new(network), DetectorOptions::blazeface_short_range()).unwrap()
}

fn embedder(output: Vec<f32>) -> ExpressionEmbedder {
    ExpressionEmbedder::with_network(Box::new(Fixed {
        input: 64 * 64,
        outputs: vec![output],
    }))
    .unwrap()
}

fn gray(width: usize, height: usize) -> Frame<'static> {
    let pixels = vec![128; width * height * 3];
    Frame::from_raw(&pixels, width, height, width * 3, PixelFormat::Rgb)
        .unwrap()
        .into_owned()
}

#[test]
fn coordinates_come_back_through_the_letterbox() {
    // The anchor in the middle of the square, 64 pixels from each side plus half a cell of 8.
    let faces = detector(Some((8 * 16 + 8) * 2))
        .detect_with(&gray(200, 100), &Effort::Live.into())
        .unwrap();
    let [face] = &faces[..] else {
        panic!("{} faces", faces.len())
    };
    let [x, y] = face.bounding_box.center();
    assert!((x - 68.0 / 128.0).abs() < 1e-5, "{x}");
    assert!((y - (68.0 / 128.0 - 0.25) * 2.0).abs() < 1e-5, "{y}");
    assert!(
        (face.bounding_box.width - 0.25).abs() < 1e-5
            && (face.bounding_box.height - 0.5).abs() < 1e-5
    );
    let points = face.key_points.unwrap();
    assert!((points[1][0] - points[0][0] - 12.0 / 128.0).abs() < 1e-5);
}

#[test]
fn networks_of_other_shapes_are_refused() {
    let wrong = Fixed {
        input: 10,
        outputs: vec![vec![0.0; 896], vec![0.0; 896 * 16]],
    };
    assert!(
        FaceDetector::with_network(Box::new(wrong), DetectorOptions::blazeface_short_range())
            .is_err()
    );
    let wrong = Fixed {
        input: 64 * 64,
        outputs: vec![vec![0.0; 63]],
    };
    assert!(ExpressionEmbedder::with_network(Box::new(wrong)).is_err());
    let oblong = Fixed {
        input: 64 * 63,
        outputs: vec![vec![0.0; 64]],
    };
    assert!(ExpressionEmbedder::with_network(Box::new(oblong)).is_err());
}

#[test]
fn expressions_have_unit_length_and_broken_ones_are_errors() {
    let frame = gray(64, 64);
    let expression = embedder(vec![3.0; 64]).embed_cropped(&frame).unwrap();
    assert!(expression.0.iter().all(|v| (v - 0.125).abs() < 1e-6));
    for broken in [vec![0.0; 64], vec![f32::NAN; 64], vec![f32::INFINITY; 64]] {
        assert!(matches!(
            embedder(broken).embed_cropped(&frame),
            Err(EmbedError::Network(_))
        ));
    }
    let tiny = embedder(vec![1.0; 64]).embed_cropped(&gray(5, 5));
    assert!(matches!(tiny, Err(EmbedError::TooSmall { .. })));
}

#[test]
fn without_a_face_there_is_no_answer() {
    let mut finder = Finder::with_parts(
        detector(None),
        embedder(vec![1.0; 64]),
        Gallery::builtin().unwrap(),
    );
    assert!(finder.find(&gray(300, 200)).unwrap().is_empty());
    let mut finder = Finder::with_parts(
        detector(Some(300)),
        embedder(vec![1.0; 64]),
        Gallery::builtin().unwrap(),
    );
    finder.options.search.limit = 5;
    let found = finder.find(&gray(300, 200)).unwrap();
    assert_eq!(found[0].matches.len(), 5);
    assert!(found[0].matches.is_sorted_by(|a, b| a.score <= b.score));
}

/// A gallery that its owner fills while finders search it.
#[test]
fn a_shared_gallery_in_memory_is_found_in() {
    let gallery = Arc::new(RwLock::new(MemoryGallery::new()));
    let mut finder = Finder::with_parts(
        detector(Some(300)),
        embedder(vec![1.0; 64]),
        gallery.clone(),
    );
    assert!(finder.find(&gray(300, 200)).unwrap()[0].matches.is_empty());
    gallery.write().unwrap().add(&[NewPicture {
        label: "one".into(),
        faces: vec![(Face::whole(), Expression([0.125; 64])).into()],
        ..NewPicture::default()
    }]);
    let found = finder.find(&gray(300, 200)).unwrap();
    assert_eq!(found[0].matches[0].label, "one");
}

#[test]
fn a_face_too_small_says_so_and_gets_no_match() {
    let mut finder = Finder::with_parts(
        detector(Some(300)),
        embedder(vec![1.0; 64]),
        Gallery::builtin().unwrap(),
    );
    let found = finder.find(&gray(30, 20)).unwrap();
    assert!(matches!(
        found[0].expression,
        Err(EmbedError::TooSmall { .. })
    ));
    assert!(found[0].matches.is_empty());
    assert!(Face::whole().key_points.is_none());
}
