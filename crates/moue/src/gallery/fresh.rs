//! A gallery's file that is made under a temporary name, complete, before it gets its own.

use super::database::{self, Database, ReadTxn, WriteTxn};
use super::error::Fault;
use super::migrate;
use super::tables::{BANDS, CODES, FILES, FLOATS, HASHES, META, PICTURES, ROWS, THUMBNAILS, meta};
use redb::{Key, ReadableTable, TableDefinition, Value};
use std::ffi::OsStr;
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, SystemTime};
use tempfile::NamedTempFile;

/// What the names of temporary files begin and end with; random letters and digits are between.
const PREFIX: &str = ".moue-";
const SUFFIX: &str = ".unfinished";

/// A temporary file that nothing has written for so long was left behind by a program that was
/// killed: while a gallery is copied, its file grows all the time.
const LEFT_BEHIND: Duration = Duration::from_secs(3600);

/// Bytes that are copied in one transaction, which keeps changed pages in memory.
const BATCH_BYTES: usize = 32 << 20;

/// A gallery under a temporary name, which is removed when this is dropped.
pub(super) struct Fresh {
    // Before the file, so that it is closed when the file is removed.
    database: Database,
    file: NamedTempFile,
}

impl Fresh {
    /// An empty gallery beside `path`.
    pub(super) fn beside(path: &Path) -> Result<Self, Fault> {
        remove_left_behind(folder_of(path));
        let file = temporary_beside(path)?;
        let database = Database::Writable(database::create(file.path())?);
        Ok(Self { database, file })
    }

    pub(super) fn write<T>(
        &self,
        body: impl FnOnce(&WriteTxn) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.database.write(body)
    }

    /// Gives it its name, unless there is a file by now: then that one is used, which another
    /// program made at the same time.
    pub(super) fn persist(self, path: &Path) -> Result<(), Fault> {
        drop(self.database);
        match self.file.persist_noclobber(path) {
            Err(e) if e.error.kind() == ErrorKind::AlreadyExists => Ok(()),
            Err(e) => Err(Fault::storage(e.error)),
            Ok(_) => {
                sync_folder(folder_of(path));
                Ok(())
            }
        }
    }

    /// Puts it in the place of the file at `path`, with that file's permissions. It stays open:
    /// its lock is that of the file, whatever its name.
    pub(super) fn replace(mut self, path: &Path) -> Result<Database, Fault> {
        self.database.compact()?;
        if let Ok(meta) = std::fs::metadata(path) {
            std::fs::set_permissions(self.file.path(), meta.permissions())?;
        }
        self.file
            .persist(path)
            .map_err(|e| Fault::storage(e.error))?;
        sync_folder(folder_of(path));
        Ok(self.database)
    }

    /// Copies all tables of a gallery of the newest format.
    pub(super) fn copy(&self, from: &ReadTxn) -> Result<(), Fault> {
        self.write(|writing| {
            migrate::make_tables(writing)?;
            copy_range(writing, from, META, None, usize::MAX).map(drop)
        })?;
        for table in [PICTURES, ROWS, CODES, FLOATS, THUMBNAILS] {
            self.copy_table(from, table)?;
        }
        self.copy_table(from, HASHES)?;
        self.copy_table(from, BANDS)?;
        self.copy_table(from, FILES)?;
        // Each batch counted as a change; readers and searches go by the number.
        self.write(|writing| writing.keep_generation(from.number(meta::GENERATION)?.unwrap_or(0)))
    }

    fn copy_table<K: Key + 'static, V: Value + 'static>(
        &self,
        from: &ReadTxn,
        table: TableDefinition<'static, K, V>,
    ) -> Result<(), Fault> {
        let mut last = None;
        loop {
            let start = last.clone();
            last = self.write(|writing| copy_range(writing, from, table, start, BATCH_BYTES))?;
            if last.is_none() {
                return Ok(());
            }
        }
    }
}

/// Copies records behind the key `after` until they have `limit` bytes. Returns the last key, or
/// `None` at the end.
fn copy_range<K: Key + 'static, V: Value + 'static>(
    writing: &WriteTxn,
    from: &ReadTxn,
    table: TableDefinition<'static, K, V>,
    after: Option<Vec<u8>>,
    limit: usize,
) -> Result<Option<Vec<u8>>, Fault> {
    let mut into = writing.table(table)?;
    let source = from.table(table)?;
    let mut bytes = 0;
    let records = match &after {
        Some(key) => source.range(K::from_bytes(key)..)?,
        None => source.iter()?,
    };
    // The range begins with the last key that was copied.
    for record in records.skip(usize::from(after.is_some())) {
        let (key, value) = record?;
        into.insert(key.value(), value.value())?;
        bytes += V::as_bytes(&value.value()).as_ref().len();
        if bytes >= limit {
            return Ok(Some(K::as_bytes(&key.value()).as_ref().to_vec()));
        }
    }
    Ok(None)
}

/// A copy of the file at `path`, with its permissions, under a temporary name.
pub(super) fn copy_beside(path: &Path) -> Result<NamedTempFile, Fault> {
    let copy = temporary_beside(path)?;
    std::fs::copy(path, copy.path())?;
    Ok(copy)
}

fn temporary_beside(path: &Path) -> Result<NamedTempFile, Fault> {
    let mut named = tempfile::Builder::new();
    // Only the user may read it, which is what temporary files have anyway: a gallery tells who is
    // in which picture.
    named.prefix(PREFIX).suffix(SUFFIX);
    let folder = folder_of(path);
    if !folder.is_dir() {
        // The system's message would name the temporary file.
        return Err(Fault::storage(format_args!(
            "there is no folder {}",
            folder.display()
        )));
    }
    named.tempfile_in(folder).map_err(|error| {
        // Here too: only the kind of the error is without the name.
        let kind = error.kind();
        let folder = folder.display();
        Fault::storage(format_args!(
            "the folder {folder} cannot be written: {kind}"
        ))
    })
}

fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Makes a rename survive a loss of power, where the system can.
fn sync_folder(folder: &Path) {
    if cfg!(unix) {
        // Some file systems refuse to sync a folder; the file itself is written by now.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

/// Removes the temporary files of programs that were killed, as far as possible.
fn remove_left_behind(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|e| is_temporary(&e.file_name())) {
        let old = entry.metadata().is_ok_and(|meta| {
            let modified = meta.modified().ok();
            let age = modified.and_then(|time| SystemTime::now().duration_since(time).ok());
            meta.is_file() && age.is_some_and(|age| age > LEFT_BEHIND)
        });
        if old {
            // It may belong to another user, or be gone by now.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Whether a name is one of [`temporary_beside`]: other files that begin so are the user's.
fn is_temporary(name: &OsStr) -> bool {
    let name = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
    let random = name.and_then(|name| name.strip_suffix(SUFFIX));
    random.is_some_and(|random| random.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
