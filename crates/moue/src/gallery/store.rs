//! The gallery's file: a `redb` database, so that what was written survives a crash.

use super::search::Nearest;
use super::vectors::{self, CHUNK_ROWS, Row};
use super::{Entry, GalleryError, Match, NewPicture};
use crate::embed::Expression;
use crate::weights::expression_fingerprint;
use redb::{
    Builder, ConcurrencyMode, Database, DatabaseError, ReadOnlyDatabase, ReadOnlyTable, ReadTransaction,
    ReadableDatabase, ReadableTable, ReadableTableMetadata, StorageBackend, TableDefinition, WriteTransaction,
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// `format`, `fingerprint`, `next`: what the file is.
const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
/// Chunks of [`Row`]s by number.
const VECTORS: TableDefinition<u64, &[u8]> = TableDefinition::new("vectors");
/// [`Entry`] as JSON, by face id.
const ENTRIES: TableDefinition<u64, &[u8]> = TableDefinition::new("entries");
/// [`Known`] as JSON, by content hash.
const PICTURES: TableDefinition<&[u8], &[u8]> = TableDefinition::new("pictures");

/// The newest format that this program reads and the one it writes.
const FORMAT: u64 = 1;

/// Bytes that the database may keep in memory; a search reads every vector once and keeps them itself.
const CACHE_BYTES: usize = 8 << 20;

/// What is kept of a picture.
#[derive(Serialize, Deserialize)]
struct Known {
    picture: u64,
    faces: Vec<u64>,
}

enum Handle {
    Reading(ReadOnlyDatabase),
    Writing(Database),
}

/// A collection of faces in one file.
///
/// One program may write while others read; see [`Gallery::open`] and [`Gallery::open_or_create`].
pub struct Gallery {
    handle: Handle,
    path: PathBuf,
    /// All vectors, read by the first search.
    rows: Mutex<Option<Arc<Vec<Row>>>>,
}

impl std::fmt::Debug for Gallery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gallery").field("path", &self.path).finish_non_exhaustive()
    }
}

fn builder() -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES).set_concurrency_mode(ConcurrencyMode::SingleWriter);
    builder
}

/// A damaged file can make the database panic; that is an error like any other.
fn guarded<T>(path: &Path, body: impl FnOnce() -> Result<T, GalleryError>) -> Result<T, GalleryError> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| Err(damaged(path, "its inner structure is broken")))
}

fn damaged(path: &Path, reason: impl Display) -> GalleryError {
    GalleryError::Damaged { path: path.into(), reason: reason.to_string() }
}

fn storage<'a, E: Display>(path: &'a Path) -> impl Fn(E) -> GalleryError + 'a {
    move |error| GalleryError::Storage { path: path.into(), reason: error.to_string() }
}

fn opening(path: &Path, error: DatabaseError) -> GalleryError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => GalleryError::Busy(path.into()),
        DatabaseError::Storage(redb::StorageError::Io(e)) if e.kind() == std::io::ErrorKind::NotFound => {
            GalleryError::Missing(path.into())
        }
        DatabaseError::Storage(redb::StorageError::Io(e)) if e.kind() != std::io::ErrorKind::InvalidData => {
            GalleryError::Storage { path: path.into(), reason: e.to_string() }
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
        const BUILTIN: &[u8] = include_bytes!("../../builtin.moue");
        Self::from_bytes(BUILTIN, "builtin".into())
    }

    /// A gallery in memory, for reading; `name` is what errors call it.
    ///
    /// # Errors
    /// [`GalleryError`] if the bytes are no gallery for this program's weights.
    pub fn from_bytes(bytes: impl Into<Cow<'static, [u8]>>, name: PathBuf) -> Result<Self, GalleryError> {
        let bytes = bytes.into();
        guarded(&name, || {
            let mut builder = Database::builder();
            builder.set_cache_size(CACHE_BYTES);
            let database = builder.open_read_only_with_backend(Bytes(bytes)).map_err(|e| opening(&name, e))?;
            Self::checked(Handle::Reading(database), &name)
        })
    }

    /// Opens a gallery for reading, also while another program writes to it.
    ///
    /// A file that a killed program left behind is repaired first.
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
            Self::checked(Handle::Reading(database.map_err(|e| opening(path, e))?), path)
        })
    }

    /// Opens a gallery for writing; makes it if there is none, under another name until it is whole.
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
            Self::checked(Handle::Writing(database), path)
        })
    }

    fn checked(handle: Handle, path: &Path) -> Result<Self, GalleryError> {
        let gallery = Self { handle, path: path.into(), rows: Mutex::new(None) };
        let Some(found) = gallery.number("format")? else { return Err(damaged(path, "it has no format number")) };
        if found > FORMAT {
            return Err(GalleryError::Newer { path: path.into(), found, known: FORMAT });
        }
        let (found, expected) = (gallery.fingerprint()?, expression_fingerprint().to_owned());
        if found != expected {
            return Err(GalleryError::OtherWeights { path: path.into(), found, expected });
        }
        Ok(gallery)
    }

    /// Where the gallery is; `builtin` for the compiled-in one.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Number of faces.
    ///
    /// # Errors
    /// [`GalleryError`] if the file cannot be read.
    pub fn len(&self) -> Result<u64, GalleryError> {
        self.table(ENTRIES, |table| table.len().map_err(storage(&self.path)))
    }

    /// Whether there is no face in it.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn is_empty(&self) -> Result<bool, GalleryError> {
        Ok(self.len()? == 0)
    }

    /// Number of pictures.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn pictures(&self) -> Result<u64, GalleryError> {
        self.table(PICTURES, |table| table.len().map_err(storage(&self.path)))
    }

    /// The fingerprint of the weights that made its vectors.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn fingerprint(&self) -> Result<String, GalleryError> {
        Ok(self.meta("fingerprint")?.map(|v| String::from_utf8_lossy(&v).into_owned()).unwrap_or_default())
    }

    /// Whether a picture with this content is there already.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn contains(&self, hash: &[u8; 32]) -> Result<bool, GalleryError> {
        self.table(PICTURES, |table| Ok(table.get(&hash[..]).map_err(storage(&self.path))?.is_some()))
    }

    /// All faces, by id.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn entries(&self) -> Result<Vec<Entry>, GalleryError> {
        self.table(ENTRIES, |table| {
            let rows = table.iter().map_err(storage(&self.path))?;
            rows.map(|row| {
                let (id, value) = row.map_err(storage(&self.path))?;
                self.entry(id.value(), value.value())
            })
            .collect()
        })
    }

    /// One face by its id.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn get(&self, id: u64) -> Result<Option<Entry>, GalleryError> {
        self.table(ENTRIES, |table| {
            let value = table.get(id).map_err(storage(&self.path))?;
            value.map(|v| self.entry(id, v.value())).transpose()
        })
    }

    /// The expression of every face, with its id.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn expressions(&self) -> Result<Vec<(u64, Expression)>, GalleryError> {
        Ok(self.rows()?.iter().map(|row| (row.id, row.expression)).collect())
    }

    /// The `top` pictures whose faces are nearest to `query`, nearest first, equal distances by id.
    /// A picture with several faces counts once, with its nearest.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn nearest(&self, query: &Expression, top: usize) -> Result<Vec<Match>, GalleryError> {
        let rows = self.rows()?;
        let mut nearest = Nearest::new(top);
        nearest.scan(query, &rows);
        let entry = |id| self.get(id)?.ok_or_else(|| damaged(&self.path, format!("face {id} has no entry")));
        let found = |hit: super::search::Hit| {
            let Entry { id, label, path, .. } = entry(hit.id)?;
            Ok(Match { id, label, path, distance: hit.squared.sqrt() })
        };
        nearest.into_hits().into_iter().map(found).collect()
    }

    /// Adds pictures in one transaction, those that are new, and says for each whether it was.
    /// When this returns, they are on the disk.
    ///
    /// # Errors
    /// [`GalleryError`]; then none of them was added.
    pub fn add(&self, pictures: &[NewPicture]) -> Result<Vec<bool>, GalleryError> {
        self.write(|transaction| {
            let mut next = read_number(transaction, "next").map_err(storage(&self.path))?.unwrap_or(0);
            let mut rows = Vec::new();
            let mut added = Vec::with_capacity(pictures.len());
            for picture in pictures {
                added.push(insert_picture(transaction, picture, &mut next, &mut rows).map_err(storage(&self.path))?);
            }
            append_rows(transaction, &rows, &self.path)?;
            write_number(transaction, "next", next).map_err(storage(&self.path))?;
            Ok(added)
        })
    }

    /// Removes the pictures for one of whose faces `unwanted` says so, with all their faces.
    /// Returns how many pictures went.
    ///
    /// # Errors
    /// [`GalleryError`]; then nothing was removed.
    pub fn remove(&self, unwanted: impl Fn(&Entry) -> bool) -> Result<usize, GalleryError> {
        let gone: std::collections::HashSet<u64> =
            self.entries()?.iter().filter(|e| unwanted(e)).map(|e| e.picture).collect();
        if !gone.is_empty() {
            self.write(|transaction| remove_pictures(transaction, &|p| gone.contains(&p), &self.path))?;
        }
        Ok(gone.len())
    }

    /// Gives unused space back to the file system.
    ///
    /// # Errors
    /// [`GalleryError`] if the gallery is open for reading only or the file cannot be written.
    pub fn compact(&mut self) -> Result<(), GalleryError> {
        match &mut self.handle {
            Handle::Writing(database) => database.compact().map(|_| ()).map_err(storage(&self.path)),
            Handle::Reading(_) => Err(GalleryError::ReadOnly(self.path.clone())),
        }
    }

    fn rows(&self) -> Result<Arc<Vec<Row>>, GalleryError> {
        let mut kept = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rows) = &*kept {
            return Ok(Arc::clone(rows));
        }
        let rows = Arc::new(self.table(VECTORS, |table| {
            let mut rows = Vec::new();
            for chunk in table.iter().map_err(storage(&self.path))? {
                let (_, value) = chunk.map_err(storage(&self.path))?;
                let more = vectors::decode(value.value());
                rows.extend(more.ok_or_else(|| damaged(&self.path, "a chunk of vectors is cut off"))?);
            }
            Ok(rows)
        })?);
        *kept = Some(Arc::clone(&rows));
        Ok(rows)
    }

    fn entry(&self, id: u64, value: &[u8]) -> Result<Entry, GalleryError> {
        let mut entry: Entry = serde_json::from_slice(value).map_err(|e| damaged(&self.path, e))?;
        entry.id = id;
        Ok(entry)
    }

    fn number(&self, key: &str) -> Result<Option<u64>, GalleryError> {
        Ok(self.meta(key)?.and_then(|v| v.try_into().ok()).map(u64::from_le_bytes))
    }

    fn meta(&self, key: &str) -> Result<Option<Vec<u8>>, GalleryError> {
        self.table(META, |table| Ok(table.get(key).map_err(storage(&self.path))?.map(|v| v.value().to_vec())))
    }

    /// Reads one table as it is now.
    fn table<K: redb::Key + 'static, V: redb::Value + 'static, T>(
        &self,
        definition: TableDefinition<'_, K, V>,
        body: impl FnOnce(ReadOnlyTable<K, V>) -> Result<T, GalleryError>,
    ) -> Result<T, GalleryError> {
        guarded(&self.path, || {
            let begun: Result<ReadTransaction, _> = match &self.handle {
                Handle::Reading(database) => database.begin_read(),
                Handle::Writing(database) => database.begin_read(),
            };
            let transaction = begun.map_err(storage(&self.path))?;
            body(transaction.open_table(definition).map_err(|e| damaged(&self.path, e))?)
        })
    }

    fn write<T>(&self, body: impl FnOnce(&WriteTransaction) -> Result<T, GalleryError>) -> Result<T, GalleryError> {
        let Handle::Writing(database) = &self.handle else { return Err(GalleryError::ReadOnly(self.path.clone())) };
        *self.rows.lock().unwrap_or_else(PoisonError::into_inner) = None;
        guarded(&self.path, || {
            let mut transaction = database.begin_write().map_err(storage(&self.path))?;
            transaction.set_quick_repair(true);
            let result = body(&transaction)?;
            transaction.commit().map_err(storage(&self.path))?;
            Ok(result)
        })
    }
}

/// Says clearly that a folder or some other file is no gallery, before the database looks at it.
fn refuse_other_files(path: &Path) -> Result<(), GalleryError> {
    match std::fs::metadata(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(GalleryError::Missing(path.into())),
        Err(e) => Err(GalleryError::Storage { path: path.into(), reason: e.to_string() }),
        Ok(meta) if !meta.is_file() => Err(damaged(path, "it is no file")),
        Ok(meta) if meta.len() == 0 => Err(damaged(path, "it is empty")),
        Ok(_) => Ok(()),
    }
}

/// Makes an empty gallery: whole under a temporary name first, then renamed.
fn create(path: &Path) -> Result<(), GalleryError> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut named = tempfile::Builder::new();
    named.prefix(".moue-");
    #[cfg(unix)]
    named.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666)); // The umask takes its part.
    let temporary = named.tempfile_in(folder).map_err(storage(path))?;
    let database = builder().create(temporary.path()).map_err(|e| opening(path, e))?;
    let mut transaction = database.begin_write().map_err(storage(path))?;
    transaction.set_quick_repair(true);
    write_number(&transaction, "format", FORMAT).map_err(storage(path))?;
    write_meta(&transaction, "fingerprint", expression_fingerprint().as_bytes()).map_err(storage(path))?;
    for made in [
        transaction.open_table(VECTORS).map(drop),
        transaction.open_table(ENTRIES).map(drop),
        transaction.open_table(PICTURES).map(drop),
    ] {
        made.map_err(storage(path))?;
    }
    transaction.commit().map_err(storage(path))?;
    drop(database);
    match temporary.persist_noclobber(path) {
        // Another program made one at the same time: that one is used.
        Err(e) if e.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map(drop).map_err(storage(path)),
    }
}

fn write_meta(transaction: &WriteTransaction, key: &str, value: &[u8]) -> Result<(), redb::Error> {
    transaction.open_table(META)?.insert(key, value)?;
    Ok(())
}

fn write_number(transaction: &WriteTransaction, key: &str, value: u64) -> Result<(), redb::Error> {
    write_meta(transaction, key, &value.to_le_bytes())
}

fn read_number(transaction: &WriteTransaction, key: &str) -> Result<Option<u64>, redb::Error> {
    let table = transaction.open_table(META)?;
    let value = table.get(key)?.and_then(|v| v.value().try_into().ok());
    Ok(value.map(u64::from_le_bytes))
}

/// Adds entries for a picture's faces unless its content is known; the rows for the search are left to the caller.
fn insert_picture(
    transaction: &WriteTransaction,
    new: &NewPicture,
    next: &mut u64,
    rows: &mut Vec<Row>,
) -> Result<bool, redb::Error> {
    let mut pictures = transaction.open_table(PICTURES)?;
    if pictures.get(&new.hash[..])?.is_some() {
        return Ok(false);
    }
    let mut entries = transaction.open_table(ENTRIES)?;
    let picture = *next;
    let mut faces = Vec::with_capacity(new.faces.len());
    for (face, expression) in &new.faces {
        let entry = Entry {
            id: *next,
            picture,
            label: new.label.clone(),
            path: new.path.clone(),
            bounding_box: face.bounding_box,
            score: face.score,
            key_points: if face.is_whole() { Vec::new() } else { face.key_points.to_vec() },
            tags: new.tags.clone(),
        };
        entries.insert(entry.id, json(&entry).as_slice())?;
        rows.push(Row { id: entry.id, picture, expression: *expression });
        faces.push(entry.id);
        *next += 1;
    }
    pictures.insert(&new.hash[..], json(&Known { picture, faces }).as_slice())?;
    Ok(true)
}

/// These types always have a JSON form: no maps with odd keys, and numbers that are not finite become null.
fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

/// Fills up the last chunk, then starts new ones.
fn append_rows(transaction: &WriteTransaction, rows: &[Row], path: &Path) -> Result<(), GalleryError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut table = transaction.open_table(VECTORS).map_err(storage(path))?;
    let last = table.last().map_err(storage(path))?.map(|(k, v)| (k.value(), vectors::decode(v.value())));
    let (mut number, mut pending) = match last {
        Some((number, Some(rows))) if rows.len() < CHUNK_ROWS => (number, rows),
        Some((_, None)) => return Err(damaged(path, "a chunk of vectors is cut off")),
        Some((number, _)) => (number + 1, Vec::new()),
        None => (0, Vec::new()),
    };
    pending.extend_from_slice(rows);
    for chunk in pending.chunks(CHUNK_ROWS) {
        table.insert(number, vectors::encode(chunk).as_slice()).map_err(storage(path))?;
        number += 1;
    }
    Ok(())
}

fn remove_pictures(
    transaction: &WriteTransaction,
    gone: &dyn Fn(u64) -> bool,
    path: &Path,
) -> Result<(), GalleryError> {
    let mut chunks = transaction.open_table(VECTORS).map_err(storage(path))?;
    let mut kept = Vec::new();
    let numbers: Vec<u64> =
        chunks.iter().map_err(storage(path))?.map_while(|c| c.ok().map(|(k, _)| k.value())).collect();
    for number in numbers {
        let rows = chunks.remove(number).map_err(storage(path))?.and_then(|v| vectors::decode(v.value()));
        let rows = rows.ok_or_else(|| damaged(path, "a chunk of vectors is cut off"))?;
        kept.extend(rows.into_iter().filter(|row| !gone(row.picture)));
    }
    drop(chunks);
    append_rows(transaction, &kept, path)?;
    let belongs = |value: &[u8]| serde_json::from_slice::<Entry>(value).is_ok_and(|e| gone(e.picture));
    let mut entries = transaction.open_table(ENTRIES).map_err(storage(path))?;
    entries.retain(|_, value| !belongs(value)).map_err(storage(path))?;
    let known = |value: &[u8]| serde_json::from_slice::<Known>(value).is_ok_and(|k| gone(k.picture));
    let mut pictures = transaction.open_table(PICTURES).map_err(storage(path))?;
    pictures.retain(|_, value| !known(value)).map_err(storage(path))
}

/// A database in memory that is never written.
#[derive(Debug)]
struct Bytes(Cow<'static, [u8]>);

impl StorageBackend for Bytes {
    fn len(&self) -> Result<u64, std::io::Error> {
        Ok(self.0.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), std::io::Error> {
        let from = usize::try_from(offset).ok().and_then(|o| self.0.get(o..)?.get(..out.len()));
        match from {
            Some(bytes) => {
                out.copy_from_slice(bytes);
                Ok(())
            }
            None => Err(std::io::ErrorKind::UnexpectedEof.into()),
        }
    }

    fn set_len(&self, _: u64) -> Result<(), std::io::Error> {
        Err(std::io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync_data(&self) -> Result<(), std::io::Error> {
        Ok(())
    }

    fn write(&self, _: u64, _: &[u8]) -> Result<(), std::io::Error> {
        Err(std::io::ErrorKind::ReadOnlyFilesystem.into())
    }
}
