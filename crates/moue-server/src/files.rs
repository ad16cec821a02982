//! The files of uploaded pictures. Their names are hashes: nothing of what a client wrote becomes a
//! part of a path.

use crate::content::{ending, media_type};
use crate::problem::Problem;
use moue::gallery::{Picture, path_of};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes a picture into the folder, so that it is whole and on the disk when this returns.
///
/// # Errors
/// [`Problem`] if it cannot be written.
pub(crate) fn keep(folder: &Path, hash: &[u8; 32], bytes: &[u8]) -> Result<PathBuf, Problem> {
    let ending = ending(media_type(bytes).unwrap_or_default());
    let name = format!("{}.{ending}", moue::digest::hex(hash));
    write(folder, &name, bytes).map_err(|error| Problem::internal(&error))
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    // Absolute: `moue` commands may be run in another folder.
    let folder = folder.canonicalize()?;
    let mut file = tempfile::NamedTempFile::new_in(&folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    let path = folder.join(name);
    file.persist(&path)?;
    // The name is on the disk only when its folder is; elsewhere folders cannot be opened.
    #[cfg(unix)]
    std::fs::File::open(&folder)?.sync_all()?;
    Ok(path)
}

/// Removes the file of a picture that was uploaded; a file elsewhere stays.
pub(crate) fn forget(folder: &Path, picture: &Picture) {
    let path = path_of(&picture.path);
    let is_ours = folder
        .canonicalize()
        .is_ok_and(|folder| path.parent() == Some(&*folder));
    // Only what `keep` may have written: the folder may have other files.
    let is_named = path
        .file_stem()
        .is_some_and(|stem| stem == picture.hash.as_str());
    if is_ours
        && is_named
        && let Err(error) = std::fs::remove_file(&path)
    {
        tracing::warn!(error = %error, "the file of a removed picture stays");
    }
}
