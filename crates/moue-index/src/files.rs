//! Paths, stamps and contents of files.

use crate::place::Place;
use moue::cancel::CancelToken;
use moue::gallery::{FileStamp, FileState, path_of, stored_text};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// The path as the gallery stores it: absolute, so that it is valid in any working directory, and
/// not resolved, so that links stay what the user sees.
pub(crate) fn stored_path(path: &Path) -> String {
    stored_text(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
}

/// The name of a file without its folder and ending.
pub(crate) fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Whether the file of a stored path exists. A member of a ZIP exists if the ZIP does.
pub(crate) fn exists(stored: &str) -> bool {
    stored.starts_with("builtin:") || container_of(stored).exists()
}

/// The file that holds what a stored path names: of a member of a ZIP the ZIP, else the path itself.
pub(crate) fn container_of(stored: &str) -> PathBuf {
    match Place::of(stored) {
        Place::Member(zip, _) => zip,
        Place::File(file) if file.exists() => file,
        // Of what is gone, the first `!/` is most likely that of a ZIP.
        Place::File(_) => path_of(stored.split_once("!/").map_or(stored, |(zip, _)| zip)),
    }
}

/// Size and modification time of a regular file; `None` where the system keeps no time.
///
/// # Errors
/// If the file's metadata cannot be read, or it is not a regular file.
pub(crate) fn file_stamp(path: &Path) -> std::io::Result<Option<FileStamp>> {
    let meta = std::fs::metadata(path)?;
    if !meta.is_file() {
        // Opening a named pipe blocks until somebody opens its other end.
        return Err(std::io::Error::other("not a regular file"));
    }
    let modified = meta.modified().ok();
    let elapsed = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let nanos = elapsed.and_then(|elapsed| i64::try_from(elapsed.as_nanos()).ok());
    Ok(nanos.map(|modified| FileStamp {
        size: meta.len(),
        modified,
    }))
}

/// A path other than `but` whose file, as it was recorded, has this content and is unchanged.
pub(crate) fn other_copy(
    files: &BTreeMap<String, FileState>,
    hash: &str,
    but: &str,
) -> Option<String> {
    let mut copies = files.iter().filter(|(path, state)| {
        state.hash == hash && state.rejected.is_none() && path.as_str() != but
    });
    copies
        .find(|(path, state)| is_unchanged(path, state))
        .map(|(path, _)| path.clone())
}

/// Whether the file at a stored path is as it was recorded.
pub(crate) fn is_unchanged(stored: &str, state: &FileState) -> bool {
    let paths = [path_of(stored), container_of(stored)];
    let stamps = paths.map(|path| file_stamp(&path).ok().flatten());
    stamps.contains(&Some(state.stamp))
}

/// The bytes of a file, but no more than `limit`.
pub(crate) fn read_at_most(path: &Path, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The SHA-256 of a file, read in pieces until `cancel` is canceled.
///
/// # Errors
/// If the file cannot be read, or the work was canceled.
pub(crate) fn hash_file(path: &Path, cancel: &CancelToken) -> std::io::Result<[u8; 32]> {
    let file = File::open(path)?;
    moue::digest::sha256_of(&mut Cancelable { file, cancel })
}

/// A file that is read until the work is canceled.
struct Cancelable<'a> {
    file: File,
    cancel: &'a CancelToken,
}

impl Read for Cancelable<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.cancel.check().map_err(std::io::Error::other)?;
        self.file.read(buffer)
    }
}

/// A file as it was read: by these the gallery recognizes it.
pub(crate) struct FileVersion {
    pub(crate) stamp: Option<FileStamp>,
    pub(crate) hash: [u8; 32],
}

impl FileVersion {
    /// What the gallery records, so that an unchanged file need not be read again. `rejected` is
    /// why it has nothing for the gallery. `None` without a stamp, as then nothing would show that
    /// the file has changed.
    pub(crate) fn record(
        &self,
        path: &Path,
        rejected: Option<String>,
    ) -> Option<(String, Option<FileState>)> {
        let state = FileState {
            stamp: self.stamp?,
            hash: moue::digest::hex(&self.hash),
            rejected,
        };
        Some((stored_path(path), Some(state)))
    }
}
