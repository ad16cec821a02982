//! The whole way on our own drawings, whose faces are known exactly.
//!
//! `MOUE_REFRESH=1 cargo test --release -p moue --test drawings` writes the golden file again; read
//! the diff.

use moue::{BoundingBox, Expression, ExpressionEmbedder, Face, Finder, Frame, Gallery};

use moue::frame::PixelFormat;
use moue_drawings::Drawing;
use serde_json::{Value, json};
use std::path::Path;

const SIZE: usize = 256;

fn finder() -> Finder {
    Finder::new(Gallery::builtin().unwrap()).unwrap()
}

fn with_frame<T>(drawing: &Drawing, body: impl FnOnce(&Frame<'_>) -> T) -> T {
    let pixels = drawing.render(SIZE as u32);
    body(&Frame::from_raw(&pixels, SIZE, SIZE, SIZE * 3, PixelFormat::Rgb).unwrap())
}

/// One drawing in nine: all characters and most poses.
fn sample() -> Vec<Drawing> {
    moue_drawings::all().step_by(9).collect()
}

#[test]
fn drawn_faces_are_found_where_they_are() {
    let mut finder = finder();
    let mut found = 0;
    let mut missed = Vec::new();
    for drawing in sample() {
        let [xmin, ymin, width, height] = drawing.face().bounding_box;
        let truth = BoundingBox {
            xmin,
            ymin,
            width,
            height,
        };
        let faces = with_frame(&drawing, |frame| finder.find(frame).unwrap());
        if faces.iter().any(|f| f.face.bounding_box.iou(&truth) > 0.4) {
            found += 1;
        } else {
            missed.push(drawing.name());
        }
    }
    eprintln!(
        "{found} of {} drawn faces found, missed {missed:?}",
        sample().len()
    );
    assert!(found * 100 >= sample().len() * 90, "missed {missed:?}");
}

#[test]
fn a_drawing_finds_its_own_pose() {
    let mut finder = finder();
    let mut same = 0;
    let mut all = 0;
    for drawing in sample() {
        let faces = with_frame(&drawing, |frame| finder.find(frame).unwrap());
        let Some(face) = faces.first() else { continue };
        all += 1;
        let pose = format!("-{}", drawing.pose.name);
        same += usize::from(face.matches.iter().any(|m| m.path.ends_with(&pose)));
    }
    eprintln!("{same} of {all} drawings have their own pose among the three nearest");
    assert!(same * 100 >= all * 80);
}

/// What the golden file keeps of a drawing: coarse enough to be the same on every processor.
fn summary(finder: &mut Finder, drawing: &Drawing) -> Value {
    let faces = with_frame(drawing, |frame| finder.find(frame).unwrap());
    let face = |f: &moue::Found| {
        let b = f.face.bounding_box;
        let coarse = |v: f32| (f64::from(v) * 100.0).round() / 100.0;
        let edges = [b.xmin, b.ymin, b.width, b.height].map(coarse);
        let nearest = f.matches.first().map(|m| &m.path);
        json!({ "box": edges, "nearest": nearest })
    };
    json!({ "drawing": drawing.name(), "faces": faces.iter().map(face).collect::<Vec<_>>() })
}

fn near(a: &Value, b: &Value) -> bool {
    let boxes = |v: &Value| {
        v["box"]
            .as_array()
            .map(|b| b.iter().filter_map(Value::as_f64).collect::<Vec<_>>())
            .unwrap_or_default()
    };
    let close = boxes(a)
        .iter()
        .zip(boxes(b))
        .all(|(x, y)| (x - y).abs() <= 0.011);
    a["nearest"] == b["nearest"] && close
}

#[test]
fn results_are_those_of_the_golden_file() {
    let path = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/drawings.json"
    ));
    let mut finder = finder();
    let results: Vec<Value> = moue_drawings::all()
        .step_by(53)
        .map(|d| summary(&mut finder, &d))
        .collect();
    if std::env::var_os("MOUE_REFRESH").is_some() {
        std::fs::write(path, serde_json::to_string_pretty(&results).unwrap() + "\n").unwrap();
        return;
    }
    let golden: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(golden.len(), results.len());
    for (wanted, found) in golden.iter().zip(&results) {
        let pairs = || {
            wanted["faces"]
                .as_array()
                .unwrap()
                .iter()
                .zip(found["faces"].as_array().unwrap())
        };
        let same =
            wanted["faces"].as_array().unwrap().len() == found["faces"].as_array().unwrap().len();
        assert!(
            wanted["drawing"] == found["drawing"] && same && pairs().all(|(a, b)| near(a, b)),
            "wanted {wanted}\nfound {found}"
        );
    }
}

/// The expression of a drawing, whose face is known.
fn embedded(drawing: &Drawing, embedder: &mut ExpressionEmbedder) -> Expression {
    let truth = drawing.face();
    let [xmin, ymin, width, height] = truth.bounding_box;
    let face = Face {
        bounding_box: BoundingBox {
            xmin,
            ymin,
            width,
            height,
        },
        score: 1.0,
        key_points: Some(truth.key_points),
    };
    with_frame(drawing, |frame| embedder.embed(frame, &face).unwrap())
}

fn mean(expressions: &[Expression]) -> Expression {
    let sum: [f32; 64] = std::array::from_fn(|i| expressions.iter().map(|e| e.0[i]).sum());
    let length = sum.iter().map(|v| v * v).sum::<f32>().sqrt();
    Expression(sum.map(|v| v / length))
}

/// Processors round differently; other weights or another pose are much further.
const SAME: f32 = 0.02;

#[test]
fn the_compiled_in_galleries_are_of_these_weights_and_poses() {
    let mut embedder = ExpressionEmbedder::new().unwrap();
    let stored = Gallery::builtin().unwrap().expressions().unwrap();
    for ((_, stored), drawing) in stored.iter().zip(moue_drawings::all()).step_by(37) {
        let distance = embedded(&drawing, &mut embedder).distance(stored);
        assert!(distance < SAME, "{}: {distance}", drawing.name());
    }
    // Without them answers would look alike.
    let drawings = Gallery::builtin().unwrap().entries().unwrap();
    assert!(drawings.iter().all(|d| d.perceptual_hash.is_some()));
    let stored = Gallery::emoji().unwrap().expressions().unwrap();
    assert_eq!(stored.len(), moue_drawings::emoji::all().count());
    for ((_, stored), emoji) in stored.iter().zip(moue_drawings::emoji::all()).step_by(5) {
        let drawn: Vec<Expression> = emoji
            .drawings()
            .map(|drawing| embedded(&drawing, &mut embedder))
            .collect();
        let distance = mean(&drawn).distance(stored);
        assert!(distance < SAME, "{}: {distance}", emoji.character);
    }
}

#[test]
fn a_drawn_emoji_is_found_among_the_emoji() {
    let mut finder = Finder::new(Gallery::emoji().unwrap()).unwrap();
    let mut faces = 0;
    let mut own = 0;
    for emoji in moue_drawings::emoji::all() {
        let found = with_frame(&emoji.drawing(), |frame| finder.find(frame).unwrap());
        let Some(found) = found.first() else { continue };
        faces += 1;
        let characters = found.matches.iter().filter_map(|m| m.emoji.as_deref());
        own += usize::from(characters.into_iter().any(|c| c == emoji.character));
    }
    eprintln!("{own} of {faces} drawn emoji are among their own three nearest");
    assert!(faces >= 60 && own * 100 >= faces * 60);
}
