//! How well faces are found, on pictures whose faces were marked by hand
//! (`bench/truth/faces.json`), beside MediaPipe: `cargo run --release -p moue-bench --bin faces [--
//! --model face.tflite --refiner refine.tflite --threshold 0.5]`.
//!
//! With `--sweep` it prints recall and precision at many thresholds instead, to choose them by, with
//! `--curve FILE.svg` what the second network brings to `Effort::Live` by how many proposals it
//! sees, and draws it.
//!
//! The pictures are read from `$MOUE_DATA`, by default `../shared/data`; MediaPipe's detections of
//! them are there too. On changed pictures MediaPipe's network runs in moue, which gives its
//! numbers to 1e-6.

mod all_faces;
mod changed;
mod cost;
mod curve;
mod emoji;
mod held_out;
mod measures;
mod peers;
mod plot;
mod score;
mod still;
mod sweep;
mod table;
mod truth;

use anyhow::{Result, bail};
use held_out::HeldOut;
use peers::Peers;
use std::path::PathBuf;
use truth::Truth;

fn main() -> Result<()> {
    let data = std::env::var_os("MOUE_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")),
        PathBuf::from,
    );
    let truth = Truth::load(&data)?;
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let sweep = take(&mut args, "--sweep").is_some();
    let plot = match take(&mut args, "--curve") {
        Some(at) if at < args.len() => Some(args.remove(at)),
        Some(_) => bail!("--curve needs a file for the plot"),
        None => None,
    };
    let mut peers = Peers::load(&args)?;
    let held_out = HeldOut::load(&data)?;
    if sweep {
        return sweep::print(&truth, &held_out, &mut peers.moue);
    }
    if let Some(plot) = plot {
        return curve::print(&truth, &held_out, &peers, plot.as_ref());
    }
    all_faces::print(&truth, &peers.moue)?;
    table::print(&truth, &held_out, &mut peers)?;
    cost::print(&peers)
}

/// Removes an argument; where it was.
fn take(args: &mut Vec<String>, name: &str) -> Option<usize> {
    let at = args.iter().position(|arg| arg == name)?;
    args.remove(at);
    Some(at)
}
