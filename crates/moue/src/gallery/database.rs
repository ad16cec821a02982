//! The database below a gallery: `redb`, so that what was written survives a crash. Transactions,
//! and the database's errors as [`Fault`]s.

use super::error::Fault;
use super::tables::{META, meta};
use redb::{
    Builder, ConcurrencyMode, DatabaseError, Key, ReadOnlyDatabase, ReadOnlyTable, ReadTransaction,
    ReadableDatabase, ReadableTable, StorageError, TableDefinition, TableHandle, Value,
    WriteTransaction,
};
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};

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
            let generation = writing.number(meta::GENERATION)?.unwrap_or(0);
            writing.set(meta::GENERATION, &(generation + 1).to_le_bytes())?;
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

    /// Makes the database check all its pages; `false` if it had to repair some.
    pub(super) fn check_pages(&mut self) -> Result<bool, Fault> {
        match self {
            Self::Writable(database) => guarded(|| Ok(database.check_integrity()?)),
            Self::ReadOnly(_) => Ok(true),
        }
    }
}

/// For files: one program writes while others read.
pub(super) fn file_builder() -> Builder {
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

/// A damaged file can make the database panic; that is an error like any other.
pub(super) fn guarded<T>(body: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    // Unwind safe: after a panic nothing of the transaction is used, only the file is.
    catch_unwind(AssertUnwindSafe(body))
        .unwrap_or_else(|_| Err(Fault::damaged("its inner structure is broken")))
}

/// One state of the file, which does not change while it is read.
pub(super) struct ReadTxn(ReadTransaction);

impl ReadTxn {
    pub(super) fn table<K: Key + 'static, V: Value + 'static>(
        &self,
        definition: TableDefinition<'_, K, V>,
    ) -> Result<ReadOnlyTable<K, V>, Fault> {
        // A gallery has all its tables from the start, so a missing one is damage.
        self.0.open_table(definition).map_err(Fault::damaged)
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
pub(super) struct WriteTxn(WriteTransaction);

impl WriteTxn {
    pub(super) fn begin(database: &redb::Database) -> Result<Self, Fault> {
        let mut transaction = database.begin_write()?;
        // The allocator's state is saved with each commit, so a killed program's file opens at
        // once instead of after a pass over all its pages.
        transaction.set_quick_repair(true);
        Ok(Self(transaction))
    }

    pub(super) fn commit(self) -> Result<(), Fault> {
        Ok(self.0.commit()?)
    }

    pub(super) fn table<K: Key + 'static, V: Value + 'static>(
        &self,
        definition: TableDefinition<'_, K, V>,
    ) -> Result<redb::Table<'_, K, V>, Fault> {
        Ok(self.0.open_table(definition)?)
    }

    pub(super) fn delete_table(&self, definition: impl TableHandle) -> Result<(), Fault> {
        self.0.delete_table(definition)?;
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
            // `InvalidData` is how the database reports a file that is none of its own.
            DatabaseError::Storage(StorageError::Io(e)) if e.kind() != ErrorKind::InvalidData => {
                Self::storage(e)
            }
            other => Self::damaged(other),
        }
    }
}

// The database reports a full disk, a failed read and a broken page alike; only its text differs.
macro_rules! storage_faults {
    ($($error:ty),*) => {$(
        impl From<$error> for Fault {
            fn from(error: $error) -> Self {
                Self::storage(error)
            }
        }
    )*};
}

storage_faults!(
    std::io::Error,
    StorageError,
    redb::TableError,
    redb::TransactionError,
    redb::CommitError,
    redb::CompactionError
);
