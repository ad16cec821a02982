//! Models made of random bytes: each loads and runs, or is an error, and takes no more memory than
//! its size allows, whatever it is.
//!
//! `MOUE_FUZZ_SECONDS=1200 cargo test --release -p moue-nn --test structured -- --nocapture` goes
//! on for that long, and also measures time.

mod common;

use common::random::Random;
use common::{generator, load_and_run};
use cpu_time::ProcessTime;
use moue_nn::Limits;
use std::time::{Duration, Instant};

/// The most memory that an input may take.
const MAX_BYTES: u64 = 512 << 20;

/// CPU time for each started 100 kB of input.
const MAX_TIME: Duration = Duration::from_secs(1);

/// The limits of a program that loads models of strangers: as by default, with shorter runs, of
/// which a test has thousands.
fn limits() -> Limits {
    Limits {
        multiply_adds: 1 << 32,
        arena: 1 << 25,
        ..Limits::default()
    }
}

#[test]
fn models_of_random_bytes_stay_within_their_means() {
    let seconds = std::env::var("MOUE_FUZZ_SECONDS").ok();
    let seconds = seconds.map(|s| s.parse().expect("a number of seconds"));
    let until = seconds.map(|s| Instant::now() + Duration::from_secs(s));
    let limits = limits();
    let mut random = Random(seconds.unwrap_or(0).wrapping_mul(2) + 88_172_645_463_325_252);
    let mut ran = 0;
    let mut cases = 0;
    let mut worst = (Duration::ZERO, 0);
    while until.map_or(cases < 300, |until| Instant::now() < until) {
        cases += 1;
        let source = random.bytes(120);
        let bytes = generator::model(&source);
        let start = ProcessTime::now();
        let used =
            allocation_counter::measure(|| ran += usize::from(load_and_run(&bytes, &limits)));
        let time = start.elapsed();
        let allowed = MAX_TIME * (bytes.len() as u32).div_ceil(100_000);
        worst = (worst.0.max(time), worst.1.max(used.bytes_max));
        assert!(
            used.bytes_max < MAX_BYTES,
            "{} bytes: {source:?}",
            used.bytes_max
        );
        // Only where asked: how long a run takes depends on the machine.
        assert!(until.is_none() || time < allowed, "{time:?}: {source:?}");
    }
    eprintln!(
        "{ran} of {cases} models ran; at most {:?} and {} MB",
        worst.0,
        worst.1 >> 20
    );
    assert!(ran * 20 > cases, "only {ran} of {cases} models ran");
}
