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
    if !std::fs::metadata(path)?.is_file() {
        return Err(DecodeError::Read(std::io::Error::other(
            "not a regular file",
        )));
    }
    Ok(File::open(path)?)
}
