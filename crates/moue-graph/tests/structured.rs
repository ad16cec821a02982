//! Graphs made of random bytes: each is checked and opened, or is an error, within bounds on memory.
//!
//! `MOUE_FUZZ_SECONDS=1200 cargo test --release -p moue-graph --test structured -- --nocapture`
//! goes on for that long, and also measures time.

mod generator;
#[path = "../../moue-nn/tests/common/random.rs"]
mod random;

use cpu_time::ProcessTime;
use moue_graph::{Graph, GraphConfig, Library, Registry, RunBuilder};
use random::Random;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The most memory that an input may take.
const MAX_BYTES: u64 = 512 << 20;

/// CPU time for each started 100 kB of input.
const MAX_TIME: Duration = Duration::from_secs(1);

/// Reads, checks and opens a graph; returns whether that worked, or else its message.
fn try_out(text: &str, subgraphs: &[String]) -> Result<(), String> {
    let mut library = Library::default();
    for text in subgraphs {
        library.insert(GraphConfig::parse(text).map_err(|e| e.to_string())?);
    }
    let config = GraphConfig::parse(text).map_err(|e| e.to_string())?;
    let graph = Graph::new(&config, &library, &Registry::standard()).map_err(|e| e.to_string())?;
    let run = RunBuilder::new(Arc::new(graph))
        .start()
        .map_err(|e| e.to_string())?;
    run.finish().map(drop).map_err(|e| e.to_string())
}

#[test]
fn graphs_of_random_bytes_stay_within_their_means() {
    let seconds = std::env::var("MOUE_FUZZ_SECONDS").ok();
    let seconds = seconds.map(|s| s.parse().expect("a number of seconds"));
    let until = seconds.map(|s| Instant::now() + Duration::from_secs(s));
    let mut random = Random(seconds.unwrap_or(0).wrapping_mul(2) + 88_172_645_463_325_252);
    let mut cases = 0;
    let mut ran = 0;
    let mut worst = (Duration::ZERO, 0);
    while until.map_or(cases < 2_000, |until| Instant::now() < until) {
        cases += 1;
        let source = random.bytes(400);
        let (text, subgraphs) = generator::graphs(&source);
        let length = text.len() + subgraphs.iter().map(String::len).sum::<usize>();
        let start = ProcessTime::now();
        let used = allocation_counter::measure(|| match try_out(&text, &subgraphs) {
            Ok(()) => ran += 1,
            Err(message) => assert!(!message.contains(char::is_control), "{message:?}"),
        });
        let time = start.elapsed();
        worst = (worst.0.max(time), worst.1.max(used.bytes_max));
        assert!(
            used.bytes_max < MAX_BYTES,
            "{} bytes: {source:?}",
            used.bytes_max
        );
        // Only where asked: how long it takes depends on the machine.
        let allowed = MAX_TIME * (length as u32 / 100_000 + 1);
        assert!(until.is_none() || time < allowed, "{time:?}: {source:?}");
    }
    eprintln!(
        "{ran} of {cases} graphs ran; at most {:?} and {} MB",
        worst.0,
        worst.1 >> 20
    );
    assert!(ran > 0, "none of {cases} graphs ran");
}
