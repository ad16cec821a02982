//! The files that are measured, and the crate or folder each belongs to.

use anyhow::{Context, Result, ensure};
use std::process::Command;

/// The language of a file, as far as it matters here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Rust,
    Python,
    /// Documentation and scripts, in which only words are sought.
    Other,
}

/// One file of the project.
pub(super) struct Source {
    /// Beside the project's root, with slashes.
    pub(super) path: String,
    /// The crate's name, or the folder's where there is no crate.
    pub(super) group: String,
    pub(super) language: Language,
    pub(super) text: String,
}

impl Source {
    /// Whether the whole file is a test, a benchmark or an example of a test.
    pub(super) fn is_test(&self) -> bool {
        let folders = ["/tests/", "/benches/"];
        folders.iter().any(|folder| self.path.contains(folder)) || self.path.ends_with("/tests.rs")
    }
}

const FOLDERS: [&str; 7] = [
    "crates", "training", "tools", "docs", "xtask", "bench", "fuzz",
];

/// Every text file that git knows or would add, in the folders that are measured.
pub(super) fn all() -> Result<Vec<Source>> {
    let listed = Command::new("git")
        // New files count before they are committed, build outputs never.
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .args(FOLDERS)
        .current_dir(crate::paths::project())
        .output()
        .context("cannot run git")?;
    ensure!(listed.status.success(), "git cannot list the files");
    let paths = String::from_utf8(listed.stdout).context("paths are Unicode")?;
    Ok(paths.lines().filter_map(read).collect())
}

/// Reads a file; `None` for a picture, a model, a test's reference, or a file that was removed.
fn read(path: &str) -> Option<Source> {
    let extension = path.rsplit_once('.')?.1;
    let language = match extension {
        "rs" => Language::Rust,
        "py" => Language::Python,
        "md" | "toml" | "sh" | "mjs" | "html" => Language::Other,
        _ => return None,
    };
    Some(Source {
        path: path.to_owned(),
        group: group(path).to_owned(),
        language,
        text: std::fs::read_to_string(crate::paths::project().join(path)).ok()?,
    })
}

/// `crates/moue/src/lib.rs` belongs to `moue`, `docs/guide.md` to `docs`.
fn group(path: &str) -> &str {
    let mut folders = path.split('/');
    match folders.next() {
        Some("crates") => folders.next().unwrap_or("crates"),
        Some(folder) => folder,
        None => path,
    }
}
