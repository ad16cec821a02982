//! Any bytes as a model file: an error or a model that runs, within bounds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use moue_nn::{Isa, Limits, Model};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits {
        activation: 1 << 20,
        arena: 1 << 21,
        multiply_adds: 1 << 26,
        ..Limits::default()
    };
    let Ok(model) = Model::load_with(bytes, &limits, Isa::best()) else {
        return;
    };
    let inputs: Vec<Vec<f32>> = model
        .inputs()
        .iter()
        .map(|i| vec![0.5; i.shape.iter().product()])
        .collect();
    let inputs: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
    model
        .session()
        .run(&inputs)
        .expect("inputs of the stated shapes fit");
});
