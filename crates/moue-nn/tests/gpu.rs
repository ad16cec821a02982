//! The same files and inputs on the processor and on a graphics card, or on what imitates one.
#![cfg(feature = "gpu")]

mod common;
#[path = "common/litert.rs"]
mod written;

use common::card::shared::{peer, project, python};
use common::card::{apart, device};
use common::generator;
use common::random::Random;
use moue_nn::gpu::{self, Device};
use moue_nn::{Error, Isa, Limits, Model};
use std::path::{Path, PathBuf};

/// Largest difference allowed, as a share of the output's range.
const TOLERANCE: f32 = 1e-3;

/// The same of networks of 8 bits, where a value between two codes may become the other one of them on
/// a card, and with it what follows.
const INT8_TOLERANCE: f32 = 0.03;

/// Inputs that differ from value to value and from run to run.
fn inputs(model: &Model, run: usize) -> Vec<Vec<f32>> {
    let value = |i: usize| (((i * 2_654_435 + run * 977) % 2_003) as f32 / 1_001.5) - 1.0;
    let infos = model.inputs().into_iter();
    infos
        .map(|info| (0..info.shape.iter().product()).map(value).collect())
        .collect()
}

/// The largest difference of all outputs of so many runs at once, each relative to its range.
fn difference(device: &Device, file: &[u8], runs: usize) -> f32 {
    let model = Model::load(file).unwrap();
    let all: Vec<_> = (0..runs).map(|run| inputs(&model, run)).collect();
    let batch = on_card(device, file, &all);
    let mut session = model.session();
    let mut worst = 0f32;
    for (run, inputs) in all.iter().enumerate() {
        let slices: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
        session.run(&slices).unwrap();
        for output in 0..model.outputs().len() {
            let expected = session.output(output);
            // A constant output is there once.
            let found = batch.output(output).chunks_exact(expected.len()).cycle();
            worst = worst.max(apart(expected, found.clone().nth(run).unwrap()));
        }
    }
    worst
}

/// All runs at once on the card; the session has their outputs.
fn on_card(device: &Device, file: &[u8], all: &[Vec<Vec<f32>>]) -> gpu::Session {
    let model = gpu::Model::load(device, file).unwrap();
    // One run more fits than is asked for, and leftovers of a first one would show.
    let mut session = model.session(all.len() + 1).unwrap();
    let joined = |port: usize| all.iter().flat_map(move |run| &run[port]);
    let joined: Vec<Vec<f32>> = (0..model.inputs().len())
        .map(|port| joined(port).copied().collect())
        .collect();
    let slices: Vec<&[f32]> = joined.iter().map(Vec::as_slice).collect();
    session.run(&slices).unwrap();
    session.run(&slices).unwrap();
    session
}

fn own(name: &str) -> PathBuf {
    project().join(format!("crates/moue/models/{name}.tflite"))
}

/// The file in a folder of models, with what its name says of the tolerance.
fn compare(device: &Device, path: &Path) -> Option<String> {
    let name = path.file_stem().unwrap().to_string_lossy();
    let allowed = if name.contains("int8") {
        INT8_TOLERANCE
    } else {
        TOLERANCE
    };
    let found = difference(device, &std::fs::read(path).unwrap(), 3);
    eprintln!("{name:<40} {found:.1e} of the range");
    let is_wrong = found.is_nan() || found > allowed;
    is_wrong.then(|| format!("{name}: {found:.1e}"))
}

#[test]
fn networks_compute_what_the_processor_does() {
    let Some(device) = device() else { return };
    eprintln!(
        "{} through {}, {}",
        device.name(),
        device.backend(),
        device.driver()
    );
    let names = ["expression", "face", "refine"];
    let own = names
        .iter()
        .flat_map(|name| [own(name), own(&format!("{name}_int8"))]);
    let peers = [
        "face_detection_short_range.tflite",
        "face_detection_full_range.tflite",
    ];
    let peers = peers.iter().filter_map(|name| peer(name));
    let wrong: Vec<String> = own
        .chain(peers)
        .filter_map(|path| compare(&device, &path))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The files that `litert.py` writes: every operator, and networks.
fn files(python: &Path) -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("gpu");
    std::fs::create_dir_all(&folder).unwrap();
    let table = written::write(python, &folder, []);
    let names = table.as_array().unwrap().iter().map(|row| &row["name"]);
    names
        .map(|name| folder.join(format!("{}.tflite", name.as_str().unwrap())))
        .collect()
}

#[test]
fn every_operator_computes_what_the_processor_does() {
    let (Some(device), Some(python)) = (device(), python()) else {
        return;
    };
    let files = files(&python);
    let wrong: Vec<String> = files
        .iter()
        .filter_map(|path| compare(&device, path))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {} differ:\n{}",
        wrong.len(),
        files.len(),
        wrong.join("\n")
    );
}

/// Files that the processor takes are taken, and hostile ones are errors.
#[test]
fn random_graphs_load_where_they_load_on_the_processor() {
    let Some(device) = device() else { return };
    let few = Limits {
        multiply_adds: 20_000_000,
        activation: 1 << 18,
        arena: 1 << 20,
        weights: 1 << 20,
        ..Limits::default()
    };
    let random = &mut Random(0x9e37_79b9_7f4a_7c15);
    let files = (0..400).map(|_| generator::model(&random.bytes(120)));
    let compared = files
        .filter(|file| loads_on_both(&device, file, &few))
        .count();
    assert!(compared > 50, "only {compared} graphs were compared");
}

/// Whether the file loads; if so, both have computed the same.
fn loads_on_both(device: &Device, file: &[u8], limits: &Limits) -> bool {
    let found = gpu::Model::load_with(device, file, limits);
    match (Model::load_with(file, limits, Isa::best()), found) {
        (Ok(_), Ok(_)) => {
            let found = difference(device, file, 2);
            assert!(found <= TOLERANCE, "{found}");
            true
        }
        // Packed weights and tables of the two differ in size.
        (Err(Error::Limit(_)), Ok(_)) | (Ok(_), Err(Error::Limit(_))) => false,
        (Err(_), Err(error)) => {
            assert!(!matches!(error, Error::Device(_)), "{error}");
            false
        }
        (cpu, found) => panic!("{:?} and {:?}", cpu.err(), found.err()),
    }
}

#[test]
fn wrong_inputs_and_batches_are_errors() {
    let Some(device) = device() else { return };
    let tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/tiny.tflite");
    let model = gpu::Model::load(&device, &std::fs::read(tiny).unwrap()).unwrap();
    assert!(matches!(model.session(0), Err(Error::Limit(_))));
    let too_many = model.max_batch().saturating_add(1);
    assert!(matches!(model.session(too_many), Err(Error::Limit(_))));
    let mut session = model.session(2).unwrap();
    let wrong: [&[&[f32]]; 4] = [&[], &[&[]], &[&[0.0; 4]], &[&[0.0; 9]]];
    for inputs in wrong {
        assert!(
            matches!(session.run(inputs), Err(Error::Input(_))),
            "{inputs:?}"
        );
    }
    session.run(&[&[1.0, 2.0, 3.0, 0.0, 0.0, 1.0]]).unwrap();
    assert_eq!(session.output(0), [3.0, 5.0, 7.0, 1.0, 1.0, 3.0]);
}
