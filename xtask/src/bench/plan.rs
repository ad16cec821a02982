//! Which rows there are, and the command of each.

use super::networks::{NETWORKS, Network, assets};
use super::piece::{Piece, Subject};
use crate::{paths, peers};
use moue::network::Isa;
use std::path::{Path, PathBuf};

/// From a frame to its matches in a gallery.
pub(super) struct Pipeline {
    pub(super) work: &'static str,
    width: usize,
    height: usize,
    /// Faces in the gallery.
    faces: usize,
    /// Whether only `--full` measures it.
    is_long: bool,
}

pub(super) const PIPELINES: [Pipeline; 4] = [
    pipeline("pipeline_640", [640, 480], 359, false),
    pipeline("pipeline_640_100k", [640, 480], 100_000, true),
    pipeline("pipeline_1280", [1280, 720], 359, true),
    pipeline("pipeline_1280_100k", [1280, 720], 100_000, true),
];

const fn pipeline(
    work: &'static str,
    [width, height]: [usize; 2],
    faces: usize,
    is_long: bool,
) -> Pipeline {
    Pipeline {
        work,
        width,
        height,
        faces,
        is_long,
    }
}

/// Engines that are written in Rust too. They read ONNX, so they have no rows of 8-bit networks.
const IN_RUST: [&str; 2] = ["tract", "rten"];

/// Instruction sets that OpenVINO can be held to, so that each of our rows has a row to compare with.
const HELD_TO: [&str; 2] = ["avx2", "avx512"];

/// How long one round of a row runs, beside its start: long enough for hundreds of runs of the
/// small networks and some ten of the largest.
const SECONDS: &str = "0.5";

/// All rows, in the order of the tables.
pub(super) fn pieces(full: bool, isas: &[&str]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for network in &NETWORKS {
        // Two threads are what CI machines have; the share that they gain shows the overhead.
        for threads in [1, 2] {
            pieces.extend(isas.iter().map(|isa| ours(network, isa, threads)));
            pieces.push(litert(network, threads));
            pieces.push(onnxruntime(network, threads));
            let held_to = isas.iter().filter(|isa| HELD_TO.contains(isa));
            pieces.extend(held_to.filter_map(|isa| openvino(network, isa, threads)));
        }
        pieces.extend(IN_RUST.map(|engine| in_rust(network, engine)));
    }
    let chosen = PIPELINES.iter().filter(|p| full || !p.is_long);
    pieces.extend(chosen.flat_map(|p| [our_pipeline(p), mediapipe_pipeline(p)]));
    pieces
}

/// What cargo builds for our rows: not the whole workspace, which would take ten times as long.
pub(super) const WORK: [&str; 4] = ["-p", "moue-bench", "--bin", "work"];

/// The program that does one piece of our work.
pub(super) fn our_work() -> PathBuf {
    paths::target_directory().join("release/work")
}

/// What a peer's row is about.
pub(super) fn peer(work: &'static str, engine: &'static str, threads: usize) -> Subject<'static> {
    Subject {
        work,
        engine,
        isa: "",
        threads,
    }
}

fn words(program: &Path, args: &[&str]) -> Vec<String> {
    std::iter::once(program.display().to_string())
        .chain(args.iter().map(|arg| (*arg).to_owned()))
        .collect()
}

/// Our own rows on one thread as another build of `work` measures them.
pub(super) fn own_pieces(program: &Path, isas: &[&str]) -> Vec<Piece> {
    let networks = NETWORKS
        .iter()
        .flat_map(|network| isas.iter().map(|isa| ours_by(program, network, isa, 1)));
    let short = PIPELINES.iter().filter(|pipeline| !pipeline.is_long);
    let pipelines = short.map(|pipeline| our_pipeline_by(program, pipeline));
    networks.chain(pipelines).collect()
}

fn ours(network: &Network, isa: &str, threads: usize) -> Piece {
    ours_by(&our_work(), network, isa, threads)
}

fn ours_by(program: &Path, network: &Network, isa: &str, threads: usize) -> Piece {
    let path = network.tflite().display().to_string();
    let args = ["network", &path, isa, &threads.to_string(), SECONDS];
    let subject = Subject {
        work: network.name,
        engine: "moue",
        isa,
        threads,
    };
    Piece::new(subject, words(program, &args))
}

/// `None` for networks with 8-bit numbers, which OpenVINO does not read from these files.
fn openvino(network: &Network, isa: &str, threads: usize) -> Option<Piece> {
    network.onnx()?;
    let mut command = peer_command("openvino", &network.tflite(), threads);
    // Names of oneDNN. Its `AVX512` would do without the processor's newer instructions.
    if isa == "avx2" {
        command.push("avx2".into());
    }
    let subject = Subject {
        isa,
        ..peer(network.name, "openvino", threads)
    };
    Some(Piece::new(subject, command))
}

fn litert(network: &Network, threads: usize) -> Piece {
    let command = peer_command("litert", &network.tflite(), threads);
    Piece::new(peer(network.name, "litert", threads), command)
}

fn onnxruntime(network: &Network, threads: usize) -> Piece {
    let command = network
        .onnx()
        .map_or_else(Vec::new, |onnx| peer_command("onnxruntime", &onnx, threads));
    Piece::new(peer(network.name, "onnxruntime", threads), command)
}

/// On one thread: tract has no other number by itself.
fn in_rust(network: &Network, engine: &'static str) -> Piece {
    let command = network.onnx().map_or_else(Vec::new, |onnx| {
        let onnx = onnx.display().to_string();
        words(&peers::rust_program(), &[engine, &onnx, SECONDS])
    });
    Piece::new(peer(network.name, engine, 1), command)
}

fn peer_command(engine: &str, model: &Path, threads: usize) -> Vec<String> {
    let model = model.display().to_string();
    let threads = threads.to_string();
    let args = [
        "bench/peers.py",
        "network",
        engine,
        &model,
        &threads,
        SECONDS,
    ];
    words(&peers::python(), &args)
}

/// The folder into which our side of a pipeline writes the frame that both sides take.
fn frame_folder(pipeline: &Pipeline) -> String {
    assets().join(pipeline.work).display().to_string()
}

fn our_pipeline(pipeline: &Pipeline) -> Piece {
    our_pipeline_by(&our_work(), pipeline)
}

fn our_pipeline_by(program: &Path, pipeline: &Pipeline) -> Piece {
    let [width, height, faces] =
        [pipeline.width, pipeline.height, pipeline.faces].map(|number| number.to_string());
    let folder = frame_folder(pipeline);
    let args = ["pipeline", &width, &height, &faces, SECONDS, &folder];
    let subject = Subject {
        work: pipeline.work,
        engine: "moue",
        isa: Isa::best().name(),
        threads: 1,
    };
    Piece::new(subject, words(program, &args))
}

fn mediapipe_pipeline(pipeline: &Pipeline) -> Piece {
    let [width, height] = [pipeline.width, pipeline.height].map(|number| number.to_string());
    let frame = format!("{}/frame.rgb", frame_folder(pipeline));
    let models = assets().display().to_string();
    let head = ["bench/peers.py", "pipeline"];
    let args = [&head[..], &[&frame, &width, &height, &models, SECONDS]].concat();
    let command = words(&peers::mediapipe_python(), &args);
    Piece::new(peer(pipeline.work, "mediapipe", 1), command)
}
