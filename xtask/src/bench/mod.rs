//! Speed beside the peers, in turns, each piece of work in a process of its own.

mod networks;
mod piece;
mod plan;
mod tables;

use crate::{paths, peers};
use anyhow::{Context, Result};
use clap::Args;
use indicatif::ProgressBar;
use moue::network::Isa;
use piece::{Piece, Row};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Arguments of `cargo xtask bench`.
#[derive(Args)]
pub(crate) struct Options {
    /// Write all rows to a file, as an array of JSON objects.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Larger frames and galleries, portable kernels and a folder of JPEGs too, and more rounds.
    #[arg(long)]
    full: bool,
}

/// Rounds of a quick run: enough that the minimum settles within a few percent.
const QUICK_ROUNDS: usize = 3;

/// Rounds of a full run, whose figures are published.
const FULL_ROUNDS: usize = 7;

/// Runs the benchmarks, prints their tables and writes the rows.
pub(crate) fn run(options: &Options) -> Result<()> {
    peers::fetch()?;
    peers::fetch_for_benchmarks()?;
    build()?;
    networks::make_all()?;
    let isas = isas(options.full);
    let mut pieces = plan::pieces(options.full, &isas);
    take_turns(&mut pieces, rounds(options.full))?;
    pieces.iter_mut().for_each(Piece::finish);
    println!("{}", tables::networks(&pieces, &peak(&isas)?));
    println!("{}", tables::costs(&pieces));
    println!("{}", tables::pipelines(&pieces));
    if let Some(path) = &options.json {
        write_rows(&pieces, path)?;
    }
    if options.full {
        measure_folder()?;
    }
    Ok(())
}

fn rounds(full: bool) -> usize {
    if full { FULL_ROUNDS } else { QUICK_ROUNDS }
}

/// The instruction sets that are measured: all of this processor's own, and what every processor
/// has if that is all there is, or if everything is measured.
fn isas(full: bool) -> Vec<&'static str> {
    let mut isas = Isa::available();
    if !full && isas.len() > 1 {
        isas.retain(|isa| *isa != Isa::Portable);
    }
    isas.into_iter().map(Isa::name).collect()
}

fn build() -> Result<()> {
    // Not the whole workspace: only what the rows run.
    let binaries = ["-p", "moue-bench", "--bin", "work", "-p", "moue-cli"];
    peers::run(
        Command::new(env!("CARGO"))
            .args(["build", "--release", "--locked", "--quiet"])
            .args(binaries)
            .current_dir(paths::project()),
    )
}

/// Every row once, then every row again, so that what else the machine does falls on all alike.
fn take_turns(pieces: &mut [Piece], rounds: usize) -> Result<()> {
    let bar = ProgressBar::new((pieces.len() * rounds) as u64);
    for _ in 0..rounds {
        for piece in &mut *pieces {
            piece.measure_once()?;
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// Multiply-adds a second of each instruction set.
fn peak(isas: &[&str]) -> Result<BTreeMap<String, f64>> {
    isas.iter()
        .map(|isa| Ok(((*isa).to_owned(), peak_of(isa)?)))
        .collect()
}

fn peak_of(isa: &str) -> Result<f64> {
    let ran = Command::new(plan::our_work())
        .args(["peak", isa])
        .output()?;
    let answer: Value = serde_json::from_slice(&ran.stdout)?;
    answer["peak"].as_f64().context("a rate")
}

fn write_rows(pieces: &[Piece], path: &Path) -> Result<()> {
    let rows: Vec<&Row> = pieces.iter().map(|piece| &piece.row).collect();
    std::fs::write(path, serde_json::to_vec_pretty(&rows)?)
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Measures a folder of JPEGs, if the research data is here.
fn measure_folder() -> Result<()> {
    let data = std::env::var_os("MOUE_DATA")
        .map_or_else(|| paths::project().join("../shared/data"), PathBuf::from);
    if !data.join("memes").exists() {
        eprintln!(
            "the folder of JPEGs is left out: {} is absent",
            data.display()
        );
        return Ok(());
    }
    peers::run(
        Command::new(peers::mediapipe_python())
            .arg("bench/bulk.py")
            .args([data.join("memes"), data.join("photos")])
            .current_dir(paths::project()),
    )
}
