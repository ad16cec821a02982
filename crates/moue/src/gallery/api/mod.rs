//! The public [`Gallery`]. The inner modules have no path; here it is attached to their faults.

mod edit;
mod opening;
mod reading;
mod searching;

use super::database::{Database, ReadTxn, WriteTxn};
use super::error::{Fault, GalleryError};
use super::hidden_list;
use super::read::{self, Cached};
use super::tables::meta;
use super::vectors::{self, ScanMode};
use crate::cancel::CancelToken;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of vectors that a gallery keeps in memory, unless set: room for 9 million faces.
const MEMORY: u64 = 1 << 30;

/// Up to so many faces are compared in full, unless set; more by their int8 codes first, which is
/// quicker from about here on.
const EXACT_FACES: u64 = 4_000;

/// A collection of faces in one file.
///
/// One program may write while others read; see [`Gallery::open`] and [`Gallery::open_or_create`].
///
/// ```
/// use moue::gallery::{Gallery, NewPicture, SearchOptions};
/// use moue::{Expression, Face};
/// let folder = tempfile::tempdir()?;
/// let gallery = Gallery::open_or_create(folder.path().join("mine.moue"))?;
/// let mut expression = Expression([0.0; 64]);
/// expression.0[0] = 1.0;
/// gallery.add(&[NewPicture {
///     hash: moue::digest::sha256(b"the file's bytes"),
///     path: "cat.jpg".into(),
///     faces: vec![(Face::whole(), expression).into()],
///     ..NewPicture::default()
/// }])?;
/// let found = gallery.search(&[expression], &SearchOptions::nearest(3))?;
/// assert_eq!((found[0].path.as_str(), found[0].distance), ("cat.jpg", 0.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Gallery {
    database: Database,
    path: PathBuf,
    /// Whether the gallery is the file at its path.
    is_file: bool,
    memory: u64,
    exact_faces: u64,
    /// What searches keep, and the generation of the file that it is of. The lock is
    /// held while it is read, so that searches that start together read it once.
    cache: Mutex<Option<(u64, Cached)>>,
}

impl std::fmt::Debug for Gallery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gallery")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// Settings.
impl Gallery {
    /// The path of the gallery; `builtin` for the compiled-in one.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes of vectors are kept in memory for searches; larger galleries are read from
    /// the file by each search. 1 GiB unless set.
    #[must_use]
    pub fn with_memory(mut self, bytes: u64) -> Self {
        // What was cached under the other setting goes.
        self.memory = bytes;
        self.cache = Mutex::default();
        self
    }

    /// Up to how many faces a search compares in full. In larger galleries it reads the int8 codes
    /// of every face first and compares in full what may be near; the answer is the same. 4,000
    /// unless set.
    #[must_use]
    pub fn with_exact_faces(mut self, faces: u64) -> Self {
        self.exact_faces = faces;
        self.cache = Mutex::default();
        self
    }
}

impl Gallery {
    fn new(database: Database, path: &Path, is_file: bool) -> Self {
        Self {
            database,
            path: path.into(),
            is_file,
            memory: MEMORY,
            exact_faces: EXACT_FACES,
            cache: Mutex::default(),
        }
    }

    fn read<T>(&self, body: impl FnOnce(&ReadTxn) -> Result<T, Fault>) -> Result<T, GalleryError> {
        self.database.read(body).map_err(|f| f.at(&self.path))
    }

    pub(in crate::gallery) fn write<T>(
        &self,
        body: impl FnOnce(&WriteTxn) -> Result<T, Fault>,
    ) -> Result<T, GalleryError> {
        self.database.write(body).map_err(|f| f.at(&self.path))
    }

    /// What is kept in memory, of the state of the file that is read.
    fn cached(&self, reading: &ReadTxn, cancel: &CancelToken) -> Result<Cached, Fault> {
        let generation = reading.number(meta::GENERATION)?.unwrap_or(0);
        // A panic elsewhere leaves either the old or the new value, both of them whole.
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, cached)) = cache.as_ref().filter(|(of, _)| *of == generation) {
            return Ok(cached.clone());
        }
        let faces = vectors::count(reading)?;
        let mode = ScanMode::of(faces, self.exact_faces, self.memory);
        let cached = Cached {
            chunks: read::load_chunks(reading, mode, cancel)?,
            hidden: Arc::new(hidden_list::read(reading)?.ids()),
            filtered: Arc::default(),
        };
        *cache = Some((generation, cached.clone()));
        Ok(cached)
    }
}
