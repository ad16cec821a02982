//! Speed beside the peers, in turns, each piece of work in a process of its own.

use crate::peers;
use anyhow::{Context, Result, ensure};
use clap::Args;
use indicatif::ProgressBar;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What `cargo xtask bench` may be told.
#[derive(Args)]
pub(crate) struct Options {
    /// Write all rows to a file, as an array of JSON objects.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Larger frames and galleries, portable kernels and a folder of JPEGs too, and more rounds.
    #[arg(long)]
    full: bool,
}

/// The networks, as all engines' rows call them.
const NETWORKS: [(&str, &str); 9] = [
    (
        "blazeface_short",
        "target/peers/face_detection_short_range.tflite",
    ),
    (
        "blazeface_full",
        "target/peers/face_detection_full_range.tflite",
    ),
    (
        "mobilenetv2_140",
        "target/peers/bench/mobilenetv2_140.tflite",
    ),
    (
        "mobilenetv2_224",
        "target/peers/bench/mobilenetv2_224.tflite",
    ),
    ("face", "crates/moue/models/face.tflite"),
    ("refine", "crates/moue/models/refine.tflite"),
    ("expression", "crates/moue/models/expression.tflite"),
    ("face_int8", "crates/moue/models/face_int8.tflite"),
    (
        "expression_int8",
        "crates/moue/models/expression_int8.tflite",
    ),
];

/// Whether there is an ONNX file of the network: of those with 8-bit numbers there is none.
fn has_onnx(work: &str) -> bool {
    !work.ends_with("_int8")
}

/// Frames and galleries of the whole way, and whether only `--full` takes it.
const PIPELINES: [(&str, [usize; 3], bool); 4] = [
    ("pipeline_640", [640, 480, 359], false),
    ("pipeline_640_100k", [640, 480, 100_000], true),
    ("pipeline_1280", [1280, 720, 359], true),
    ("pipeline_1280_100k", [1280, 720, 100_000], true),
];

/// Engines that a project may come to compare with, of which there is no row yet.
const ABSENT: [&str; 2] = ["tract", "rten"];

/// One line of the answer. Times are `None` where a peer cannot be had.
#[derive(Default, Serialize)]
struct Row {
    work: &'static str,
    engine: &'static str,
    /// The kernels' instruction set, of ours; peers choose for themselves.
    isa: String,
    threads: usize,
    cpu_ms_min: Option<f64>,
    cpu_ms_median: Option<f64>,
    wall_ms_min: Option<f64>,
    wall_ms_median: Option<f64>,
    load_ms: Option<f64>,
    memory_kb: Option<f64>,
}

/// A row to be and how its times are got: a command, run once a round.
struct Piece {
    row: Row,
    command: Vec<String>,
    cpu: Vec<f64>,
    wall: Vec<f64>,
    multiply_adds: Option<f64>,
}

impl Piece {
    fn new(
        work: &'static str,
        engine: &'static str,
        isa: &str,
        threads: usize,
        command: Vec<String>,
    ) -> Self {
        let row = Row {
            work,
            engine,
            isa: isa.into(),
            threads,
            ..Row::default()
        };
        Self {
            row,
            command,
            cpu: Vec::new(),
            wall: Vec::new(),
            multiply_adds: None,
        }
    }

    /// One round. What a peer says when it fails is passed on, and its row stays empty.
    fn take(&mut self) -> Result<()> {
        let Some((program, args)) = self.command.split_first() else {
            return Ok(());
        };
        let ran = Command::new(program)
            .args(args)
            .current_dir(crate::paths::project())
            .output()?;
        if !ran.status.success() {
            let last = String::from_utf8_lossy(&ran.stderr)
                .lines()
                .last()
                .unwrap_or_default()
                .to_owned();
            ensure!(
                self.row.engine != "moue",
                "{} failed: {last}",
                self.command.join(" ")
            );
            eprintln!("{} in {}: {last}", self.row.work, self.row.engine);
            self.command.clear();
            return Ok(());
        }
        let said: Value =
            serde_json::from_slice(&ran.stdout).context("a piece of work says what it took")?;
        let times = |key: &str| {
            said[key]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_f64)
                .collect::<Vec<_>>()
        };
        self.cpu.extend(times("cpu_ms"));
        self.wall.extend(times("wall_ms"));
        let least = |old: Option<f64>, key: &str| {
            said[key]
                .as_f64()
                .map(|new| old.map_or(new, |old| old.min(new)))
        };
        self.row.load_ms = least(self.row.load_ms, "load_ms");
        self.row.memory_kb = least(self.row.memory_kb, "memory_kb");
        self.multiply_adds = said["multiply_adds"].as_f64();
        Ok(())
    }

    fn finish(&mut self) {
        (self.row.cpu_ms_min, self.row.cpu_ms_median) = least_and_median(&mut self.cpu);
        (self.row.wall_ms_min, self.row.wall_ms_median) = least_and_median(&mut self.wall);
    }
}

fn least_and_median(times: &mut [f64]) -> (Option<f64>, Option<f64>) {
    times.sort_by(f64::total_cmp);
    (times.first().copied(), times.get(times.len() / 2).copied())
}

/// Runs the benchmarks, prints their tables and writes the rows.
pub(crate) fn run(options: &Options) -> Result<()> {
    peers::fetch()?;
    peers::fetch_for_benchmarks()?;
    build()?;
    make_networks()?;
    let isas = isas(options.full);
    let mut pieces = pieces(options.full, &isas);
    take_turns(&mut pieces, if options.full { 7 } else { 3 })?;
    pieces.iter_mut().for_each(Piece::finish);
    let peak = peak(&isas)?;
    println!("{}", networks_table(&pieces, &peak));
    println!("{}", costs_table(&pieces));
    println!("{}", pipelines_table(&pieces));
    if let Some(path) = &options.json {
        let rows: Vec<&Row> = pieces.iter().map(|p| &p.row).collect();
        std::fs::write(path, serde_json::to_vec_pretty(&rows)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    if options.full { folder() } else { Ok(()) }
}

/// The instruction sets that are measured: all of this processor's own, and what every processor
/// has.
fn isas(full: bool) -> Vec<&'static str> {
    let own = moue::network::Isa::available()
        .into_iter()
        .filter(|isa| full || *isa != moue::network::Isa::Portable);
    let own: Vec<_> = own.map(moue::network::Isa::name).collect();
    if own.is_empty() {
        vec![moue::network::Isa::Portable.name()]
    } else {
        own
    }
}

fn build() -> Result<()> {
    let binaries = ["-p", "moue-bench", "--bin", "work", "-p", "moue-cli"];
    peers::run(
        Command::new(env!("CARGO"))
            .args(["build", "--release", "--locked", "--quiet"])
            .args(binaries),
    )
}

/// Where networks of other formats and frames are.
fn folder_of_assets() -> PathBuf {
    crate::paths::project().join("target/peers/bench")
}

/// A MobileNetV2 of either size, the tutorial's folder of models, and every network as ONNX.
fn make_networks() -> Result<()> {
    let folder = folder_of_assets();
    let models = folder.join("mediapipe/models");
    std::fs::create_dir_all(&models)?;
    for size in ["140", "224"] {
        let path = folder.join(format!("mobilenetv2_{size}.tflite"));
        if !path.exists() {
            python(&[
                "crates/moue-graph/tests/embedding.py",
                text(&path)?,
                "--size",
                size,
            ])?;
        }
    }
    let peers = crate::paths::project().join("target/peers");
    std::fs::copy(
        peers.join("face_detection_short_range.tflite"),
        models.join("face_detection_front.tflite"),
    )?;
    std::fs::copy(
        folder.join("mobilenetv2_140.tflite"),
        models.join("face_embeddings.tflite"),
    )?;
    std::fs::write(models.join("face_detection_front_labelmap.txt"), "Face\n")?;
    for (work, path) in NETWORKS {
        let onnx = onnx_of(work);
        // Ours change from time to time, and it takes a second.
        if has_onnx(work) && (!onnx.exists() || path.starts_with("crates/moue/models/")) {
            python(&["bench/onnx_of.py", path, text(&onnx)?])?;
        }
    }
    Ok(())
}

fn onnx_of(work: &str) -> PathBuf {
    folder_of_assets().join(format!("{work}.onnx"))
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("paths are Unicode")
}

fn python(args: &[&str]) -> Result<()> {
    let ran = Command::new(peers::python())
        .args(args)
        .current_dir(crate::paths::project())
        .output()?;
    ensure!(
        ran.status.success(),
        "{}: {}",
        args.join(" "),
        String::from_utf8_lossy(&ran.stderr)
    );
    Ok(())
}

/// All rows, in the order of the tables.
fn pieces(full: bool, isas: &[&str]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (work, path) in NETWORKS {
        network_pieces(&mut pieces, work, path, isas);
    }
    for (work, [width, height, faces], long) in PIPELINES {
        if full || !long {
            pipeline_pieces(&mut pieces, work, width, height, faces);
        }
    }
    pieces
}

/// How long one round of a row runs, beside its start.
const SECONDS: &str = "0.5";

fn words(program: &Path, args: &[&str]) -> Vec<String> {
    std::iter::once(program.display().to_string())
        .chain(args.iter().map(|a| (*a).to_owned()))
        .collect()
}

fn our_work() -> PathBuf {
    crate::paths::project().join("target/release/work")
}

fn network_pieces(pieces: &mut Vec<Piece>, work: &'static str, path: &str, isas: &[&str]) {
    let onnx = onnx_of(work).display().to_string();
    for (number, threads) in [(1, "1"), (2, "2")] {
        for isa in isas {
            let command = words(&our_work(), &["network", path, isa, threads, SECONDS]);
            pieces.push(Piece::new(work, "moue", isa, number, command));
        }
        for (engine, path) in [("litert", path), ("onnxruntime", &onnx)] {
            let command = match engine == "litert" || has_onnx(work) {
                true => words(
                    &peers::python(),
                    &["bench/peers.py", "network", engine, path, threads, SECONDS],
                ),
                false => Vec::new(),
            };
            pieces.push(Piece::new(work, engine, "", number, command));
        }
    }
    pieces.extend(ABSENT.map(|engine| Piece::new(work, engine, "", 1, Vec::new())));
}

fn pipeline_pieces(
    pieces: &mut Vec<Piece>,
    work: &'static str,
    width: usize,
    height: usize,
    faces: usize,
) {
    let [w, h, n] = [width, height, faces].map(|v| v.to_string());
    let folder = folder_of_assets().join(work).display().to_string();
    let ours = words(&our_work(), &["pipeline", &w, &h, &n, SECONDS, &folder]);
    pieces.push(Piece::new(
        work,
        "moue",
        moue::network::Isa::best().name(),
        1,
        ours,
    ));
    let (frame, models) = (
        format!("{folder}/frame.rgb"),
        folder_of_assets().display().to_string(),
    );
    let theirs = [
        "bench/peers.py",
        "pipeline",
        &frame,
        &w,
        &h,
        &models,
        SECONDS,
    ];
    pieces.push(Piece::new(
        work,
        "mediapipe",
        "",
        1,
        words(&peers::mediapipe_python(), &theirs),
    ));
}

/// Every row once, then every row again, so that what else the machine does falls on all alike.
fn take_turns(pieces: &mut [Piece], rounds: usize) -> Result<()> {
    let bar = ProgressBar::new((pieces.len() * rounds) as u64);
    for _ in 0..rounds {
        for piece in &mut *pieces {
            piece.take()?;
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// Multiply-adds a second of each instruction set.
fn peak(isas: &[&str]) -> Result<BTreeMap<String, f64>> {
    let of = |isa: &&str| {
        let ran = Command::new(our_work()).args(["peak", isa]).output()?;
        let said: Value = serde_json::from_slice(&ran.stdout)?;
        Ok(((*isa).to_owned(), said["peak"].as_f64().context("a rate")?))
    };
    isas.iter().map(of).collect()
}

fn find<'a>(
    pieces: &'a [Piece],
    work: &str,
    engine: &str,
    isa: &str,
    threads: usize,
) -> Option<&'a Piece> {
    let same = |p: &&Piece| {
        p.row.work == work && p.row.engine == engine && p.row.isa == isa && p.row.threads == threads
    };
    pieces.iter().find(same)
}

/// A number or a dash.
fn cell(value: Option<f64>, digits: usize) -> String {
    value.map_or("–".into(), |v| format!("{v:.digits$}"))
}

/// The quotient of two times that were both taken.
fn ratio(ours: Option<f64>, theirs: Option<f64>) -> Option<f64> {
    ours.zip(theirs).map(|(a, b)| a / b)
}

fn networks_table(pieces: &[Piece], peak: &BTreeMap<String, f64>) -> String {
    let mut out = String::from(
        "CPU ms of a run, least (median); of two threads also by the clock\n\n\
         | work | engine | one thread | of LiteRT's | share of peak | two threads | by the clock | faster by |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for piece in pieces
        .iter()
        .filter(|p| p.row.threads == 1 && p.row.cpu_ms_min.is_some())
    {
        let row = &piece.row;
        if row.work.starts_with("pipeline") {
            continue;
        }
        let two = find(pieces, row.work, row.engine, &row.isa, 2).map(|p| &p.row);
        let litert = find(pieces, row.work, "litert", "", 1).and_then(|p| p.row.cpu_ms_min);
        let rate = piece
            .multiply_adds
            .zip(row.cpu_ms_min)
            .map(|(n, ms)| n / ms * 1e3);
        let _ = writeln!(
            out,
            "| {} | {} {} | {} ({}) | {} | {} | {} ({}) | {} | {} |",
            row.work,
            row.engine,
            row.isa,
            cell(row.cpu_ms_min, 3),
            cell(row.cpu_ms_median, 3),
            cell(ratio(row.cpu_ms_min, litert), 2),
            cell(ratio(rate, peak.get(&row.isa).copied()), 2),
            cell(two.and_then(|t| t.cpu_ms_min), 3),
            cell(two.and_then(|t| t.cpu_ms_median), 3),
            cell(two.and_then(|t| t.wall_ms_median), 3),
            cell(
                ratio(row.wall_ms_median, two.and_then(|t| t.wall_ms_median)),
                2
            ),
        );
    }
    for (isa, rate) in peak {
        let _ = writeln!(
            out,
            "\nPeak of {isa}: {:.1} thousand million multiply-adds a second.",
            rate / 1e9
        );
    }
    out
}

fn costs_table(pieces: &[Piece]) -> String {
    let mut out =
        String::from("| work | engine | load, CPU ms | memory, MB |\n|---|---|---|---|\n");
    for row in pieces
        .iter()
        .map(|p| &p.row)
        .filter(|r| r.threads == 1 && r.load_ms.is_some())
    {
        let memory = row.memory_kb.map(|kb| kb / 1024.0);
        let _ = writeln!(
            out,
            "| {} | {} {} | {} | {} |",
            row.work,
            row.engine,
            row.isa,
            cell(row.load_ms, 2),
            cell(memory, 1)
        );
    }
    out
}

fn pipelines_table(pieces: &[Piece]) -> String {
    let mut out =
        String::from("| work | moue, CPU ms | MediaPipe's graph | ratio |\n|---|---|---|---|\n");
    for (work, _, _) in PIPELINES {
        let of = |engine| {
            pieces
                .iter()
                .find(|p| p.row.work == work && p.row.engine == engine)
                .map(|p| &p.row)
        };
        let Some(ours) = of("moue") else { continue };
        let theirs = of("mediapipe");
        let _ = writeln!(
            out,
            "| {work} | {} ({}) | {} ({}) | {} |",
            cell(ours.cpu_ms_min, 3),
            cell(ours.cpu_ms_median, 3),
            cell(theirs.and_then(|t| t.cpu_ms_min), 3),
            cell(theirs.and_then(|t| t.cpu_ms_median), 3),
            cell(ratio(ours.cpu_ms_min, theirs.and_then(|t| t.cpu_ms_min)), 2)
        );
    }
    out
}

/// A folder of JPEGs, if the research data is here.
fn folder() -> Result<()> {
    let data = std::env::var_os("MOUE_DATA").map_or_else(
        || crate::paths::project().join("../shared/data"),
        PathBuf::from,
    );
    if !data.join("memes").exists() {
        eprintln!(
            "the folder of JPEGs is left out: {} is absent",
            data.display()
        );
        return Ok(());
    }
    let folders = [data.join("memes"), data.join("photos")];
    peers::run(
        Command::new(peers::mediapipe_python())
            .arg("bench/bulk.py")
            .args(folders)
            .current_dir(crate::paths::project()),
    )
}
