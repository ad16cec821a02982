//! What galleries are kept on: bytes in memory, or a file of a browser's private file system.

use moue::gallery::Storage;
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{Error, ErrorKind, Result};
use std::sync::{Arc, PoisonError, RwLock};
use wasm_bindgen::JsValue;
use web_sys::{FileSystemReadWriteOptions, FileSystemSyncAccessHandle};

/// Bytes that a gallery writes and that can be copied out at any time.
#[derive(Clone, Default)]
pub(crate) struct SharedBytes(Arc<RwLock<Vec<u8>>>);

impl SharedBytes {
    pub(crate) fn of(bytes: Vec<u8>) -> Self {
        Self(Arc::new(RwLock::new(bytes)))
    }

    // A lock that a panic poisoned still guards plain bytes, of which none are half written.
    pub(crate) fn to_vec(&self) -> Vec<u8> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Storage for SharedBytes {
    fn len(&self) -> Result<u64> {
        Ok(self.0.read().unwrap_or_else(PoisonError::into_inner).len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let bytes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let from = usize::try_from(offset)
            .ok()
            .and_then(|at| bytes.get(at..)?.get(..out.len()));
        out.copy_from_slice(from.ok_or(ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        let mut bytes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let at = usize::try_from(offset).ok();
        let to = at.and_then(|at| bytes.get_mut(at..)?.get_mut(..data.len()));
        to.ok_or(ErrorKind::UnexpectedEof)?.copy_from_slice(data);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<()> {
        let len = usize::try_from(len).map_err(|_| Error::from(ErrorKind::StorageFull))?;
        let mut bytes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        bytes.resize(len, 0);
        Ok(())
    }

    fn sync(&self) -> Result<()> {
        Ok(())
    }
}

thread_local! {
    /// The open files. A handle may not leave its worker, and a `Storage` may go anywhere, so a
    /// storage has the handle's number.
    static FILES: RefCell<HashMap<u32, FileSystemSyncAccessHandle>> = RefCell::default();
}

/// A file of the origin's private file system (OPFS), open in this worker.
pub(crate) struct OriginFile(u32);

impl OriginFile {
    /// Takes the handle over; it is closed when the gallery is freed.
    pub(crate) fn new(handle: FileSystemSyncAccessHandle) -> Self {
        FILES.with_borrow_mut(|files| {
            // Numbers are used again only after the last file: a gallery never gets another's.
            let number = files.keys().max().map_or(0, |last| last + 1);
            files.insert(number, handle);
            Self(number)
        })
    }

    fn with<T>(
        &self,
        what: impl FnOnce(&FileSystemSyncAccessHandle) -> std::result::Result<T, JsValue>,
    ) -> Result<T> {
        FILES.with_borrow(|files| {
            let file = files.get(&self.0).ok_or(ErrorKind::NotConnected)?;
            what(file).map_err(|e| as_io(&e))
        })
    }
}

impl Drop for OriginFile {
    fn drop(&mut self) {
        let file = FILES.with_borrow_mut(|files| files.remove(&self.0));
        if let Some(file) = file {
            file.close();
        }
    }
}

fn as_io(error: &JsValue) -> Error {
    let text = |name: &str| js_sys::Reflect::get(error, &name.into()).ok()?.as_string();
    let message = text("message").unwrap_or_default();
    match text("name").as_deref() {
        Some("QuotaExceededError") => Error::new(ErrorKind::StorageFull, message),
        _ => Error::other(message),
    }
}

fn at(offset: u64) -> FileSystemReadWriteOptions {
    let options = FileSystemReadWriteOptions::new();
    // Files are far below 2^53 bytes, up to which a double is exact.
    options.set_at(offset as f64);
    options
}

/// Fewer bytes than asked for.
fn complete(count: f64, len: usize) -> Result<()> {
    if count as usize == len {
        return Ok(());
    }
    Err(ErrorKind::UnexpectedEof.into())
}

impl Storage for OriginFile {
    fn len(&self) -> Result<u64> {
        Ok(self.with(FileSystemSyncAccessHandle::get_size)? as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let len = out.len();
        let count = self.with(|f| f.read_with_u8_array_and_options(out, &at(offset)))?;
        complete(count, len)
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        let count = self.with(|f| f.write_with_u8_array_and_options(data, &at(offset)))?;
        complete(count, data.len())
    }

    fn set_len(&self, len: u64) -> Result<()> {
        self.with(|f| f.truncate_with_f64(len as f64))
    }

    fn sync(&self) -> Result<()> {
        self.with(FileSystemSyncAccessHandle::flush)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use moue::Gallery;

    #[test]
    fn bytes_that_are_copied_out_open_again() {
        let bytes = SharedBytes::default();
        let gallery = Gallery::with_storage(bytes.clone(), "mine").unwrap();
        assert!(gallery.is_empty().unwrap());
        let again = Gallery::with_storage(SharedBytes::of(bytes.to_vec()), "copy").unwrap();
        assert!(again.is_empty().unwrap());
    }

    #[test]
    fn nothing_is_read_or_written_beyond_the_end() {
        let bytes = SharedBytes::of(vec![1, 2, 3]);
        let mut out = [0; 2];
        bytes.read(1, &mut out).unwrap();
        assert_eq!(out, [2, 3]);
        assert!(bytes.read(2, &mut out).is_err());
        assert!(bytes.write(u64::MAX, &[0]).is_err());
    }
}
