//! Any bytes as a model file: an error or a model that runs, within bounds.
#![no_main]

mod bounds;
#[path = "../../crates/moue-nn/tests/common/mod.rs"]
mod common;

use common::load_and_run;
use libfuzzer_sys::fuzz_target;
use moue_nn::Limits;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits {
        activation: 1 << 20,
        arena: 1 << 21,
        multiply_adds: 1 << 26,
        ..Limits::default()
    };
    bounds::within(bytes.len(), || {
        load_and_run(bytes, &limits);
    });
});
