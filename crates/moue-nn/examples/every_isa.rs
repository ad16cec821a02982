//! Runs moue's networks on every instruction set at hand and compares them with portable Rust.
//!
//! It is a program where there is an operating system. For WebAssembly it is a module whose
//! functions `node` calls:
//!
//! ```sh
//! node -e 'WebAssembly.instantiate(require("fs").readFileSync(process.argv[1])).then(m =>
//!     console.log(m.instance.exports.differences()))' every_isa.wasm
//! ```

#![allow(
    unsafe_code,
    reason = "functions that a WebAssembly module exports by name"
)]

use moue_nn::{Isa, Limits, Model, Session};
use std::cell::RefCell;

const MODELS: [&[u8]; 3] = [
    include_bytes!("../../moue/models/face.tflite"),
    include_bytes!("../../moue/models/refine.tflite"),
    include_bytes!("../../moue/models/expression.tflite"),
];

/// Networks in bytes, which are the same on every processor up to their last layers, in floats.
const BYTE_MODELS: [&[u8]; 3] = [
    include_bytes!("../../moue/models/face_int8.tflite"),
    include_bytes!("../../moue/models/refine_int8.tflite"),
    include_bytes!("../../moue/models/expression_int8.tflite"),
];

/// Values in [-1, 1] that are the same everywhere.
fn input(count: usize) -> Vec<f32> {
    (0..count as u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 8) as f32 / 8_388_608.0 - 1.0)
        .collect()
}

fn outputs(model: &[u8], isa: Isa) -> Vec<f32> {
    let model = Model::load_with(model, &Limits::default(), isa).expect("moue's own networks load");
    let mut session = model.session();
    session
        .run(&[&input(model.inputs()[0].shape.iter().product())])
        .expect("the input fits");
    (0..model.outputs().len())
        .flat_map(|i| session.output(i).to_vec())
        .collect()
}

/// How many outputs differ, plus a million for each instruction set that was tried. Those of
/// floats may differ by a thousandth of the largest, as some processors fuse multiplications with
/// additions.
#[unsafe(no_mangle)]
pub extern "C" fn differences() -> u32 {
    let models = MODELS.map(|m| (m, 1e-3));
    // A single byte that is rounded otherwise changes outputs by more.
    let byte_models = BYTE_MODELS.map(|m| (m, 1e-5));
    let mut count = 0;
    for isa in Isa::available().into_iter().skip(1) {
        count += 1_000_000;
        for (model, share) in models.into_iter().chain(byte_models) {
            let expected = outputs(model, Isa::Portable);
            let found = outputs(model, isa);
            let largest = expected.iter().fold(0f32, |a, v| a.max(v.abs()));
            let differs = |(a, b): &(&f32, &f32)| (*a - *b).abs() > share * largest || b.is_nan();
            count += expected.iter().zip(&found).filter(differs).count() as u32;
        }
    }
    count
}

/// Runs network number `network`, in the order face, refine, expression, `runs` times on the
/// fastest instruction set: for `bench/wasm.mjs`, which measures the time. The first call loads
/// the networks. Returns how many outputs there are.
#[unsafe(no_mangle)]
pub extern "C" fn repeat(network: u32, runs: u32) -> u32 {
    thread_local! {
        static SESSIONS: RefCell<Vec<Session>> = RefCell::new(
            MODELS.iter().map(|m| Model::load(m).expect("moue's own networks load").session()).collect(),
        );
    }
    SESSIONS.with_borrow_mut(|sessions| {
        let Some(session) = sessions.get_mut(network as usize) else {
            return 0;
        };
        let input = input(session.model().inputs()[0].shape.iter().product());
        for _ in 0..runs {
            session.run(&[&input]).expect("the input fits");
        }
        session.output(0).len() as u32
    })
}

#[cfg_attr(
    target_family = "wasm",
    allow(dead_code, reason = "a module has no main")
)]
fn main() {
    let found = differences();
    println!(
        "{} instruction sets beside portable Rust, {} outputs differ",
        found / 1_000_000,
        found % 1_000_000
    );
    assert_eq!(found % 1_000_000, 0);
}
