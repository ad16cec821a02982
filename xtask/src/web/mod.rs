//! The npm package and the web app: `cargo xtask web`.

#[cfg(feature = "web")]
mod glue;
#[cfg(feature = "web")]
mod module;
#[cfg(feature = "web")]
mod pages;

use anyhow::Result;
use clap::Args;

/// What is built.
#[derive(Args)]
pub(crate) struct Options {
    /// Build the module with the profile `release` instead of `dist`: sooner, but larger.
    #[arg(long)]
    quick: bool,

    /// Build only the module, with its feature `gpu`, and its JavaScript into the target directory,
    /// `web-gpu/`.
    #[arg(long)]
    gpu: bool,
}

/// Builds the module, the package around it, and the app upon that.
#[cfg(feature = "web")]
pub(crate) fn build(options: &Options) -> Result<()> {
    let profile = if options.quick { "release" } else { "dist" };
    if options.gpu {
        let folder = crate::paths::target_directory().join("web-gpu");
        return glue::write(&module::build(profile, &["gpu"])?, &folder);
    }
    glue::write_package(&module::build(profile, &[])?)?;
    module::copy_assets()?;
    pages::build()
}

/// Starts this program once more with what it needs, which no other chore should wait for.
#[cfg(not(feature = "web"))]
pub(crate) fn build(options: &Options) -> Result<()> {
    use std::process::Command;
    let arguments = "run --quiet --release --package xtask --features web -- web";
    crate::peers::run(
        Command::new("cargo")
            .args(arguments.split(' '))
            .args(options.quick.then_some("--quick"))
            .args(options.gpu.then_some("--gpu"))
            .current_dir(crate::paths::project()),
    )
}
