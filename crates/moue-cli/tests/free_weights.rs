//! The program with the networks of free terms: `cargo test --release -p moue-cli --features
//! free-weights --test free_weights`.
#![cfg(feature = "free-weights")]

mod common;

use common::World;
use moue::weights::{EXPRESSION_MODEL, expression_fingerprint, readout_fingerprint};
use moue::{Finder, Gallery};
use serde_json::Value;

/// The answer of `moue find PICTURE --json`, for its first face.
fn first_face(w: &World, picture: &str, gallery: &str) -> Value {
    let ran = w.run(&["find", picture, "--gallery", gallery, "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran.json()[0]["faces"][0].clone()
}

#[test]
fn the_networks_are_those_of_free_terms() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../moue/models/free/");
    let file = std::fs::read(format!("{folder}expression_int8.tflite")).unwrap();
    assert!(file == EXPRESSION_MODEL, "other weights are compiled in");
    assert_eq!(readout_fingerprint(), expression_fingerprint());
    let others = include_str!("../../moue/models/readout.fingerprint");
    assert_ne!(others.trim_ascii(), expression_fingerprint());
}

#[test]
fn the_galleries_are_of_the_same_networks() {
    // A gallery of other weights does not open.
    for gallery in [Gallery::builtin(), Gallery::emoji()] {
        let gallery = gallery.unwrap();
        assert!(gallery.len().unwrap() > 50);
        Finder::new(gallery).unwrap();
    }
}

#[test]
fn a_rendered_head_gets_a_drawing_and_an_emoji() {
    let w = World::new();
    let head = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/sample-head.jpg");
    let face = first_face(&w, head, "builtin");
    assert_eq!(face["matches"].as_array().unwrap().len(), 3, "{face}");
    let face = first_face(&w, head, "emoji");
    assert!(face["matches"][0]["emoji"].is_string(), "{face}");
}

#[test]
fn a_drawing_finds_its_own_pose() {
    let w = World::new();
    for pose in ["laugh", "shocked", "angry", "sad"] {
        let picture = w.drawing(&format!("gus-{pose}"));
        let face = first_face(&w, &picture, "builtin");
        let found = face["matches"].as_array().unwrap();
        let is_same = |m: &Value| m["path"].as_str().unwrap().ends_with(&format!("-{pose}"));
        assert!(found.iter().any(is_same), "{pose}: {face}");
    }
}
