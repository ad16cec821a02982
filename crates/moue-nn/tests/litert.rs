//! The same files and inputs through LiteRT and through moue-nn, on every instruction set at hand.

#[path = "../../moue/tests/common/mod.rs"]
mod common;

use common::{peer, project, python};
use moue_nn::{Isa, Limits, Model};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Largest difference allowed, as a share of the output's range.
const TOLERANCE: f32 = 1e-4;

/// Largest difference of 8-bit outputs: one step, and what floats lose in saying so.
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

/// The largest difference of all outputs of 8-bit numbers, in steps of each.
fn steps_apart(model: &Model, inputs: &[&[f32]], outputs: &[&[f32]], steps: &Value) -> f32 {
    let mut session = model.session();
    session.run(inputs).unwrap();
    let worst = |(i, wanted): (usize, &&[f32])| {
        let step = steps[i].as_f64().unwrap() as f32;
        session
            .output(i)
            .iter()
            .zip(*wanted)
            .map(|(a, b)| (a - b).abs() / step)
            .fold(0.0, f32::max)
    };
    outputs.iter().enumerate().map(worst).fold(0.0, f32::max)
}

/// The largest difference of all outputs, each relative to its range.
fn apart(model: &Model, inputs: &[&[f32]], outputs: &[&[f32]]) -> f32 {
    let mut session = model.session();
    // Twice, so that leftovers of the first run would show.
    session.run(inputs).unwrap();
    session.run(inputs).unwrap();
    let worst = |(i, wanted): (usize, &&[f32])| {
        let found = session.output(i);
        assert_eq!(found.len(), wanted.len());
        let fold = |start: f32, f: fn(f32, f32) -> f32| wanted.iter().copied().fold(start, f);
        let range = fold(f32::NEG_INFINITY, f32::max) - fold(f32::INFINITY, f32::min);
        let size = wanted.iter().fold(0f32, |a, v| a.max(v.abs()));
        // A single number has no range; its size stands for it.
        let scale = if range > 0.0 { range } else { size.max(1e-3) };
        found
            .iter()
            .zip(*wanted)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max)
            / scale
    };
    outputs.iter().enumerate().map(worst).fold(0.0, f32::max)
}

#[test]
fn all_operators_and_models_agree_with_litert() {
    let Some(python) = python() else {
        return;
    };
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("litert");
    std::fs::create_dir_all(&folder).unwrap();
    let own = [
        "face",
        "refine",
        "expression",
        "face_int8",
        "expression_int8",
    ];
    let own = own.map(|name| project().join(format!("crates/moue/models/{name}.tflite")));
    let peers = ["short", "full"];
    let peers = peers.map(|range| peer(&format!("face_detection_{range}_range.tflite")));
    let models = own.into_iter().chain(peers.into_iter().flatten());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/litert.py");
    let made = Command::new(python)
        .arg(script)
        .arg(&folder)
        .args(models)
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let table: Value =
        serde_json::from_slice(&std::fs::read(folder.join("table.json")).unwrap()).unwrap();
    let mut failures = Vec::new();
    for row in table.as_array().unwrap() {
        let name = row["name"].as_str().unwrap();
        let file = |ending: &str| folder.join(format!("{name}.{ending}"));
        let (inputs, outputs) = (floats(&file("input")), floats(&file("output")));
        for isa in Isa::available() {
            let bytes = std::fs::read(file("tflite")).unwrap();
            let model = match Model::load_with(&bytes, &Limits::default(), isa) {
                Ok(model) => model,
                Err(error) => {
                    failures.push(format!("{name}: {error}"));
                    continue;
                }
            };
            let (inputs, outputs) = (
                parts(&inputs, &row["inputs"]),
                parts(&outputs, &row["outputs"]),
            );
            let eight_bit = name.starts_with("byte_");
            let (off, unit) = match eight_bit {
                true => (
                    steps_apart(&model, &inputs, &outputs, &row["steps"]),
                    "steps",
                ),
                false => (apart(&model, &inputs, &outputs), "of the range"),
            };
            let allowed = row["allowed"]
                .as_f64()
                .map_or(if eight_bit { STEP } else { TOLERANCE }, |a| a as f32);
            if name.contains("face") || name.contains("expression") || name.contains("mobilenet") {
                eprintln!("{name:<32} {:<9} {off:.1e} {unit}", isa.name());
            }
            if off.is_nan() || off > allowed {
                failures.push(format!("{name} on {}: {off:.1e} {unit}", isa.name()));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} differ:\n{}",
        failures.len(),
        table.as_array().unwrap().len(),
        failures.join("\n")
    );
}
