//! Where the sheet goes: the file that the user names, or a temporary one to be opened.

use crate::args::FindArgs;
use anyhow::{Context, Result};
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// What the names of temporary sheets begin with.
const PREFIX: &str = "moue-sheet-";
/// Names that are tried.
const MAX_NAMES: u32 = 1000;
/// How long a temporary sheet stays: the viewer reads it after moue has ended.
const LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// The path of the sheet; `None` if there is to be none.
pub(super) fn path(args: &FindArgs) -> Result<Option<PathBuf>> {
    match &args.sheet {
        Some(path) => Ok(Some(path.clone())),
        None if args.open => temporary().map(Some),
        None => Ok(None),
    }
}

/// An empty file that only the user may read. A name that is taken, by whomever, is not used.
fn temporary() -> Result<PathBuf> {
    let folder = std::env::temp_dir();
    remove_old();
    let process = std::process::id();
    for number in 0..MAX_NAMES {
        let path = folder.join(format!("{PREFIX}{process}-{number}.png"));
        match create_private(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                let place = path.display().to_string();
                return Err(error).context(place).context("no sheet can be made");
            }
        }
    }
    anyhow::bail!("there are too many {PREFIX}….png in {}", folder.display())
}

fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Removes the sheets of earlier days, as far as they are ours to remove.
fn remove_old() {
    let entries = std::fs::read_dir(std::env::temp_dir());
    for entry in entries.into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let modified = entry.metadata().and_then(|meta| meta.modified()).ok();
        let age = modified.and_then(|time| SystemTime::now().duration_since(time).ok());
        if age.is_some_and(|age| age > LIFETIME) {
            // Another user's file cannot be removed, and need not be.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
