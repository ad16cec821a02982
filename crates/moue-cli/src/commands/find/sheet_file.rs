//! Where the sheet goes: the file that the user names, or a temporary one to be opened.

use crate::args::FindArgs;
use crate::output::{note, shown};
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

/// Where the sheet goes. A temporary one that is still empty disappears when this is dropped.
pub(super) struct SheetPath {
    path: PathBuf,
    is_temporary: bool,
}

impl SheetPath {
    /// The sheet that the options ask for; `None` if there is to be none.
    pub(super) fn of(args: &FindArgs) -> Result<Option<Self>> {
        let is_temporary = args.sheet.is_none();
        let path = match &args.sheet {
            Some(path) => path.clone(),
            None if args.open => temporary()?,
            None => return Ok(None),
        };
        Ok(Some(Self { path, is_temporary }))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Tells that nothing was written.
    pub(super) fn note_absence(&self) {
        let what = if self.is_temporary {
            "no sheet is opened".to_owned()
        } else {
            format!("{}: not written", shown(&self.path.to_string_lossy()))
        };
        note(&format!("{what}, as there is no face to show"));
    }
}

impl Drop for SheetPath {
    fn drop(&mut self) {
        let is_empty = std::fs::metadata(&self.path).is_ok_and(|meta| meta.len() == 0);
        if self.is_temporary && is_empty {
            // Otherwise it is removed with those of earlier days.
            let _ = std::fs::remove_file(&self.path);
        }
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
