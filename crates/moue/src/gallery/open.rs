//! The gallery's file: a `redb` database, so that what was written survives a crash.

use super::backend::Bytes;
use super::tables::{
    CODES, FILES, FLOATS, FORMAT, HASHES, LOOKS, META, PICTURES, ROWS, THUMBNAILS,
};
use super::vectors::{Chunk, EXACT_FACES};
use super::{GalleryError, migrate};
use crate::weights::expression_fingerprint;
use redb::{
    Builder, ConcurrencyMode, Database, DatabaseError, Key, ReadOnlyDatabase, ReadOnlyTable,
    ReadTransaction, ReadableDatabase, StorageBackend, TableDefinition, Value, WriteTransaction,
};
use std::borrow::Cow;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Bytes that the database may keep in memory; a search keeps its vectors itself.
const CACHE_BYTES: usize = 16 << 20;

/// Bytes of vectors that a gallery keeps in memory, unless told otherwise.
const MEMORY: u64 = 1 << 30;

pub(super) enum Handle {
    ReadTxn(ReadOnlyDatabase),
    WriteTxn(Database),
}

/// A collection of faces in one file.
///
/// One program may write while others read; see [`Gallery::open`] and [`Gallery::open_or_create`].
pub struct Gallery {
    pub(super) handle: Handle,
    pub(super) path: PathBuf,
    pub(super) memory: u64,
    pub(super) exact_faces: u64,
    /// Vectors in memory, and the state of the file that they are of; `None` within if it is too
    /// large for memory.
    pub(super) held: Mutex<Option<(u64, CachedChunks)>>,
}

/// Chunks in memory; `None` if each search reads them anew.
pub(super) type CachedChunks = Option<Arc<Vec<Chunk>>>;

impl std::fmt::Debug for Gallery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gallery")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// One state of the file, which does not change while it is read.
pub(super) struct ReadTxn<'a> {
    transaction: ReadTransaction,
    pub(super) path: &'a Path,
}

impl ReadTxn<'_> {
    pub(super) fn table<K: Key + 'static, V: Value + 'static>(
        &self,
        definition: TableDefinition<'_, K, V>,
    ) -> Result<ReadOnlyTable<K, V>, GalleryError> {
        self.transaction
            .open_table(definition)
            .map_err(|e| damaged(self.path, e))
    }

    pub(super) fn meta(&self, key: &str) -> Result<Option<Vec<u8>>, GalleryError> {
        Ok(self
            .table(META)?
            .get(key)
            .map_err(storage(self.path))?
            .map(|v| v.value().to_vec()))
    }

    pub(super) fn number(&self, key: &str) -> Result<Option<u64>, GalleryError> {
        Ok(self
            .meta(key)?
            .and_then(|v| v.try_into().ok())
            .map(u64::from_le_bytes))
    }
}

pub(super) fn builder() -> Builder {
    let mut builder = Database::builder();
    builder
        .set_cache_size(CACHE_BYTES)
        .set_concurrency_mode(ConcurrencyMode::SingleWriter);
    builder
}

/// A damaged file can make the database panic; that is an error like any other.
pub(super) fn guarded<T>(
    path: &Path,
    body: impl FnOnce() -> Result<T, GalleryError>,
) -> Result<T, GalleryError> {
    catch_unwind(AssertUnwindSafe(body))
        .unwrap_or_else(|_| Err(damaged(path, "its inner structure is broken")))
}

pub(super) fn damaged(path: &Path, reason: impl Display) -> GalleryError {
    GalleryError::Damaged {
        path: path.into(),
        reason: reason.to_string(),
    }
}

pub(super) fn storage<'a, E: Display>(path: &'a Path) -> impl Fn(E) -> GalleryError + 'a {
    move |error| GalleryError::Storage {
        path: path.into(),
        reason: error.to_string(),
    }
}

fn opening(path: &Path, error: DatabaseError) -> GalleryError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => GalleryError::Busy(path.into()),
        DatabaseError::Storage(redb::StorageError::Io(e))
            if e.kind() == std::io::ErrorKind::NotFound =>
        {
            GalleryError::Missing(path.into())
        }
        DatabaseError::Storage(redb::StorageError::Io(e))
            if e.kind() != std::io::ErrorKind::InvalidData =>
        {
            GalleryError::Storage {
                path: path.into(),
                reason: e.to_string(),
            }
        }
        other => damaged(path, other),
    }
}

impl Gallery {
    /// The drawings that moue carries.
    ///
    /// # Errors
    /// [`GalleryError`] if the compiled-in file does not open, which the tests rule out.
    pub fn builtin() -> Result<Self, GalleryError> {
        static BUILTIN: &[u8] = include_bytes!("../../builtin.moue");
        Self::from_bytes(BUILTIN, "builtin".into())
    }

    /// A gallery in memory, for reading; `name` is what errors call it.
    ///
    /// # Errors
    /// [`GalleryError`] if the bytes are no gallery for this program's weights.
    pub fn from_bytes(
        bytes: impl Into<Cow<'static, [u8]>>,
        name: PathBuf,
    ) -> Result<Self, GalleryError> {
        let bytes = bytes.into();
        guarded(&name, || {
            let mut builder = Database::builder();
            builder.set_cache_size(CACHE_BYTES);
            let database = builder
                .open_read_only_with_backend(Bytes(bytes))
                .map_err(|e| opening(&name, e))?;
            let gallery = Self::with_handle(Handle::ReadTxn(database), &name);
            match gallery.check_format()? {
                found if found < FORMAT => Err(GalleryError::Older {
                    path: name.clone(),
                    found,
                }),
                _ => gallery.check_weights(),
            }
        })
    }

    /// Opens a gallery for reading, also while another program writes to it.
    ///
    /// A file that a killed program left behind is repaired first, one of an older format is
    /// brought up to date.
    ///
    /// # Errors
    /// [`GalleryError`] says what is wrong and what to do.
    pub fn open(path: &Path) -> Result<Self, GalleryError> {
        refuse_other_files(path)?;
        guarded(path, || {
            let database = match builder().open_read_only(path) {
                Err(DatabaseError::RepairAborted) => {
                    drop(builder().open(path).map_err(|e| opening(path, e))?);
                    builder().open_read_only(path)
                }
                other => other,
            };
            let handle = Handle::ReadTxn(database.map_err(|e| opening(path, e))?);
            let gallery = Self::with_handle(handle, path);
            if gallery.check_format()? == FORMAT {
                return gallery.check_weights();
            }
            drop(gallery);
            drop(Self::open_for_writing(path)?);
            let database = builder()
                .open_read_only(path)
                .map_err(|e| opening(path, e))?;
            Self::with_handle(Handle::ReadTxn(database), path).check_weights()
        })
    }

    /// Opens a gallery for writing; makes it if there is none, under another name until it is
    /// whole.
    ///
    /// # Errors
    /// [`GalleryError::Busy`] if another program writes to it, and as for [`Gallery::open`].
    pub fn open_or_create(path: &Path) -> Result<Self, GalleryError> {
        if !path.exists() {
            create(path)?;
        }
        Self::open_for_writing(path)
    }

    /// Opens an existing gallery for writing.
    ///
    /// # Errors
    /// As for [`Gallery::open_or_create`], and [`GalleryError::Missing`].
    pub fn open_for_writing(path: &Path) -> Result<Self, GalleryError> {
        refuse_other_files(path)?;
        guarded(path, || {
            let database = builder().open(path).map_err(|e| opening(path, e))?;
            let gallery = Self::with_handle(Handle::WriteTxn(database), path);
            if gallery.check_format()? < FORMAT {
                gallery.write(migrate::from_first)?;
            }
            gallery.check_weights()
        })
    }

    /// Opens a gallery on other storage than a file, for writing; makes it if the storage is empty.
    /// `name` is what errors call it.
    ///
    /// # Errors
    /// As for [`Gallery::open_or_create`].
    pub fn on(backend: impl StorageBackend, name: PathBuf) -> Result<Self, GalleryError> {
        guarded(&name, || {
            let fresh = backend.len().map_err(storage(&name))? == 0;
            // Other storage is not shared with other programs, and need not be able to lock.
            let mut builder = Database::builder();
            builder.set_cache_size(CACHE_BYTES);
            let database = builder
                .create_with_backend(backend)
                .map_err(|e| opening(&name, e))?;
            if fresh {
                prepare(&database, &name)?;
            }
            let gallery = Self::with_handle(Handle::WriteTxn(database), &name);
            match gallery.check_format()? {
                found if found < FORMAT => Err(GalleryError::Older {
                    path: name.clone(),
                    found,
                }),
                _ => gallery.check_weights(),
            }
        })
    }

    fn with_handle(handle: Handle, path: &Path) -> Self {
        Self {
            handle,
            path: path.into(),
            memory: MEMORY,
            exact_faces: EXACT_FACES,
            held: Mutex::new(None),
        }
    }

    /// The file's format, if this program knows it.
    fn check_format(&self) -> Result<u64, GalleryError> {
        match self.read(|reading| reading.number("format"))? {
            None => Err(damaged(&self.path, "it has no format number")),
            Some(found) if found > FORMAT => Err(GalleryError::Newer {
                path: self.path.clone(),
                found,
                known: FORMAT,
            }),
            Some(found) => Ok(found),
        }
    }

    fn check_weights(self) -> Result<Self, GalleryError> {
        let (found, expected) = (self.fingerprint()?, expression_fingerprint().to_owned());
        if found != expected {
            return Err(GalleryError::OtherWeights {
                path: self.path,
                found,
                expected,
            });
        }
        Ok(self)
    }

    /// Where the gallery is; `builtin` for the compiled-in one.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes of vectors are kept in memory for searches; larger galleries are read from
    /// the file by each search. 1 GiB unless set.
    #[must_use]
    pub fn with_memory(mut self, bytes: u64) -> Self {
        (self.memory, self.held) = (bytes, Mutex::default());
        self
    }

    /// Up to how many faces a search compares in full. In larger galleries it reads one byte for
    /// each number of every face first and compares in full what may be near; the answer is the
    /// same. 4,000 unless set.
    #[must_use]
    pub fn with_exact_faces(mut self, faces: u64) -> Self {
        (self.exact_faces, self.held) = (faces, Mutex::default());
        self
    }

    /// The fingerprint of the weights that made its vectors.
    ///
    /// # Errors
    /// [`GalleryError`] if the file cannot be read.
    pub fn fingerprint(&self) -> Result<String, GalleryError> {
        let value = self.read(|reading| reading.meta("fingerprint"))?;
        Ok(value
            .map(|v| String::from_utf8_lossy(&v).into_owned())
            .unwrap_or_default())
    }

    /// Gives unused space back to the file system.
    ///
    /// # Errors
    /// [`GalleryError`] if the gallery is open for reading only or the file cannot be written.
    pub fn compact(&mut self) -> Result<(), GalleryError> {
        let Self { handle, path, .. } = self;
        match handle {
            Handle::WriteTxn(database) => guarded(path, || {
                database.compact().map(|_| ()).map_err(storage(path))
            }),
            Handle::ReadTxn(_) => Err(GalleryError::ReadOnly(path.clone())),
        }
    }

    /// Has the database look at all its pages; `false` if it had to repair some.
    pub(super) fn check_pages(&mut self) -> Result<bool, GalleryError> {
        let Self { handle, path, .. } = self;
        match handle {
            Handle::WriteTxn(database) => guarded(path, || {
                database.check_integrity().map_err(|e| opening(path, e))
            }),
            Handle::ReadTxn(_) => Ok(true),
        }
    }

    pub(super) fn read<T>(
        &self,
        body: impl FnOnce(&ReadTxn<'_>) -> Result<T, GalleryError>,
    ) -> Result<T, GalleryError> {
        guarded(&self.path, || {
            let begun = match &self.handle {
                Handle::ReadTxn(database) => database.begin_read(),
                Handle::WriteTxn(database) => database.begin_read(),
            };
            body(&ReadTxn {
                transaction: begun.map_err(storage(&self.path))?,
                path: &self.path,
            })
        })
    }

    /// What `body` writes is on the disk when this returns, all of it or, after an error, nothing.
    pub(super) fn write<T>(
        &self,
        body: impl FnOnce(&WriteTxn<'_>) -> Result<T, GalleryError>,
    ) -> Result<T, GalleryError> {
        let Handle::WriteTxn(database) = &self.handle else {
            return Err(GalleryError::ReadOnly(self.path.clone()));
        };
        guarded(&self.path, || {
            let mut transaction = database.begin_write().map_err(storage(&self.path))?;
            transaction.set_quick_repair(true);
            let writing = WriteTxn {
                transaction,
                path: &self.path,
            };
            let result = body(&writing)?;
            let generation = writing.number("generation")?.unwrap_or(0);
            writing.set("generation", &(generation + 1).to_le_bytes())?;
            writing.transaction.commit().map_err(storage(&self.path))?;
            Ok(result)
        })
    }
}

/// A change under way.
pub(super) struct WriteTxn<'a> {
    pub(super) transaction: WriteTransaction,
    pub(super) path: &'a Path,
}

impl WriteTxn<'_> {
    pub(super) fn table<K: Key + 'static, V: Value + 'static>(
        &self,
        definition: TableDefinition<'_, K, V>,
    ) -> Result<redb::Table<'_, K, V>, GalleryError> {
        self.transaction
            .open_table(definition)
            .map_err(storage(self.path))
    }

    pub(super) fn number(&self, key: &str) -> Result<Option<u64>, GalleryError> {
        let table = self.table(META)?;
        let value = redb::ReadableTable::get(&table, key).map_err(storage(self.path))?;
        Ok(value
            .and_then(|v| v.value().try_into().ok())
            .map(u64::from_le_bytes))
    }

    pub(super) fn set(&self, key: &str, value: &[u8]) -> Result<(), GalleryError> {
        self.table(META)?
            .insert(key, value)
            .map_err(storage(self.path))?;
        Ok(())
    }
}

/// Says clearly that a folder or some other file is no gallery, before the database looks at it.
fn refuse_other_files(path: &Path) -> Result<(), GalleryError> {
    match std::fs::metadata(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            Err(GalleryError::Missing(path.into()))
        }
        Err(e) => Err(GalleryError::Storage {
            path: path.into(),
            reason: e.to_string(),
        }),
        Ok(meta) if !meta.is_file() => Err(damaged(path, "it is no file")),
        Ok(meta) if meta.len() == 0 => Err(damaged(path, "it is empty")),
        Ok(_) => Ok(()),
    }
}

/// Makes an empty gallery: whole under a temporary name first, then renamed.
fn create(path: &Path) -> Result<(), GalleryError> {
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut named = tempfile::Builder::new();
    named.prefix(".moue-");
    #[cfg(unix)]
    named.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666)); // The umask takes its part.
    let temporary = named.tempfile_in(folder).map_err(storage(path))?;
    let database = builder()
        .create(temporary.path())
        .map_err(|e| opening(path, e))?;
    prepare(&database, path)?;
    drop(database);
    match temporary.persist_noclobber(path) {
        // Another program made one at the same time: that one is used.
        Err(e) if e.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map(drop).map_err(storage(path)),
    }
}

/// Writes an empty gallery's tables.
fn prepare(database: &Database, path: &Path) -> Result<(), GalleryError> {
    let mut transaction = database.begin_write().map_err(storage(path))?;
    transaction.set_quick_repair(true);
    let writing = WriteTxn { transaction, path };
    writing.set("fingerprint", expression_fingerprint().as_bytes())?;
    make_tables(&writing)?;
    writing.transaction.commit().map_err(storage(path))
}

/// Makes all tables and says that they are of the newest format.
pub(super) fn make_tables(writing: &WriteTxn<'_>) -> Result<(), GalleryError> {
    writing.set("format", &FORMAT.to_le_bytes())?;
    writing.table(PICTURES)?;
    writing.table(HASHES)?;
    for chunks in [ROWS, CODES, FLOATS, THUMBNAILS] {
        writing.table(chunks)?;
    }
    writing.table(LOOKS)?;
    writing.table(FILES).map(drop)
}
