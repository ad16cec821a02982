//! The WebAssembly module, and the files that it is given.

use crate::debian;
use crate::paths;
use crate::peers::run;
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;

const TARGET: &str = "wasm32-unknown-unknown";

/// Files of `crates/moue` and what they are called beside the module.
const ASSETS: [(&str, &str); 5] = [
    ("models/face_int8.tflite", "face.tflite"),
    ("models/refine_int8.tflite", "refine.tflite"),
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

/// Builds the module with features of its crate; returns its file.
pub(super) fn build(profile: &str, features: &[&str]) -> Result<PathBuf> {
    // Apart from native builds: Debian's compiler has another version, and would build all anew.
    let target = paths::target_directory().join("cross");
    let mut command = debian::cargo_for(TARGET, "std,panic_abort");
    command
        .args(["build", "--profile", profile, "--locked", "-p", "moue-wasm"])
        .args(["--target", TARGET, "--features", &features.join(",")])
        .env("CARGO_TARGET_DIR", &target)
        .env(FLAGS, flags())
        .current_dir(paths::project());
    run(&mut command)?;
    Ok(target.join(TARGET).join(profile).join("moue_wasm.wasm"))
}

/// The variable that cargo reads compiler flags for browsers from.
const FLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";

fn flags() -> &'static str {
    if debian::has_rustup(TARGET) {
        "-C target-feature=+simd128"
    } else {
        "-C linker=lld-19 -C linker-flavor=wasm-ld -C target-feature=+simd128"
    }
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
