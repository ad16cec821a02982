//! Where the project and its build outputs are.

use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

/// The project's root folder.
pub(crate) fn project() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Where cargo builds to, `target` unless `CARGO_TARGET_DIR` or a configuration file sets another
/// folder. Peers are fetched into it too.
pub(crate) fn target_directory() -> PathBuf {
    // Only cargo knows all places where the folder can be configured, and it need be run only once.
    static FOLDER: LazyLock<PathBuf> =
        LazyLock::new(|| ask_cargo().unwrap_or_else(|| project().join("target")));
    FOLDER.clone()
}

fn ask_cargo() -> Option<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version=1"])
        .current_dir(project())
        .output()
        .ok()?;
    let metadata: Value = serde_json::from_slice(&output.stdout).ok()?;
    metadata["target_directory"].as_str().map(PathBuf::from)
}

/// Where other projects' models and programs are fetched to.
pub(crate) fn peers() -> PathBuf {
    target_directory().join("peers")
}
