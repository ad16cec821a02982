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
}

/// Builds the module, the package around it, and the app upon that.
#[cfg(feature = "web")]
pub(crate) fn build(options: &Options) -> Result<()> {
    let module = module::build(if options.quick { "release" } else { "dist" })?;
    glue::write(&module)?;
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
            .current_dir(crate::paths::project()),
    )
}
