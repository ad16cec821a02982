//! What several test files need: the folders of data and of peers' models, which may be absent.
#![allow(dead_code, reason = "each test file uses a part")]

use std::path::{Path, PathBuf};

/// A file or folder below the research data, or `None`, said aloud, where there is none.
pub(crate) fn data(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("MOUE_DATA")
        .map_or_else(|| project().join("../shared/data"), PathBuf::from);
    present(root.join(path), "see docs/development.md on $MOUE_DATA")
}

/// A file of another project that `cargo xtask peers` fetched, or `None`, said aloud.
pub(crate) fn peer(name: &str) -> Option<PathBuf> {
    present(
        project().join("target/peers").join(name),
        "`cargo xtask peers` fetches it",
    )
}

fn project() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn present(path: PathBuf, hint: &str) -> Option<PathBuf> {
    if path.exists() {
        return Some(path);
    }
    eprintln!("SKIPPED: {} is absent; {hint}", path.display());
    None
}
