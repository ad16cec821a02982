//! The same files and inputs through LiteRT and through moue-nn, on every instruction set at hand.

#[path = "../../moue/tests/common/mod.rs"]
mod common;
#[path = "common/litert.rs"]
mod written;

use common::{peer, project, python};
use moue_nn::{Isa, Limits, Model};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Largest difference allowed, as a share of the output's range: what other orders of summation
/// differ by in single precision, with a margin.
const TOLERANCE: f32 = 1e-4;

/// Largest difference of int8 outputs: one step of the scale, and what floats round off.
const STEP: f32 = 1.01;

fn floats(path: &Path) -> Vec<f32> {
    std::fs::read(path)
        .unwrap()
        .as_chunks()
        .0
        .iter()
        .map(|c| f32::from_le_bytes(*c))
        .collect()
}

/// Cuts `values` into parts of the lengths that the table gives.
fn parts<'a>(mut values: &'a [f32], lengths: &Value) -> Vec<&'a [f32]> {
    let cut = |length: &Value| {
        let (part, rest) = values.split_at(length.as_u64().unwrap() as usize);
        values = rest;
        part
    };
    lengths.as_array().unwrap().iter().map(cut).collect()
}

/// The largest difference of all int8 outputs, in steps of the scale of each.
fn steps_apart(model: &Model, inputs: &[&[f32]], outputs: &[&[f32]], steps: &Value) -> f32 {
    let mut session = model.session();
    session.run(inputs).unwrap();
    let worst = |(i, expected): (usize, &&[f32])| {
        let step = steps[i].as_f64().unwrap() as f32;
        session
            .output(i)
            .iter()
            .zip(*expected)
            .map(|(a, b)| (a - b).abs() / step)
            .fold(0.0, f32::max)
    };
    outputs.iter().enumerate().map(worst).fold(0.0, f32::max)
}

/// The largest difference of all outputs, each relative to its range.
fn difference(model: &Model, inputs: &[&[f32]], outputs: &[&[f32]]) -> f32 {
    let mut session = model.session();
    // Twice, so that leftovers of the first run would show.
    session.run(inputs).unwrap();
    session.run(inputs).unwrap();
    let worst = |(i, expected): (usize, &&[f32])| {
        let found = session.output(i);
        assert_eq!(found.len(), expected.len());
        let fold = |start: f32, f: fn(f32, f32) -> f32| expected.iter().copied().fold(start, f);
        let range = fold(f32::NEG_INFINITY, f32::max) - fold(f32::INFINITY, f32::min);
        let size = expected.iter().fold(0f32, |a, v| a.max(v.abs()));
        // A single number has no range; its size stands for it.
        let scale = if range > 0.0 { range } else { size.max(1e-3) };
        found
            .iter()
            .zip(*expected)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max)
            / scale
    };
    outputs.iter().enumerate().map(worst).fold(0.0, f32::max)
}

/// The networks of moue that are compared beside the models that `litert.py` writes.
const MODELS: [&str; 5] = [
    "face",
    "refine",
    "expression",
    "face_int8",
    "expression_int8",
];

/// Networks of others, where they are at hand.
const PEERS: [&str; 2] = ["face_detection_short_range", "face_detection_full_range"];

/// Runs `litert.py`, which writes models, inputs and LiteRT's outputs into `folder`; returns its
/// table of them.
fn run_litert(python: &Path, folder: &Path) -> Value {
    std::fs::create_dir_all(folder).unwrap();
    let own = MODELS.map(|name| project().join(format!("crates/moue/models/{name}.tflite")));
    let peers = PEERS.map(|name| peer(&format!("{name}.tflite")));
    let models = own.into_iter().chain(peers.into_iter().flatten());
    written::write(python, folder, models)
}

/// Compares one model on one instruction set; returns what is wrong with it.
fn compare(folder: &Path, row: &Value, isa: Isa) -> Option<String> {
    let name = row["name"].as_str().unwrap();
    let file = |ending: &str| folder.join(format!("{name}.{ending}"));
    let inputs = floats(&file("input"));
    let outputs = floats(&file("output"));
    let bytes = std::fs::read(file("tflite")).unwrap();
    let model = match Model::load_with(&bytes, &Limits::default(), isa) {
        Ok(model) => model,
        Err(error) => return Some(format!("{name}: {error}")),
    };
    let inputs = parts(&inputs, &row["inputs"]);
    let outputs = parts(&outputs, &row["outputs"]);
    let is_int8 = name.starts_with("int8_");
    let (difference, default, unit) = if is_int8 {
        let steps = steps_apart(&model, &inputs, &outputs, &row["steps"]);
        (steps, STEP, "steps")
    } else {
        let share = difference(&model, &inputs, &outputs);
        (share, TOLERANCE, "of the range")
    };
    let allowed = row["allowed"].as_f64().map_or(default, |a| a as f32);
    if name.contains("face") || name.contains("expression") || name.contains("mobilenet") {
        eprintln!("{name:<32} {:<9} {difference:.1e} {unit}", isa.name());
    }
    let is_wrong = difference.is_nan() || difference > allowed;
    is_wrong.then(|| format!("{name} on {}: {difference:.1e} {unit}", isa.name()))
}

#[test]
fn all_operators_and_models_agree_with_litert() {
    let Some(python) = python() else {
        return;
    };
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("litert");
    let table = run_litert(&python, &folder);
    let rows = table.as_array().unwrap();
    let mut failures = Vec::new();
    for row in rows {
        for isa in Isa::available() {
            failures.extend(compare(&folder, row, isa));
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} differ:\n{}",
        failures.len(),
        rows.len(),
        failures.join("\n")
    );
}
