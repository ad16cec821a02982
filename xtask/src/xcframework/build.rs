//! The static libraries.

use super::slices::ALL;
use crate::debian;
use crate::paths;
use crate::peers::run;
use anyhow::Result;
use std::path::PathBuf;

/// Builds the library for every target; returns the folder that has a folder for each.
pub(super) fn all(profile: &str) -> Result<PathBuf> {
    let folder = paths::target_directory().join("cross");
    for target in ALL.iter().flat_map(|slice| slice.targets) {
        // An archive needs no linker; the standard library comes from rustup or is built.
        let mut command = debian::cargo_for(target.triple, "std,panic_unwind");
        command
            .args(["rustc", "--profile", profile, "--locked", "-p", "moue-ffi"])
            .args([
                "--lib",
                "--crate-type",
                "staticlib",
                "--target",
                target.triple,
            ])
            .env("IPHONEOS_DEPLOYMENT_TARGET", "15.0")
            .env("MACOSX_DEPLOYMENT_TARGET", "12.0")
            .env("CARGO_TARGET_DIR", &folder)
            .current_dir(paths::project());
        run(&mut command)?;
    }
    Ok(folder)
}
