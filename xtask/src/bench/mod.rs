//! Speed beside the peers, in turns, each piece of work in a process of its own.

mod baseline;
mod machine;
mod networks;
mod piece;
mod plan;
mod tables;

use crate::{paths, peers};
use anyhow::{Context, Result};
use clap::Args;
use machine::Machine;
use moue::network::Isa;
use piece::{Piece, Row, take_turns};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Arguments of `cargo xtask bench`.
#[derive(Args)]
pub(crate) struct Options {
    /// Write the machine, the day and all rows to a file, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Larger frames and galleries, portable kernels and a folder of JPEGs too, and more rounds.
    #[arg(long)]
    full: bool,
    /// Measure our own rows beside those of another commit, which is built first, instead of beside
    /// peers; it is an error if one is slower.
    #[arg(long, value_name = "REVISION", conflicts_with = "json")]
    against: Option<String>,
}

/// Rounds of a quick run: enough that the minimum settles within a few percent.
const QUICK_ROUNDS: usize = 3;

/// Rounds of a full run, whose figures are published.
const FULL_ROUNDS: usize = 7;

/// Runs the benchmarks, prints their tables and writes the rows.
pub(crate) fn run(options: &Options) -> Result<()> {
    peers::fetch()?;
    peers::fetch_for_benchmarks()?;
    networks::make_all()?;
    let isas = isas(options.full);
    let machine = Machine::here(&isas);
    println!("{}\n", machine.line());
    if let Some(revision) = &options.against {
        build(&plan::WORK)?;
        return baseline::compare(revision, &isas, rounds(options.full));
    }
    build(&[&plan::WORK[..], &["-p", "moue-cli"]].concat())?;
    let mut pieces = plan::pieces(options.full, &isas);
    take_turns(&mut pieces, rounds(options.full))?;
    pieces.iter_mut().for_each(Piece::finish);
    println!("{}", tables::networks(&pieces, &peak(&isas)?));
    println!("{}", tables::costs(&pieces));
    println!("{}", tables::pipelines(&pieces));
    if let Some(path) = &options.json {
        write_rows(&machine, &pieces, path)?;
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

/// Builds these binaries, not the whole workspace.
fn build(binaries: &[&str]) -> Result<()> {
    peers::run(
        Command::new(env!("CARGO"))
            .args(["build", "--release", "--locked", "--quiet"])
            .args(binaries)
            .current_dir(paths::project()),
    )
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

fn write_rows(machine: &Machine, pieces: &[Piece], path: &Path) -> Result<()> {
    let rows: Vec<&Row> = pieces.iter().map(|piece| &piece.row).collect();
    let answer = serde_json::json!({ "machine": machine, "rows": rows });
    std::fs::write(path, serde_json::to_vec_pretty(&answer)?)
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
