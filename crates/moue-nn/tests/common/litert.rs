//! What LiteRT computes, written by `litert.py`.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Writes files of every operator, and what they and these models compute, into a folder; returns the table of them.
pub(crate) fn write(
    python: &Path,
    folder: &Path,
    models: impl IntoIterator<Item = PathBuf>,
) -> Value {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/litert.py");
    let written = Command::new(python)
        .arg(script)
        .arg(folder)
        .args(models)
        .output()
        .unwrap();
    assert!(
        written.status.success(),
        "{}",
        String::from_utf8_lossy(&written.stderr)
    );
    serde_json::from_slice(&std::fs::read(folder.join("table.json")).unwrap()).unwrap()
}
