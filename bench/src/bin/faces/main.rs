//! How well faces are found, on pictures whose faces were marked by hand
//! (`bench/truth/faces.json`), beside MediaPipe: `cargo run --release -p moue-bench --bin faces [--
//! --model face.tflite --refiner refine.tflite --threshold 0.5]`.
//!
//! With `--sweep` it prints recall and precision at many thresholds instead, to choose them by.
//!
//! The pictures are read from `$MOUE_DATA`, by default `../shared/data`; MediaPipe's detections of
//! them are there too. On changed pictures MediaPipe's network runs in moue, which gives its
//! numbers to 1e-6.

mod all_faces;
mod changed;
mod measures;
mod peers;
mod score;
mod still;
mod sweep;
mod table;
mod truth;

use anyhow::Result;
use peers::Peers;
use std::path::PathBuf;
use truth::Truth;

fn main() -> Result<()> {
    let data = std::env::var_os("MOUE_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")),
        PathBuf::from,
    );
    let truth = Truth::load(&data)?;
    let (sweep, args): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|arg| arg == "--sweep");
    let mut peers = Peers::load(&args)?;
    if !sweep.is_empty() {
        return sweep::print(&truth, &mut peers.moue);
    }
    all_faces::print(&truth, &peers.moue)?;
    table::print(&truth, &mut peers)
}
