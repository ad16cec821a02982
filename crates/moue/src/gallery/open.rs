//! Opening and making a gallery's database, with the checks that it is one this program can use.

use super::database::{Database, WriteTxn, file_builder, guarded, storage_builder};
use super::error::Fault;
use super::migrate;
use super::storage::{Backend, ReadOnlyBytes, Storage};
use super::tables::{FORMAT, meta};
use crate::weights::expression_fingerprint;
use redb::DatabaseError;
use std::borrow::Cow;
use std::io::ErrorKind;
use std::path::Path;

/// Opens a file for reading, also while another program writes to it.
pub(super) fn for_reading(path: &Path) -> Result<Database, Fault> {
    refuse_other_files(path)?;
    guarded(|| {
        let database = match file_builder().open_read_only(path) {
            // A killed program left it behind. Only a writer may repair it.
            Err(DatabaseError::RepairAborted) => {
                drop(file_builder().open(path)?);
                file_builder().open_read_only(path)?
            }
            other => other?,
        };
        let database = Database::ReadOnly(database);
        if format_of(&database)? == FORMAT {
            return with_our_weights(database);
        }
        // Migration needs a writer, and a writer needs that this reader is gone.
        drop(database);
        drop(for_writing(path)?);
        with_our_weights(Database::ReadOnly(file_builder().open_read_only(path)?))
    })
}

/// Opens an existing file for writing and brings an older format up to date.
pub(super) fn for_writing(path: &Path) -> Result<Database, Fault> {
    with_our_weights(of_any_weights(path)?)
}

/// [`for_writing`], also if the expressions were made with other weights.
pub(super) fn of_any_weights(path: &Path) -> Result<Database, Fault> {
    refuse_other_files(path)?;
    guarded(|| {
        let database = Database::Writable(file_builder().open(path)?);
        if format_of(&database)? < FORMAT {
            database.write(migrate::from_first)?;
        }
        Ok(database)
    })
}

/// The bytes of a file, for reading.
pub(super) fn from_bytes(bytes: Cow<'static, [u8]>) -> Result<Database, Fault> {
    guarded(|| {
        let backend = Backend(ReadOnlyBytes(bytes));
        let database = storage_builder().open_read_only_with_backend(backend)?;
        newest_format(Database::ReadOnly(database))
    })
}

/// Other storage, for writing; an empty one becomes an empty gallery.
pub(super) fn with_storage(storage: impl Storage) -> Result<Database, Fault> {
    guarded(|| {
        // Asked before the database is made, which writes its header at once.
        let is_new = storage.is_empty()?;
        let database = storage_builder().create_with_backend(Backend(storage))?;
        if is_new {
            prepare(&database)?;
        }
        newest_format(Database::Writable(database))
    })
}

/// Makes an empty gallery: complete under a temporary name first, then renamed, so that no other
/// program and no crash ever leaves half a gallery at `path`.
pub(super) fn create(path: &Path) -> Result<(), Fault> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let mut named = tempfile::Builder::new();
    named.prefix(".moue-");
    // Temporary files are private by default; a gallery is as public as the umask allows.
    #[cfg(unix)]
    named.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let temporary = named.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    prepare(&file_builder().create(temporary.path())?)?;
    match temporary.persist_noclobber(path) {
        // Another program made one at the same time: that one is used.
        Err(e) if e.error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(Fault::storage(e)),
        Ok(_) => Ok(()),
    }
}

/// Writes an empty gallery's tables.
fn prepare(database: &redb::Database) -> Result<(), Fault> {
    let writing = WriteTxn::begin(database)?;
    writing.set(meta::FINGERPRINT, expression_fingerprint().as_bytes())?;
    migrate::make_tables(&writing)?;
    writing.commit()
}

/// Refuses a folder or another kind of file with an error of its own, before the database reads it.
fn refuse_other_files(path: &Path) -> Result<(), Fault> {
    match std::fs::metadata(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => Err(Fault::Missing),
        Err(e) => Err(e.into()),
        Ok(meta) if !meta.is_file() => Err(Fault::damaged("it is no file")),
        Ok(meta) if meta.len() == 0 => Err(Fault::damaged("it is empty")),
        Ok(_) => Ok(()),
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

/// Refuses older formats, for storage that cannot be brought up to date.
fn newest_format(database: Database) -> Result<Database, Fault> {
    let found = format_of(&database)?;
    if found < FORMAT {
        return Err(Fault::Older { found });
    }
    with_our_weights(database)
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
