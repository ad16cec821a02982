//! The sources of the Swift package and the Kotlin library: `cargo xtask bindings`.

use crate::paths;
use crate::peers::run;
use anyhow::{Context, Result};
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// From which library the sources are generated.
#[derive(Args)]
pub(crate) struct Options {
    /// The static library to read; unless given, it is built for this machine.
    #[arg(long)]
    library: Option<PathBuf>,
}

/// Writes Kotlin into `bindings/kotlin/generated`, and Swift with its C header into
/// `bindings/swift/Sources`.
pub(crate) fn write(options: &Options) -> Result<()> {
    let library = match &options.library {
        Some(library) => library.clone(),
        None => build()?,
    };
    let bindings = paths::project().join("bindings");
    generate(&library, "kotlin", &bindings.join("kotlin/generated"))?;
    let swift = paths::target_directory().join("bindings/swift");
    generate(&library, "swift", &swift)?;
    let sources = bindings.join("swift/Sources");
    copy(
        &swift.join("MoueBindings.swift"),
        &sources.join("MoueBindings"),
    )?;
    copy(&swift.join("MoueFFI.h"), &sources.join("MoueFFI"))
}

/// Builds the library for this machine; returns the static one.
fn build() -> Result<PathBuf> {
    run(Command::new("cargo")
        .args(["build", "--release", "--locked", "-p", "moue-ffi"])
        .current_dir(paths::project()))?;
    Ok(paths::target_directory().join("release/libmoue_ffi.a"))
}

fn generate(library: &Path, language: &str, folder: &Path) -> Result<()> {
    let program = "run --quiet --release --locked -p moue-bindgen --features generator --";
    run(Command::new("cargo")
        .args(program.split(' '))
        .arg(library)
        .arg(paths::project().join("bindings/uniffi.toml"))
        .arg(language)
        .arg(folder)
        .current_dir(paths::project()))
}

fn copy(from: &Path, folder: &Path) -> Result<()> {
    let name = from.file_name().context("a file has a name")?;
    fs::create_dir_all(folder)?;
    fs::copy(from, folder.join(name)).with_context(|| format!("{} is missing", from.display()))?;
    println!("{}", folder.join(name).display());
    Ok(())
}
