//! The bytes of a file, for a repair that reads it without the database.

use super::error::Fault;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// A file that is read at any offset.
pub(super) struct RawFile {
    file: File,
    pub(super) len: u64,
}

impl RawFile {
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        Ok(Self { file, len })
    }

    /// The bytes there; `None` beyond the end, or if the disk fails.
    pub(super) fn read(&mut self, offset: u64, len: usize) -> Option<Vec<u8>> {
        if offset.checked_add(len as u64)? > self.len {
            return None;
        }
        let mut bytes = vec![0; len];
        self.file.seek(SeekFrom::Start(offset)).ok()?;
        self.file.read_exact(&mut bytes).ok()?;
        Some(bytes)
    }
}
