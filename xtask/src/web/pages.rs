//! TypeScript to what browsers run: the package, then the app.

use super::module::package;
use crate::paths;
use crate::peers::run;
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// Builds package and app; the app is a folder that any server of files can serve.
pub(super) fn build() -> Result<()> {
    npm(&package(), &["ci"])?;
    npm(&package(), &["run", "build"])?;
    let app = paths::project().join("apps/web");
    npm(&app, &["ci"])?;
    let out = paths::target_directory().join("web");
    npm(
        &app,
        &["run", "build", "--", "--outDir", &out.to_string_lossy()],
    )?;
    println!("the app is in {}", out.display());
    Ok(())
}

fn npm(folder: &Path, arguments: &[&str]) -> Result<()> {
    run(Command::new("npm").args(arguments).current_dir(folder))
}
