//! The database below a gallery: `redb`, so that what was written survives a crash. Transactions,
//! and the database's errors as [`Fault`]s.

use super::checked::Checked;
use super::error::Fault;
use super::seal::{self, Kind};
use super::tables::{META, meta};
use redb::backends::FileBackend;
use redb::{
    Builder, ConcurrencyMode, DatabaseError, Key, ReadOnlyDatabase, ReadOnlyTable, ReadTransaction,
    ReadableDatabase, ReadableTable, StorageError, TableDefinition, TableHandle, Value,
    WriteTransaction,
};
use std::fs::File;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Bytes that the database may keep in memory. Small, as a search keeps its vectors itself and
/// reads records only of what it returns.
const CACHE_BYTES: usize = 16 << 20;

/// An open database.
pub(super) enum Database {
    ReadOnly(ReadOnlyDatabase),
    Writable(redb::Database),
}

impl Database {
    pub(super) fn read<T>(
        &self,
        body: impl FnOnce(&ReadTxn) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        guarded(|| {
            body(&ReadTxn(match self {
                Self::ReadOnly(database) => database.begin_read()?,
                Self::Writable(database) => database.begin_read()?,
            }))
        })
    }

    /// What `body` writes is on the disk when this returns, all of it or, after an error, nothing.
    pub(super) fn write<T>(
        &self,
        body: impl FnOnce(&WriteTxn) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let Self::Writable(database) = self else {
            return Err(Fault::ReadOnly);
        };
        guarded(|| {
            let writing = WriteTxn::begin(database)?;
            let result = body(&writing)?;
            // In the same transaction: who sees new rows sees that cached chunks are old.
            writing.keep_generation(writing.generation)?;
            writing.commit()?;
            Ok(result)
        })
    }

    /// Returns unused space to the file system.
    pub(super) fn compact(&mut self) -> Result<(), Fault> {
        let Self::Writable(database) = self else {
            return Err(Fault::ReadOnly);
        };
        guarded(|| {
            database.compact()?;
            Ok(())
        })
    }
}

/// Opens a file for reading, also while another program writes to it.
pub(super) fn open_read_only(path: &Path) -> Result<ReadOnlyDatabase, DatabaseError> {
    let backend = Checked::new(FileBackend::new(File::open(path)?)?);
    file_builder().open_read_only_with_backend(backend)
}

/// Opens an existing file for writing.
pub(super) fn open_writable(path: &Path) -> Result<redb::Database, DatabaseError> {
    let file = File::options().read(true).write(true).open(path)?;
    let opened = same_file::identity(&file);
    let database = file_builder().create_with_backend(Checked::new(FileBackend::new(file)?))?;
    // `compact` puts another file in the place of this one. Who opened it before that gets the
    // lock after it, of a file that has no name any more: what were written there would be lost.
    if opened
        != File::open(path)
            .ok()
            .and_then(|now| same_file::identity(&now))
    {
        return Err(DatabaseError::DatabaseAlreadyOpen);
    }
    Ok(database)
}

/// Makes an empty gallery of an empty file.
pub(super) fn create(path: &Path) -> Result<redb::Database, Fault> {
    let file = File::options().read(true).write(true).open(path)?;
    let backend = Checked::new(FileBackend::new(file)?);
    Ok(file_builder().create_with_backend(backend)?)
}

/// For files: one program writes while others read.
fn file_builder() -> Builder {
    let mut builder = storage_builder();
    builder.set_concurrency_mode(ConcurrencyMode::SingleWriter);
    builder
}

/// For other storage, which no other program shares and which need not be able to lock.
pub(super) fn storage_builder() -> Builder {
    let mut builder = redb::Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

/// Which file an open file is, where the system can tell.
mod same_file {
    use std::fs::File;

    #[cfg(unix)]
    pub(super) fn identity(file: &File) -> Option<[u64; 2]> {
        use std::os::unix::fs::MetadataExt;
        file.metadata().ok().map(|meta| [meta.dev(), meta.ino()])
    }

    #[cfg(not(unix))]
    pub(super) fn identity(_: &File) -> Option<[u64; 2]> {
        None
    }
}

/// A damaged file can make the database panic; that is an error like any other.
pub(super) fn guarded<T>(body: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    // Unwind safe: after a panic nothing of the transaction is used, only the file is.
    catch_unwind(AssertUnwindSafe(body))
        .unwrap_or_else(|_| Err(Fault::damaged("its inner structure is broken")))
}

/// One state of the file, which does not change while it is read.
pub(super) struct ReadTxn(ReadTransaction);

impl ReadTxn {
    /// Whether a gallery was ever made of the database.
    pub(super) fn has_tables(&self) -> Result<bool, Fault> {
        Ok(self.0.list_tables()?.next().is_some())
    }

    pub(super) fn table<K: Key + 'static, V: Value + 'static>(
        &self,
        definition: TableDefinition<'_, K, V>,
    ) -> Result<ReadOnlyTable<K, V>, Fault> {
        // A gallery has all its tables from the start, so a missing one is damage.
        Ok(self.0.open_table(definition)?)
    }

    pub(super) fn meta(&self, key: &str) -> Result<Option<Vec<u8>>, Fault> {
        let value = self.table(META)?.get(key)?;
        Ok(value.map(|v| v.value().to_vec()))
    }

    pub(super) fn number(&self, key: &str) -> Result<Option<u64>, Fault> {
        // A value that is no number counts as missing; opening reports that of the format.
        let bytes = self.meta(key)?.and_then(|v| v.try_into().ok());
        Ok(bytes.map(u64::from_le_bytes))
    }
}

/// A change under way; dropped without [`WriteTxn::commit`] it leaves no trace.
pub(super) struct WriteTxn {
    transaction: WriteTransaction,
    /// The number of this change, which its records carry.
    generation: u64,
}

impl WriteTxn {
    pub(super) fn begin(database: &redb::Database) -> Result<Self, Fault> {
        let mut transaction = database.begin_write()?;
        // The allocator's state is saved with each commit, so a killed program's file opens at
        // once instead of after a pass over all its pages.
        transaction.set_quick_repair(true);
        let mut writing = Self {
            transaction,
            generation: 0,
        };
        writing.generation = writing.number(meta::GENERATION)?.unwrap_or(0) + 1;
        Ok(writing)
    }

    /// A value of this change in its envelope.
    pub(super) fn sealed(&self, kind: Kind, key: u64, content: &[u8]) -> Vec<u8> {
        seal::seal(kind, key, self.generation, content)
    }

    /// Counts the changes on from `generation`.
    pub(super) fn keep_generation(&self, generation: u64) -> Result<(), Fault> {
        self.set(meta::GENERATION, &generation.to_le_bytes())
    }

    pub(super) fn commit(self) -> Result<(), Fault> {
        Ok(self.transaction.commit()?)
    }

    pub(super) fn table<K: Key + 'static, V: Value + 'static>(
        &self,
        definition: TableDefinition<'_, K, V>,
    ) -> Result<redb::Table<'_, K, V>, Fault> {
        Ok(self.transaction.open_table(definition)?)
    }

    pub(super) fn delete_table(&self, definition: impl TableHandle) -> Result<(), Fault> {
        self.transaction.delete_table(definition)?;
        Ok(())
    }

    pub(super) fn number(&self, key: &str) -> Result<Option<u64>, Fault> {
        let table = self.table(META)?;
        let value = table.get(key)?;
        let bytes = value.and_then(|v| v.value().try_into().ok());
        Ok(bytes.map(u64::from_le_bytes))
    }

    pub(super) fn set(&self, key: &str, value: &[u8]) -> Result<(), Fault> {
        self.table(META)?.insert(key, value)?;
        Ok(())
    }
}

impl From<DatabaseError> for Fault {
    fn from(error: DatabaseError) -> Self {
        match error {
            // By this program or another; the file is locked either way.
            DatabaseError::DatabaseAlreadyOpen => Self::Busy,
            DatabaseError::Storage(StorageError::Io(e)) if e.kind() == ErrorKind::NotFound => {
                Self::Missing
            }
            DatabaseError::Storage(error) => error.into(),
            DatabaseError::RepairAborted => Self::damaged("it was not closed by its last writer"),
            _ => Self::damaged("it is not laid out as a gallery is"),
        }
    }
}

// The database's own words are about its inner structure and would only puzzle a user.
impl From<StorageError> for Fault {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Io(error) => error.into(),
            StorageError::PreviousIo => Self::damaged("reading it has failed before"),
            StorageError::DatabaseClosed => Self::storage("it is closed"),
            StorageError::ValueTooLarge(_) => Self::storage("a record is too large"),
            _ => Self::damaged("its inner structure is broken"),
        }
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            // How `checked` and the database report a broken page or a file of another kind.
            ErrorKind::InvalidData => {
                let reason = error.into_inner().map(|inner| inner.to_string());
                Self::damaged(reason.as_deref().unwrap_or("it is no gallery"))
            }
            ErrorKind::UnexpectedEof => Self::damaged("it is cut off"),
            _ => Self::storage(error),
        }
    }
}

// Each wraps an error of the storage; what else they tell is that a table is not as it should be.
macro_rules! wrapped_faults {
    ($($error:ident),*) => {$(
        impl From<redb::$error> for Fault {
            fn from(error: redb::$error) -> Self {
                match error {
                    redb::$error::Storage(error) => error.into(),
                    _ => Self::damaged("its inner structure is broken"),
                }
            }
        }
    )*};
}

wrapped_faults!(TableError, TransactionError, CommitError, CompactionError);
