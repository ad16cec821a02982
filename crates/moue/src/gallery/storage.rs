//! Storage other than a file for a gallery.

use redb::StorageBackend;
use std::borrow::Cow;
use std::fmt::{Debug, Formatter};
use std::io::{Error, ErrorKind, Result};
use std::sync::{Arc, PoisonError, RwLock};

/// Bytes that can be read and written at any offset, like a file: what
/// [`Gallery::with_storage`](super::Gallery::with_storage) keeps a gallery on. A browser's file
/// system (OPFS), a block of flash memory or a remote object can implement it.
///
/// A gallery uses its storage from several threads, so an implementation locks what needs it. No
/// one else may write to the storage meanwhile.
///
/// ```
/// use moue::gallery::{Gallery, Storage};
/// use std::io::{Error, ErrorKind, Result};
/// use std::sync::Mutex;
///
/// #[derive(Default)]
/// struct Ram(Mutex<Vec<u8>>);
///
/// impl Storage for Ram {
///     fn len(&self) -> Result<u64> {
///         Ok(self.0.lock().unwrap().len() as u64)
///     }
///     fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
///         let bytes = self.0.lock().unwrap();
///         let from = bytes.get(offset as usize..).and_then(|b| b.get(..out.len()));
///         out.copy_from_slice(from.ok_or(Error::from(ErrorKind::UnexpectedEof))?);
///         Ok(())
///     }
///     fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
///         self.0.lock().unwrap()[offset as usize..][..data.len()].copy_from_slice(data);
///         Ok(())
///     }
///     fn set_len(&self, len: u64) -> Result<()> {
///         self.0.lock().unwrap().resize(len as usize, 0);
///         Ok(())
///     }
///     fn sync(&self) -> Result<()> {
///         Ok(())
///     }
/// }
///
/// let gallery = Gallery::with_storage(Ram::default(), "ram")?;
/// assert!(gallery.is_empty()?);
/// # Ok::<(), moue::gallery::GalleryError>(())
/// ```
pub trait Storage: Send + Sync + 'static {
    /// Number of bytes.
    ///
    /// # Errors
    /// What the storage reports.
    fn len(&self) -> Result<u64>;

    /// Whether there are no bytes.
    ///
    /// # Errors
    /// As for [`Storage::len`].
    fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Fills `out` with the bytes from `offset` on.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedEof`] if that is beyond the end, and what the storage reports.
    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()>;

    /// Writes `data` from `offset` on, within the storage's length.
    ///
    /// # Errors
    /// What the storage reports, such as [`ErrorKind::StorageFull`].
    fn write(&self, offset: u64, data: &[u8]) -> Result<()>;

    /// Cuts the storage off or extends it with zeros.
    ///
    /// # Errors
    /// As for [`Storage::write`].
    fn set_len(&self, len: u64) -> Result<()>;

    /// Returns when all that was written survives a loss of power.
    ///
    /// # Errors
    /// As for [`Storage::write`].
    fn sync(&self) -> Result<()>;
}

/// A [`Storage`] in memory, gone with the gallery on it. For a gallery that is in memory anyway
/// [`MemoryGallery`](super::MemoryGallery) is lighter.
#[derive(Default)]
pub struct MemoryStorage(RwLock<Vec<u8>>);

impl MemoryStorage {
    /// Storage that has these bytes, such as those of a gallery's file.
    pub fn of(bytes: Vec<u8>) -> Self {
        Self(RwLock::new(bytes))
    }

    /// A copy of its bytes. Those of a gallery that is not being written are a gallery's file.
    pub fn to_vec(&self) -> Vec<u8> {
        let bytes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        bytes.clone()
    }
}

/// Shared storage: one owner keeps a gallery on it, another one copies its bytes.
impl<S: Storage> Storage for Arc<S> {
    fn len(&self) -> Result<u64> {
        (**self).len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        (**self).read(offset, out)
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        (**self).write(offset, data)
    }

    fn set_len(&self, len: u64) -> Result<()> {
        (**self).set_len(len)
    }

    fn sync(&self) -> Result<()> {
        (**self).sync()
    }
}

// A lock that a panic poisoned still guards plain bytes, of which none are half written.
impl Storage for MemoryStorage {
    fn len(&self) -> Result<u64> {
        Ok(self.0.read().unwrap_or_else(PoisonError::into_inner).len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let bytes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        copy(&bytes, offset, out)
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

/// The bytes of a gallery's file, which are never written.
pub(super) struct ReadOnlyBytes(pub(super) Cow<'static, [u8]>);

impl Storage for ReadOnlyBytes {
    fn len(&self) -> Result<u64> {
        Ok(self.0.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        copy(&self.0, offset, out)
    }

    // The database opens these for reading only and never asks to write.
    fn write(&self, _: u64, _: &[u8]) -> Result<()> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }

    fn set_len(&self, _: u64) -> Result<()> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync(&self) -> Result<()> {
        Ok(())
    }
}

fn copy(bytes: &[u8], offset: u64, out: &mut [u8]) -> Result<()> {
    let at = usize::try_from(offset).ok();
    let from = at.and_then(|at| bytes.get(at..)?.get(..out.len()));
    out.copy_from_slice(from.ok_or(ErrorKind::UnexpectedEof)?);
    Ok(())
}

/// A [`Storage`] behind the database's own trait. Our own trait keeps the database out of the
/// public API.
pub(super) struct Backend<S>(pub(super) S);

// The database asks for `Debug`; our trait need not, as no one prints a storage.
impl<S> Debug for Backend<S> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("Backend")
    }
}

impl<S: Storage> StorageBackend for Backend<S> {
    fn len(&self) -> Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> Result<()> {
        self.0.sync()
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        self.0.write(offset, data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Gallery;

    #[test]
    fn bytes_that_are_copied_out_open_again() {
        let bytes = Arc::new(MemoryStorage::default());
        let gallery = Gallery::with_storage(bytes.clone(), "mine").unwrap();
        assert!(gallery.is_empty().unwrap());
        let again = Gallery::with_storage(MemoryStorage::of(bytes.to_vec()), "copy").unwrap();
        assert!(again.is_empty().unwrap());
    }

    #[test]
    fn nothing_is_read_or_written_beyond_the_end() {
        let bytes = MemoryStorage::of(vec![1, 2, 3]);
        let mut out = [0; 2];
        bytes.read(1, &mut out).unwrap();
        assert_eq!(out, [2, 3]);
        assert!(bytes.read(2, &mut out).is_err());
        assert!(bytes.write(u64::MAX, &[0]).is_err());
    }
}
