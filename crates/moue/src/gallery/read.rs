//! Reading pictures, faces and files, and a gallery's file as the [`Source`] of a search.

use super::chunks::{Chunk, Values};
use super::database::ReadTxn;
use super::error::Fault;
use super::file_state::FileState;
use super::options::Filter;
use super::records::{Entry, GalleryStats, Picture};
use super::seal::{self, Kind};
use super::source::{Known, Source};
use super::tables::{FILES, FLOATS, HASHES, PICTURES, ROWS, THUMBNAILS};
use super::vectors::{self, ScanMode};
use crate::cancel::CancelToken;
use crate::embed::Expression;
use redb::{ReadOnlyTable, ReadableTable, ReadableTableMetadata, TableDefinition};
use std::cell::OnceCell;
use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

/// What is called with each item, until it breaks.
pub(super) type Visitor<'a, T> = &'a mut dyn FnMut(T) -> ControlFlow<()>;

type Records = ReadOnlyTable<u64, &'static [u8]>;

pub(super) fn stats(reading: &ReadTxn) -> Result<GalleryStats, Fault> {
    Ok(GalleryStats {
        faces: vectors::count(reading)?,
        pictures: picture_count(reading)?,
        thumbnails: reading.table(THUMBNAILS)?.len()?,
        files: reading.table(FILES)?.len()?,
    })
}

pub(super) fn picture_count(reading: &ReadTxn) -> Result<u64, Fault> {
    Ok(reading.table(PICTURES)?.len()?)
}

/// Calls `body` with every picture, by id, until it breaks.
pub(super) fn for_each_picture(reading: &ReadTxn, body: Visitor<'_, Picture>) -> Result<(), Fault> {
    for_each_picture_from(reading, 0, body)
}

/// Calls `body` with every picture from the id `first` on, by id, until it breaks.
pub(super) fn for_each_picture_from(
    reading: &ReadTxn,
    first: u64,
    body: Visitor<'_, Picture>,
) -> Result<(), Fault> {
    // One at a time: a gallery's records may be larger than memory.
    for record in reading.table(PICTURES)?.range(first..)? {
        let (id, json) = record?;
        if body(seal::picture(id.value(), json.value())?).is_break() {
            break;
        }
    }
    Ok(())
}

/// Calls `body` with every face's id and expression, by id, until it breaks. Reads a chunk at a
/// time.
pub(super) fn for_each_expression(
    reading: &ReadTxn,
    body: Visitor<'_, (u64, Expression)>,
) -> Result<(), Fault> {
    let floats = reading.table(FLOATS)?;
    for chunk in reading.table(ROWS)?.iter()? {
        let (number, rows) = chunk?;
        let rows = vectors::rows_of(number.value(), rows.value())?;
        let values = vectors::chunk_values(&floats, number.value())?;
        if values.len() != rows.len() {
            return Err(Fault::cut_off());
        }
        for (row, value) in rows.iter().zip(values) {
            if body((row.id, Expression(value))).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The picture that a face belongs to.
pub(super) fn picture_of(reading: &ReadTxn, face: u64) -> Result<Option<Picture>, Fault> {
    picture_in(&reading.table(PICTURES)?, face)
}

/// The picture with the largest id up to `face`, if that face is one of its own.
fn picture_in(pictures: &Records, face: u64) -> Result<Option<Picture>, Fault> {
    let Some((id, json)) = pictures.range(..=face)?.next_back().transpose()? else {
        return Ok(None);
    };
    let picture = seal::picture(id.value(), json.value())?;
    // Ids of removed pictures leave gaps, into which `face` may fall.
    let is_its_own = picture.faces.iter().any(|f| f.id == face);
    Ok(is_its_own.then_some(picture))
}

pub(super) fn entry(reading: &ReadTxn, face: u64) -> Result<Option<Entry>, Fault> {
    Ok(picture_of(reading, face)?.and_then(|p| p.entry_of(face)))
}

/// The expression of one face.
pub(super) fn expression(reading: &ReadTxn, face: u64) -> Result<Option<Expression>, Fault> {
    let place = vectors::locate(&reading.table(ROWS)?, face)?;
    let floats = reading.table(FLOATS)?;
    place
        .map(|(chunk, index)| vectors::expression_at(&floats, chunk, index))
        .transpose()
}

pub(super) fn find_hash(reading: &ReadTxn, hash: &[u8; 32]) -> Result<Option<Picture>, Fault> {
    match reading.table(HASHES)?.get(hash)? {
        Some(id) => picture_of(reading, id.value()),
        None => Ok(None),
    }
}

pub(super) fn contains(reading: &ReadTxn, hash: &[u8; 32]) -> Result<bool, Fault> {
    Ok(reading.table(HASHES)?.get(hash)?.is_some())
}

pub(super) fn thumbnail(reading: &ReadTxn, face: u64) -> Result<Option<Vec<u8>>, Fault> {
    let table = reading.table(THUMBNAILS)?;
    let Some(bytes) = table.get(face)? else {
        return Ok(None);
    };
    let jpeg = seal::open(Kind::Thumbnail, face, bytes.value())?;
    Ok(Some(jpeg.to_vec()))
}

pub(super) fn file(reading: &ReadTxn, path: &str) -> Result<Option<FileState>, Fault> {
    let table = reading.table(FILES)?;
    let record = table.get(path)?;
    // A record that cannot be read counts as none: the file is then read again.
    Ok(record.and_then(|record| file_state(path, record.value()).ok()))
}

pub(super) fn file_state(path: &str, record: &[u8]) -> Result<FileState, Fault> {
    let json = seal::open(Kind::File, seal::path_key(path), record)?;
    Ok(serde_json::from_slice(json)?)
}

pub(super) fn files(reading: &ReadTxn) -> Result<BTreeMap<String, FileState>, Fault> {
    let mut files = BTreeMap::new();
    for record in reading.table(FILES)?.iter()? {
        let (path, record) = record?;
        let path = path.value();
        files.insert(path.to_owned(), file_state(path, record.value())?);
    }
    Ok(files)
}

/// Chunks in memory; `None` if each search reads them again.
pub(super) type CachedChunks = Option<Arc<Vec<Chunk>>>;

/// What searches keep in memory of one state of the file.
#[derive(Clone)]
pub(super) struct Cached {
    pub(super) chunks: CachedChunks,
    /// Hidden pictures, by their ids.
    pub(super) hidden: Arc<HashSet<u64>>,
    pub(super) filtered: Arc<FilterMemory>,
}

/// Of so many pictures at most it is remembered whether they meet a filter: 34 MB.
const MAX_REMEMBERED: usize = 1 << 20;

/// Which pictures meet the filter of the latest search. Telling it of one takes reading its record,
/// 4 µs: with a tag that one in 100 has, the first search of 100,000 faces reads some 5,000 records,
/// and people search with the same tag again.
#[derive(Default)]
pub(super) struct FilterMemory(Mutex<Option<(Filter, Known)>>);

impl FilterMemory {
    /// What is known, for one search at a time; another one beside it begins with nothing.
    fn take(&self, filter: &Filter) -> Known {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.take_if(|(of, _)| *of == *filter) {
            Some((_, known)) => known,
            None => Known::new(),
        }
    }

    fn give(&self, filter: &Filter, known: Known) {
        if known.is_empty() || known.len() > MAX_REMEMBERED {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_more = |(of, other): &(Filter, Known)| of != filter || other.len() < known.len();
        if kept.as_ref().is_none_or(is_more) {
            *kept = Some((filter.clone(), known));
        }
    }
}

/// The chunks that searches in this mode keep.
pub(super) fn load_chunks(
    reading: &ReadTxn,
    mode: ScanMode,
    cancel: &CancelToken,
) -> Result<CachedChunks, Fault> {
    if mode == ScanMode::Streamed {
        return Ok(None);
    }
    let mut chunks = Vec::new();
    vectors::for_each_chunk(reading, mode == ScanMode::Exact, |chunk| {
        cancel.check()?;
        chunks.push(chunk);
        Ok(())
    })?;
    Ok(Some(Arc::new(chunks)))
}

/// A gallery's file and what is kept of it in memory.
pub(super) struct FileSource<'a> {
    reading: &'a ReadTxn,
    cached: Cached,
    // Tables are opened when they are first needed: a search without filter needs none but
    // `pictures`, and opening one costs as much as a scan of a small gallery.
    pictures: OnceCell<Records>,
    floats: OnceCell<Records>,
}

impl<'a> FileSource<'a> {
    pub(super) fn new(reading: &'a ReadTxn, cached: Cached) -> Self {
        Self {
            reading,
            cached,
            pictures: OnceCell::new(),
            floats: OnceCell::new(),
        }
    }

    /// The expression of a row of a chunk that is kept in full.
    fn kept(&self, chunk: u64, index: usize) -> Option<Expression> {
        let chunks = self.cached.chunks.as_ref()?;
        // Numbers ascend; they have gaps where chunks were removed.
        let place = chunks.binary_search_by_key(&chunk, |c| c.number).ok()?;
        match &chunks[place].values {
            Values::Exact(values) => values.get(index).map(|v| Expression(*v)),
            Values::Int8(_) => None,
        }
    }

    /// Opens a table the first time.
    fn opened<'t>(
        &self,
        cell: &'t OnceCell<Records>,
        table: TableDefinition<'_, u64, &'static [u8]>,
    ) -> Result<&'t Records, Fault> {
        if let Some(table) = cell.get() {
            return Ok(table);
        }
        let table = self.reading.table(table)?;
        Ok(cell.get_or_init(|| table))
    }
}

impl Source for FileSource<'_> {
    fn for_each_chunk(
        &self,
        body: &mut dyn FnMut(&Chunk) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        match &self.cached.chunks {
            Some(chunks) => chunks.iter().try_for_each(body),
            None => vectors::for_each_chunk(self.reading, false, |chunk| body(&chunk)),
        }
    }

    fn picture_matches(&self, picture: u64, filter: &Filter) -> Result<bool, Fault> {
        let pictures = self.opened(&self.pictures, PICTURES)?;
        let missing = || Fault::damaged(format_args!("picture {picture} has no record"));
        let json = pictures.get(picture)?.ok_or_else(missing)?;
        Ok(filter.matches(&seal::picture(picture, json.value())?))
    }

    fn remembered(&self, filter: &Filter) -> Known {
        self.cached.filtered.take(filter)
    }

    fn remember(&self, filter: &Filter, known: Known) {
        self.cached.filtered.give(filter, known);
    }

    fn hidden(&self) -> &HashSet<u64> {
        &self.cached.hidden
    }

    fn expression_at(&self, chunk: u64, index: usize) -> Result<Expression, Fault> {
        // What is in memory in full need not be read from the file.
        if let Some(value) = self.kept(chunk, index) {
            return Ok(value);
        }
        vectors::expression_at(self.opened(&self.floats, FLOATS)?, chunk, index)
    }

    fn entry(&self, face: u64) -> Result<Entry, Fault> {
        let picture = picture_in(self.opened(&self.pictures, PICTURES)?, face)?;
        picture
            .and_then(|p| p.entry_of(face))
            .ok_or_else(|| Fault::damaged(format_args!("face {face} has no entry")))
    }
}
