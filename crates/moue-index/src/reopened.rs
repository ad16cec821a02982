//! A file that is open only while it is read: a folder may have more ZIP files than a process may have
//! files open.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The open file, shared with [`ReopenedFile`], which others own.
#[derive(Debug, Clone, Default)]
pub(crate) struct Handle(Arc<Mutex<Option<File>>>);

impl Handle {
    /// Closes the file; the next read opens it again.
    pub(crate) fn close(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Calls `body` with the file, which is opened at this position unless it is open.
    fn with<T>(
        &self,
        path: &Path,
        position: u64,
        body: impl FnOnce(&mut File) -> std::io::Result<T>,
    ) -> std::io::Result<T> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = match slot.take() {
            Some(file) => file,
            None => {
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(position))?;
                file
            }
        };
        let result = body(&mut file);
        // After an error its position is not known.
        *slot = result.is_ok().then_some(file);
        result
    }
}

/// A file by its path, with a position that outlives its handle.
#[derive(Debug)]
pub(crate) struct ReopenedFile {
    path: PathBuf,
    handle: Handle,
    position: u64,
}

impl ReopenedFile {
    pub(crate) fn new(path: PathBuf, handle: Handle) -> Self {
        Self {
            path,
            handle,
            position: 0,
        }
    }
}

impl Read for ReopenedFile {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self
            .handle
            .with(&self.path, self.position, |file| file.read(buffer))?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for ReopenedFile {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.position = self
            .handle
            .with(&self.path, self.position, |file| file.seek(to))?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_position_outlives_the_handle() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, b"abcdef").unwrap();
        let handle = Handle::default();
        let mut file = ReopenedFile::new(path, handle.clone());
        let mut two = [0; 2];
        file.read_exact(&mut two).unwrap();
        handle.close();
        file.read_exact(&mut two).unwrap();
        assert_eq!(&two, b"cd");
        assert_eq!(file.seek(SeekFrom::End(-1)).unwrap(), 5);
        handle.close();
        assert_eq!(file.seek(SeekFrom::Current(-4)).unwrap(), 1);
        file.read_exact(&mut two).unwrap();
        assert_eq!(&two, b"bc");
    }
}
