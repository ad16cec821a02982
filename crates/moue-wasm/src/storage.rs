//! A file of a browser's private file system that a gallery is kept on.

use moue::gallery::Storage;
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{Error, ErrorKind, Result};
use wasm_bindgen::JsValue;
use web_sys::{FileSystemReadWriteOptions, FileSystemSyncAccessHandle};

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
