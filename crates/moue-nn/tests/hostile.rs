//! Damaged and hostile model files: an error each, never a panic, and no work without end.

mod common;

use common::{Field, File};
use moue_nn::{Limits, Model};
use proptest::prelude::*;
use std::sync::LazyLock;

/// A file of floats and one of int8 codes.
static MODELS: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
    ["face", "face_int8"].map(|name| {
        let path = format!(
            "{}/../moue/models/{name}.tflite",
            env!("CARGO_MANIFEST_DIR")
        );
        std::fs::read(path).expect("the model is in the project")
    })
});

/// A small file of operators that the models do not have.
static OPERATORS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut file = File::default();
    let x = file.activation("x", &[1, 6, 4, 10]);
    let mut results = split(&mut file, x);
    results.push(strided_slice(&mut file, x));
    let bytes = file.finish(&[x], &results);
    Model::load(&bytes).expect("the file is well-formed before it is damaged");
    bytes
});

fn split(file: &mut File, x: i32) -> Vec<i32> {
    let axis = file.ints("axis", &[], &[3]);
    let halves = ["left", "right"].map(|name| file.activation(name, &[1, 6, 4, 5]));
    file.node(49, &[Field::I32(0, 2)], &[axis, x], &halves);
    halves.to_vec()
}

fn strided_slice(file: &mut File, x: i32) -> i32 {
    let begin = file.ints("begin", &[4], &[0, -1, 1, 9]);
    let end = file.ints("end", &[4], &[1, -7, 2, 0]);
    let strides = file.ints("strides", &[4], &[1, -2, 1, -3]);
    let y = file.activation("slice", &[1, 3, 4]);
    // The end of the channels is masked, and the columns shrink to one.
    let masks = [Field::I32(0, 0), Field::I32(1, 8), Field::I32(4, 4)];
    file.node(45, &masks, &[x, begin, end, strides], &[y]);
    y
}

/// Small bounds, so that a file that asks for much is refused and not tried.
fn limits() -> Limits {
    Limits {
        activation: 1 << 22,
        arena: 1 << 23,
        multiply_adds: 1 << 28,
        ..Limits::default()
    }
}

/// Loads the bytes and, if that works, runs them.
fn try_out(bytes: &[u8]) {
    common::load_and_run(bytes, &limits());
}

#[test]
fn every_truncation_is_an_error() {
    for model in &*MODELS {
        for cut in (0..model.len()).step_by(1511).chain(0..64) {
            assert!(Model::load(&model[..cut]).is_err(), "cut at {cut}");
        }
    }
}

#[test]
fn limits_hold() {
    for model in &*MODELS {
        let few = Limits {
            multiply_adds: 1000,
            ..Limits::default()
        };
        let error = Model::load_with(model, &few, moue_nn::Isa::best()).unwrap_err();
        assert!(error.to_string().contains("limit"), "{error}");
        let small = Limits {
            weights: 100,
            ..Limits::default()
        };
        assert!(Model::load_with(model, &small, moue_nn::Isa::best()).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bytes_never_panic(which in 0usize..2, changes in prop::collection::vec((any::<usize>(), any::<u8>()), 1..12), near_start in any::<bool>()) {
        let mut bytes = MODELS[which].clone();
        for (at, value) in changes {
            // Tables and vectors lie at both ends; the middle is weights.
            let at = if near_start { at % 24_000 } else { bytes.len() - 1 - at % 24_000 };
            bytes[at] = value;
        }
        try_out(&bytes);
    }

    #[test]
    fn replaced_words_never_panic(which in 0usize..2, at in 0usize..6000, value in prop::sample::select(vec![0u32, 1, 2, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff])) {
        let mut bytes = MODELS[which].clone();
        bytes[at * 4..at * 4 + 4].copy_from_slice(&value.to_le_bytes());
        try_out(&bytes);
    }

    #[test]
    fn flipped_bytes_of_small_operators_never_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut bytes = OPERATORS.clone();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        try_out(&bytes);
    }
}
