//! What the test files of several crates need: the folders of data and of peers' models, which may
//! be absent.
#![allow(dead_code, reason = "each test file uses a part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A file or folder below the research data, or `None`, with a message, where there is none.
pub(crate) fn data(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("MOUE_DATA")
        .map_or_else(|| project().join("../shared/data"), PathBuf::from);
    present(root.join(path), "see docs/development.md on $MOUE_DATA")
}

/// A file of another project that `cargo xtask peers` fetched, or `None`, with a message.
pub(crate) fn peer(name: &str) -> Option<PathBuf> {
    present(peers().join(name), "`cargo xtask peers` fetches it")
}

/// The Python that has LiteRT, or `None`, with a message.
pub(crate) fn python() -> Option<PathBuf> {
    present(
        peers().join("venv/bin/python"),
        "`cargo xtask peers` installs LiteRT",
    )
}

/// The Python of the peers if it has `module`, or `None`, with a message.
pub(crate) fn python_with(module: &str) -> Option<PathBuf> {
    let python = python()?;
    let import = format!("import {module}");
    let imported = Command::new(&python).args(["-c", &import]).output();
    if imported.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    skip(&format!("{} has no {module}", python.display()));
    None
}

/// Whether a program that a test needs is installed; if not, there is a message.
pub(crate) fn installed(program: &str) -> bool {
    let started = Command::new(program)
        .arg("-version")
        .stdin(Stdio::null())
        .output();
    if started.is_err() {
        skip(&format!("{program} is not installed"));
    }
    started.is_ok()
}

/// Prints that a test is skipped, and why; with `MOUE_REQUIRE=1`, as in CI, the test fails instead.
pub(crate) fn skip(reason: &str) {
    let is_required = std::env::var_os("MOUE_REQUIRE").is_some_and(|v| v != "0" && !v.is_empty());
    assert!(!is_required, "$MOUE_REQUIRE is set, but {reason}");
    eprintln!("SKIPPED: {reason}");
}

/// The project's root folder.
pub(crate) fn project() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Where peers are: in the target directory, wherever that is configured to be.
fn peers() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("peers")
}

fn present(path: PathBuf, hint: &str) -> Option<PathBuf> {
    if path.exists() {
        return Some(path);
    }
    skip(&format!("{} is absent; {hint}", path.display()));
    None
}
