//! Opening and making a gallery's database, with the checks that it is one this program can use.

use super::checked::Checked;
use super::database::{self, Database, ReadTxn, WriteTxn, guarded, storage_builder};
use super::error::Fault;
use super::fresh::Fresh;
use super::migrate;
use super::pages::MAGIC;
use super::seal;
use super::storage::{Backend, MemoryStorage, ReadOnlyBytes, Storage};
use super::tables::{FORMAT, meta};
use crate::weights::expression_fingerprint;
use redb::DatabaseError;
use std::borrow::Cow;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// Opens a file for reading, also while another program writes to it.
pub(super) fn for_reading(path: &Path) -> Result<Database, Fault> {
    refuse_other_files(path)?;
    guarded(|| {
        let database = match database::open_read_only(path) {
            // A killed program left it behind. Only a writer may repair it.
            Err(DatabaseError::RepairAborted) => {
                drop(database::open_writable(path)?);
                database::open_read_only(path)?
            }
            other => other?,
        };
        let database = Database::ReadOnly(database);
        if format_of(&database)? == FORMAT {
            return with_our_weights(database);
        }
        // Migration needs a writer, and a writer needs that this reader is gone.
        drop(database);
        match for_writing(path) {
            Ok(written) => drop(written),
            // On a medium that cannot be written, or another user's file: migrated in memory.
            Err(Fault::Storage(_)) => return migrated_in_memory(std::fs::read(path)?),
            Err(other) => return Err(other),
        }
        with_our_weights(Database::ReadOnly(database::open_read_only(path)?))
    })
}

/// Whether the file is a gallery that opens as it is, without a repair after a program was killed.
/// Nothing in it is changed.
pub(super) fn opens_unchanged(path: &Path) -> Result<bool, Fault> {
    match database::open_read_only(path) {
        Err(DatabaseError::RepairAborted) => Ok(false),
        other => Ok(format_of(&Database::ReadOnly(other?)).is_ok()),
    }
}

/// Opens an existing file for writing and brings an older format up to date.
pub(super) fn for_writing(path: &Path) -> Result<Database, Fault> {
    with_our_weights(of_any_weights(path)?)
}

/// [`for_writing`], also if the expressions were made with other weights.
pub(super) fn of_any_weights(path: &Path) -> Result<Database, Fault> {
    refuse_other_files(path)?;
    let opened = guarded(|| up_to_date(Database::Writable(database::open_writable(path)?)));
    opened.map_err(|fault| as_readers_say(fault, path))
}

/// What is wrong with a file as who reads it is told: a writer learns less of a file that is cut off.
fn as_readers_say(fault: Fault, path: &Path) -> Fault {
    if !matches!(fault, Fault::Damaged(_)) {
        return fault;
    }
    let read = guarded(|| format_of(&Database::ReadOnly(database::open_read_only(path)?)));
    match read {
        Err(Fault::Damaged(reason)) => Fault::Damaged(reason),
        _ => fault,
    }
}

/// Brings an older format up to date.
fn up_to_date(database: Database) -> Result<Database, Fault> {
    let found = format_of(&database)?;
    if found < FORMAT {
        database.write(|writing| migrate::from(found, writing))?;
    }
    Ok(database)
}

/// The bytes of a file, for reading.
pub(super) fn from_bytes(bytes: Cow<'static, [u8]>) -> Result<Database, Fault> {
    guarded(|| {
        let backend = Checked::new(Backend(ReadOnlyBytes(bytes.clone())));
        let database = storage_builder().open_read_only_with_backend(backend)?;
        let database = Database::ReadOnly(database);
        match format_of(&database)? {
            FORMAT => with_our_weights(database),
            // The last one before checksums, which programs have compiled in.
            2 => migrated_in_memory(bytes.into_owned()),
            found => Err(Fault::Older { found }),
        }
    })
}

fn migrated_in_memory(bytes: Vec<u8>) -> Result<Database, Fault> {
    let backend = Checked::new(Backend(MemoryStorage::of(bytes)));
    let database = storage_builder().create_with_backend(backend)?;
    with_our_weights(up_to_date(Database::Writable(database))?)
}

/// Other storage, for writing; an empty one becomes an empty gallery.
pub(super) fn with_storage(storage: impl Storage) -> Result<Database, Fault> {
    guarded(|| {
        let backend = Checked::new(Backend(storage));
        let database = Database::Writable(storage_builder().create_with_backend(backend)?);
        // Also if its header was written and nothing else: a browser's page may be left at any time.
        if !database.read(ReadTxn::has_tables)? {
            database.write(prepare)?;
        }
        with_our_weights(up_to_date(database)?)
    })
}

/// Makes an empty gallery: complete under a temporary name first, then renamed, so that no other
/// program and no crash ever leaves half a gallery at `path`.
pub(super) fn create(path: &Path) -> Result<(), Fault> {
    let fresh = Fresh::beside(path)?;
    fresh.write(prepare)?;
    fresh.persist(path)
}

/// Writes an empty gallery's tables.
pub(super) fn prepare(writing: &WriteTxn) -> Result<(), Fault> {
    writing.set(meta::FINGERPRINT, expression_fingerprint().as_bytes())?;
    migrate::make_tables(writing)
}

/// Refuses a folder or another kind of file with an error of its own, before the database reads it.
pub(super) fn refuse_other_files(path: &Path) -> Result<(), Fault> {
    let meta = match std::fs::metadata(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Err(Fault::Missing),
        other => other?,
    };
    if !meta.is_file() {
        return Err(Fault::Foreign("it is no file"));
    }
    if meta.len() == 0 {
        return Err(Fault::Foreign("it is empty"));
    }
    let mut file = File::open(path)?;
    let mut start = Vec::new();
    file.by_ref()
        .take(MAGIC.len() as u64)
        .read_to_end(&mut start)?;
    if start == MAGIC {
        return Ok(());
    }
    // Only what a gallery has inside can be saved.
    Err(if has_records(file)? {
        Fault::damaged("its first bytes are damaged")
    } else {
        Fault::Foreign("it is another kind of file")
    })
}

/// Bytes of a file of another kind that are searched for records: those of a gallery are all over it.
const SEARCHED_BYTES: u64 = 64 << 20;

/// Whether something in the file looks like a record of a gallery.
fn has_records(file: File) -> std::io::Result<bool> {
    let mut rest = file.take(SEARCHED_BYTES);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        // One that lies across two parts is missed; the others are found.
        if rest.by_ref().take(1 << 20).read_to_end(&mut bytes)? == 0 {
            return Ok(false);
        }
        if seal::envelopes(&bytes).next().is_some() {
            return Ok(true);
        }
    }
}

/// The file's format, if this program can read it.
fn format_of(database: &Database) -> Result<u64, Fault> {
    match database.read(|reading| reading.number(meta::FORMAT))? {
        None => Err(Fault::damaged("it has no format number")),
        Some(found) if found > FORMAT => Err(Fault::Newer {
            found,
            known: FORMAT,
        }),
        Some(found) => Ok(found),
    }
}

/// Refuses embeddings of other weights: their values have other meanings.
fn with_our_weights(database: Database) -> Result<Database, Fault> {
    let found = fingerprint(&database)?;
    let expected = expression_fingerprint().to_owned();
    if found != expected {
        return Err(Fault::OtherWeights { found, expected });
    }
    Ok(database)
}

/// The fingerprint of the weights that made the expressions.
pub(super) fn fingerprint(database: &Database) -> Result<String, Fault> {
    let bytes = database.read(|reading| reading.meta(meta::FINGERPRINT))?;
    Ok(String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn storage_that_was_left_before_its_first_commit_becomes_a_gallery() {
        let storage = Arc::new(MemoryStorage::default());
        let backend = Checked::new(Backend(storage.clone()));
        drop(storage_builder().create_with_backend(backend).unwrap());
        assert!(!storage.is_empty().unwrap());
        drop(with_storage(storage.clone()).unwrap());
        // It stays one.
        let database = with_storage(storage).unwrap();
        assert_eq!(format_of(&database).unwrap(), FORMAT);
    }
}
