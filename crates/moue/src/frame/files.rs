//! Reading files, which may be anything.

use super::limits::{DecodeError, DecodeOptions};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Reads a file, at most one byte more than the limit allows, which shows that there are too many.
pub(crate) fn read(path: &Path, options: &DecodeOptions) -> Result<Vec<u8>, DecodeError> {
    let mut bytes = Vec::new();
    open_regular(path)?
        .take(options.max_file_bytes.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Opens a regular file. What the path leads to is looked at before: to open a named pipe is to wait
/// for its other end, and a device may have no end.
pub(crate) fn open_regular(path: &Path) -> Result<File, DecodeError> {
    require_regular(path)?;
    Ok(File::open(path)?)
}

/// An error for what is no regular file, by its kind.
fn require_regular(path: &Path) -> std::io::Result<()> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_file() {
        return Ok(());
    }
    let what = if metadata.is_dir() {
        "this is a folder"
    } else {
        "not a regular file"
    };
    Err(std::io::Error::other(what))
}
