//! Models made of any bytes, most of them well-formed: an error or a model that runs, within bounds
//! on memory and time.
#![no_main]

#[path = "../../crates/moue-nn/tests/common/mod.rs"]
mod common;

use common::{generator, load_and_run};
use cpu_time::ProcessTime;
use libfuzzer_sys::fuzz_target;
use moue_nn::Limits;
use std::time::Duration;

/// The most memory that an input may take.
const MAX_BYTES: u64 = 512 << 20;

/// CPU time for each started 100 kB of input; sanitizers take some times as long.
const MAX_TIME: Duration = Duration::from_secs(3);

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
    let start = ProcessTime::now();
    let used = allocation_counter::measure(|| try_out(&bytes));
    let allowed = MAX_TIME * (bytes.len() as u32).div_ceil(100_000);
    assert!(used.bytes_max < MAX_BYTES, "{} bytes", used.bytes_max);
    assert!(start.elapsed() < allowed, "{:?}", start.elapsed());
});
