//! The WebAssembly module, and the files that it is given.

use crate::paths;
use crate::peers::run;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's tools, for systems where rustup cannot download the target.
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// Files of `crates/moue` and what they are called beside the module.
const ASSETS: [(&str, &str); 5] = [
    ("models/face_int8.tflite", "face.tflite"),
    ("models/refine.tflite", "refine.tflite"),
    ("models/expression_int8.tflite", "expression.tflite"),
    ("builtin.moue", "builtin.moue"),
    ("emoji.moue", "emoji.moue"),
];

/// The npm package's folder.
pub(super) fn package() -> PathBuf {
    paths::project().join("apps/npm")
}

/// Where the package keeps what is not code.
pub(super) fn assets() -> PathBuf {
    package().join("assets")
}

/// Builds the module; returns its file.
pub(super) fn build(profile: &str) -> Result<PathBuf> {
    // Apart from native builds: Debian's compiler has another version, and would build all anew.
    let target = paths::target_directory().join("cross");
    let mut command = if has_rustup_target() {
        rustup_cargo()
    } else {
        debian_cargo()
    };
    command
        .args(["build", "--profile", profile, "--locked", "-p", "moue-wasm"])
        .args(["--target", TARGET])
        .env("CARGO_TARGET_DIR", &target)
        .current_dir(paths::project());
    run(&mut command)?;
    Ok(target.join(TARGET).join(profile).join("moue_wasm.wasm"))
}

fn has_rustup_target() -> bool {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output();
    let sysroot = output.map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned());
    sysroot.is_ok_and(|root| Path::new(&root).join("lib/rustlib").join(TARGET).exists())
}

/// The variable that cargo reads compiler flags for browsers from.
const FLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";

fn rustup_cargo() -> Command {
    let mut command = Command::new("cargo");
    command.env(FLAGS, "-C target-feature=+simd128");
    command
}

/// The standard library is built from source, as Debian has none for browsers.
fn debian_cargo() -> Command {
    let mut command = Command::new(DEBIAN_CARGO);
    command
        .args(["-Z", "build-std=std,panic_abort"])
        .env("RUSTC", DEBIAN_RUSTC)
        .env("RUSTC_BOOTSTRAP", "1")
        .env(
            FLAGS,
            "-C linker=lld-19 -C linker-flavor=wasm-ld -C target-feature=+simd128",
        );
    command
}

/// Copies networks and galleries beside the module.
pub(super) fn copy_assets() -> Result<()> {
    let from = paths::project().join("crates/moue");
    for (source, name) in ASSETS {
        fs::copy(from.join(source), assets().join(name))
            .with_context(|| format!("cannot copy {source}"))?;
    }
    Ok(())
}
