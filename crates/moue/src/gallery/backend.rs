//! A database in memory that is never written.

use redb::StorageBackend;
use std::borrow::Cow;
use std::io::{Error, ErrorKind};

/// The bytes of a gallery's file.
#[derive(Debug)]
pub(super) struct Bytes(pub(super) Cow<'static, [u8]>);

impl StorageBackend for Bytes {
    fn len(&self) -> Result<u64, Error> {
        Ok(self.0.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        let from = usize::try_from(offset)
            .ok()
            .and_then(|o| self.0.get(o..)?.get(..out.len()));
        match from {
            Some(bytes) => {
                out.copy_from_slice(bytes);
                Ok(())
            }
            None => Err(ErrorKind::UnexpectedEof.into()),
        }
    }

    fn set_len(&self, _: u64) -> Result<(), Error> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync_data(&self) -> Result<(), Error> {
        Ok(())
    }

    fn write(&self, _: u64, _: &[u8]) -> Result<(), Error> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }
}
