//! Models made of any bytes, most of them well-formed: an error or a model that runs, within bounds
//! on memory and time.
#![no_main]

mod bounds;
#[path = "../../crates/moue-nn/tests/common/mod.rs"]
mod common;

use common::{generator, load_and_run};
use libfuzzer_sys::fuzz_target;
use moue_nn::Limits;

fn try_out(bytes: &[u8]) {
    let limits = Limits {
        multiply_adds: 1 << 30,
        arena: 1 << 25,
        ..Limits::default()
    };
    load_and_run(bytes, &limits);
}

fuzz_target!(|source: &[u8]| {
    let bytes = generator::model(source);
    bounds::within(bytes.len(), || try_out(&bytes));
});
