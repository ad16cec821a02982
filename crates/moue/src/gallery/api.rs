//! Reading and changing what is in a gallery.

use super::chunks::{self, CHUNK_ROWS, FaceVector, PARTS};
use super::open::{CachedChunks, Gallery, ReadTxn, WriteTxn, damaged, storage};
use super::query::Query;
use super::records::{Entry, FileState, Match, NewPicture, Picture, StoredFace};
use super::scan::Scan;
use super::tables::{CODES, FILES, FLOATS, HASHES, LOOKS, PICTURES, ROWS, THUMBNAILS};
use super::vectors::{self, Chunk, ScanMode, all_floats, cut_off};
use super::{GalleryError, perceptual_hash};
use crate::embed::Expression;
use rayon::prelude::*;
use redb::{ReadableTable, ReadableTableMetadata};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::sync::{Arc, PoisonError};

/// How much a gallery holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct GalleryStats {
    /// Faces.
    pub faces: u64,
    /// Pictures, animations and videos.
    pub pictures: u64,
    /// Small pictures of faces.
    pub thumbnails: u64,
    /// Files that were looked at, with or without success.
    pub files: u64,
}

impl Gallery {
    /// Number of faces.
    ///
    /// # Errors
    /// [`GalleryError`] if the file cannot be read.
    pub fn len(&self) -> Result<u64, GalleryError> {
        self.read(vectors::count)
    }

    /// Whether there is no face in it.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn is_empty(&self) -> Result<bool, GalleryError> {
        Ok(self.pictures()? == 0)
    }

    /// Number of pictures.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn pictures(&self) -> Result<u64, GalleryError> {
        self.read(|reading| {
            reading
                .table(PICTURES)?
                .len()
                .map_err(storage(reading.path))
        })
    }

    /// All its numbers.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn numbers(&self) -> Result<GalleryStats, GalleryError> {
        self.read(|reading| {
            Ok(GalleryStats {
                faces: vectors::count(reading)?,
                pictures: reading
                    .table(PICTURES)?
                    .len()
                    .map_err(storage(reading.path))?,
                thumbnails: reading
                    .table(THUMBNAILS)?
                    .len()
                    .map_err(storage(reading.path))?,
                files: reading.table(FILES)?.len().map_err(storage(reading.path))?,
            })
        })
    }

    /// Calls `body` with every picture, by id, until it returns an error.
    ///
    /// # Errors
    /// As for [`Gallery::len`], and what `body` returns.
    pub fn for_each_picture<E: From<GalleryError>>(
        &self,
        mut body: impl FnMut(Picture) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut failed = None;
        self.read(|reading| {
            for row in reading
                .table(PICTURES)?
                .iter()
                .map_err(storage(reading.path))?
            {
                let (id, value) = row.map_err(storage(reading.path))?;
                if let Err(error) = body(picture(id.value(), value.value(), reading.path)?) {
                    failed = Some(error);
                    break;
                }
            }
            Ok(())
        })?;
        failed.map_or(Ok(()), Err)
    }

    /// All faces, by id.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn entries(&self) -> Result<Vec<Entry>, GalleryError> {
        let mut entries = Vec::new();
        self.for_each_picture(|picture| {
            entries.extend(picture.entries());
            Ok::<(), GalleryError>(())
        })?;
        entries.sort_by_key(|e| e.id);
        Ok(entries)
    }

    /// The picture that a face belongs to.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn picture_of(&self, face: u64) -> Result<Option<Picture>, GalleryError> {
        self.read(|reading| picture_of(&reading.table(PICTURES)?, face, reading.path))
    }

    /// One face by its id.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn get(&self, id: u64) -> Result<Option<Entry>, GalleryError> {
        self.read(|reading| entry(&reading.table(PICTURES)?, id, reading.path))
    }

    /// The picture with this content.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn find_hash(&self, hash: &[u8; 32]) -> Result<Option<Picture>, GalleryError> {
        self.read(|reading| {
            let id = reading
                .table(HASHES)?
                .get(hash)
                .map_err(storage(reading.path))?
                .map(|v| v.value());
            id.map_or(Ok(None), |id| {
                picture_of(&reading.table(PICTURES)?, id, reading.path)
            })
        })
    }

    /// Whether a picture with this content is there already.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn contains(&self, hash: &[u8; 32]) -> Result<bool, GalleryError> {
        self.read(|reading| {
            Ok(reading
                .table(HASHES)?
                .get(hash)
                .map_err(storage(reading.path))?
                .is_some())
        })
    }

    /// The small picture of a face, if one was stored.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn thumbnail(&self, face: u64) -> Result<Option<Vec<u8>>, GalleryError> {
        self.read(|reading| {
            let table = reading.table(THUMBNAILS)?;
            Ok(table
                .get(face)
                .map_err(storage(reading.path))?
                .map(|v| v.value().to_vec()))
        })
    }

    /// The expression of every face, with its id.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn expressions(&self) -> Result<Vec<(u64, Expression)>, GalleryError> {
        let mut all = Vec::new();
        self.for_each_expression(|id, expression| all.push((id, expression)))?;
        Ok(all)
    }

    /// Calls `body` with every face's id and expression, by id, reading a chunk at a time.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn for_each_expression(
        &self,
        mut body: impl FnMut(u64, Expression),
    ) -> Result<(), GalleryError> {
        self.read(|reading| {
            vectors::each(reading, true, |chunk| {
                if let vectors::Values::Exact(values) = chunk.values {
                    chunk
                        .rows
                        .iter()
                        .zip(values)
                        .for_each(|(row, v)| body(row.id, Expression(v)));
                }
                Ok(())
            })
        })
    }

    /// The `top` pictures whose faces are nearest to `query`, nearest first, equal distances by id.
    /// A picture with several faces counts once, with its nearest; so do near-duplicates.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn nearest(&self, query: &Expression, top: usize) -> Result<Vec<Match>, GalleryError> {
        self.search(&Query::new(*query, top))
    }

    /// What `query` asks for, nearest first. The answer is that of comparing every face.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn search(&self, query: &Query) -> Result<Vec<Match>, GalleryError> {
        self.read(|reading| {
            let held = self.held(reading)?;
            self.answer(reading, held.as_deref(), query)
        })
    }

    /// The answers to several queries, found on all cores.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn search_all(&self, queries: &[Query]) -> Result<Vec<Vec<Match>>, GalleryError> {
        // The first fills the memory for the others.
        self.read(|reading| self.held(reading).map(drop))?;
        queries.par_iter().map(|query| self.search(query)).collect()
    }

    fn answer(
        &self,
        reading: &ReadTxn<'_>,
        held: Option<&Vec<Chunk>>,
        query: &Query,
    ) -> Result<Vec<Match>, GalleryError> {
        if query.wanted.is_empty() {
            return Ok(Vec::new());
        }
        let Some(apart) = query.apart else {
            return matches(reading, scanned(reading, held, query)?);
        };
        let mut pool = query.top.saturating_mul(8).max(64);
        loop {
            let hits = scanned(
                reading,
                held,
                &Query {
                    top: pool,
                    apart: None,
                    ..query.clone()
                },
            )?;
            let all = hits.len() < pool;
            let chosen = spread(reading, &hits, apart, query.top)?;
            if all || chosen.len() >= query.top {
                return matches(reading, chosen);
            }
            pool = pool.saturating_mul(4);
        }
    }

    /// The chunks that are kept in memory, of this state of the file.
    fn held(&self, reading: &ReadTxn<'_>) -> Result<CachedChunks, GalleryError> {
        let generation = reading.number("generation")?.unwrap_or(0);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, chunks)) = held.as_ref().filter(|(of, _)| *of == generation) {
            return Ok(chunks.clone());
        }
        let fresh = match ScanMode::of(vectors::count(reading)?, self.exact_faces, self.memory) {
            ScanMode::Streamed => None,
            manner => Some(Arc::new(all_chunks(reading, manner == ScanMode::Exact)?)),
        };
        *held = Some((generation, fresh.clone()));
        Ok(fresh)
    }

    /// Adds pictures in one transaction, those that are new, and says for each whether it was.
    /// When this returns, they are on the disk.
    ///
    /// # Errors
    /// [`GalleryError`]; then none of them was added.
    pub fn add(&self, pictures: &[NewPicture]) -> Result<Vec<bool>, GalleryError> {
        self.write(|writing| add(writing, pictures))
    }

    /// Removes the pictures for which `negatives` says so, with all their faces. Returns how many
    /// went.
    ///
    /// # Errors
    /// [`GalleryError`]; then nothing was removed.
    pub fn remove(&self, negatives: impl Fn(&Picture) -> bool) -> Result<usize, GalleryError> {
        let mut gone = Vec::new();
        self.for_each_picture(|picture| {
            if negatives(&picture) {
                gone.push(picture);
            }
            Ok::<(), GalleryError>(())
        })?;
        if !gone.is_empty() {
            self.write(|writing| remove(writing, &gone))?;
        }
        Ok(gone.len())
    }

    /// Changes path, label, caption, tags and source of the pictures for which `change` returns
    /// `true`. Returns how many.
    ///
    /// # Errors
    /// [`GalleryError`]; then nothing was changed.
    pub fn update(
        &self,
        mut change: impl FnMut(&mut Picture) -> bool,
    ) -> Result<usize, GalleryError> {
        let mut changed = Vec::new();
        self.for_each_picture(|mut picture| {
            if change(&mut picture) {
                changed.push(picture);
            }
            Ok::<(), GalleryError>(())
        })?;
        if !changed.is_empty() {
            self.write(|writing| changed.iter().try_for_each(|p| put_picture(writing, p)))?;
        }
        Ok(changed.len())
    }

    /// Says that the picture with this content is at another place now; `false` if there is none.
    ///
    /// # Errors
    /// [`GalleryError`]; then nothing was changed.
    pub fn moved(&self, hash: &[u8; 32], path: &str, label: &str) -> Result<bool, GalleryError> {
        let Some(mut picture) = self.find_hash(hash)? else {
            return Ok(false);
        };
        self.write(|writing| {
            writing
                .table(FILES)?
                .remove(picture.path.as_str())
                .map_err(storage(writing.path))?;
            (picture.path, picture.label) = (path.into(), label.into());
            put_picture(writing, &picture)
        })?;
        Ok(true)
    }

    /// What became of a file when it was last looked at.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn file(&self, path: &str) -> Result<Option<FileState>, GalleryError> {
        self.read(|reading| {
            let table = reading.table(FILES)?;
            let value = table.get(path).map_err(storage(reading.path))?;
            Ok(value.and_then(|v| serde_json::from_slice(v.value()).ok()))
        })
    }

    /// All files that were looked at, by path.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn files(&self) -> Result<BTreeMap<String, FileState>, GalleryError> {
        self.read(|reading| {
            let table = reading.table(FILES)?;
            let rows = table.iter().map_err(storage(reading.path))?;
            rows.map(|row| {
                let (path, value) = row.map_err(storage(reading.path))?;
                Ok((
                    path.value().to_owned(),
                    parsed(value.value(), reading.path)?,
                ))
            })
            .collect()
        })
    }

    /// Keeps what became of files, so that they need not be read again; `None` forgets one.
    ///
    /// # Errors
    /// [`GalleryError`]; then nothing was kept.
    pub fn record_files(&self, files: &[(String, Option<FileState>)]) -> Result<(), GalleryError> {
        self.write(|writing| {
            let mut table = writing.table(FILES)?;
            for (path, state) in files {
                match state {
                    Some(state) => table
                        .insert(path.as_str(), json(state).as_slice())
                        .map(drop),
                    None => table.remove(path.as_str()).map(drop),
                }
                .map_err(storage(writing.path))?;
            }
            Ok(())
        })
    }
}

fn all_chunks(reading: &ReadTxn<'_>, exact: bool) -> Result<Vec<Chunk>, GalleryError> {
    let mut chunks = Vec::new();
    vectors::each(reading, exact, |chunk| {
        chunks.push(chunk);
        Ok(())
    })?;
    Ok(chunks)
}

fn scanned(
    reading: &ReadTxn<'_>,
    held: Option<&Vec<Chunk>>,
    query: &Query,
) -> Result<Vec<super::top_k::Hit>, GalleryError> {
    let mut scan = Scan::new(query, reading);
    match held {
        Some(chunks) => chunks.iter().try_for_each(|chunk| scan.chunk(chunk))?,
        None => vectors::each(reading, false, |chunk| scan.chunk(&chunk))?,
    }
    scan.finish()
}

/// Of `hits`, nearest first, those that are at least `apart` from all chosen before them.
fn spread(
    reading: &ReadTxn<'_>,
    hits: &[super::top_k::Hit],
    apart: f32,
    top: usize,
) -> Result<Vec<super::top_k::Hit>, GalleryError> {
    let mut chosen: Vec<(super::top_k::Hit, Expression)> = Vec::new();
    for hit in hits {
        if chosen.len() >= top {
            break;
        }
        let expression = expression_of(reading, hit.id)?;
        if chosen
            .iter()
            .all(|(_, other)| other.distance(&expression) >= apart)
        {
            chosen.push((*hit, expression));
        }
    }
    Ok(chosen.into_iter().map(|(hit, _)| hit).collect())
}

/// The chunk whose rows may have this face, and the face's place among them.
fn locate(
    table: &impl ReadableTable<u64, &'static [u8]>,
    face: u64,
    path: &Path,
) -> Result<Option<(u64, usize)>, GalleryError> {
    let end = table
        .last()
        .map_err(storage(path))?
        .map_or(0, |(k, _)| k.value() + 1);
    // The last chunk that begins with no larger id; ids ascend over all chunks.
    let (mut low, mut high, mut found) = (0, end, None);
    while low < high {
        let middle = low + (high - low) / 2;
        let Some((number, value)) = table
            .range(middle..high)
            .map_err(storage(path))?
            .next()
            .transpose()
            .map_err(storage(path))?
        else {
            high = middle;
            continue;
        };
        let rows = chunks::decode_rows(value.value()).ok_or_else(|| cut_off(path))?;
        if rows.first().is_some_and(|r| r.id <= face) {
            found = rows
                .binary_search_by_key(&face, |r| r.id)
                .ok()
                .map(|at| (number.value(), at));
            low = number.value() + 1;
        } else {
            high = middle;
        }
    }
    Ok(found)
}

fn expression_of(reading: &ReadTxn<'_>, face: u64) -> Result<Expression, GalleryError> {
    let missing = || damaged(reading.path, format!("face {face} has no expression"));
    let (chunk, at) = locate(&reading.table(ROWS)?, face, reading.path)?.ok_or_else(missing)?;
    vectors::float(&reading.table(FLOATS)?, chunk, at, reading.path)
}

fn matches(
    reading: &ReadTxn<'_>,
    hits: Vec<super::top_k::Hit>,
) -> Result<Vec<Match>, GalleryError> {
    let missing = |id| damaged(reading.path, format!("face {id} has no entry"));
    let table = reading.table(PICTURES)?;
    let found = |hit: super::top_k::Hit| {
        let entry = entry(&table, hit.id, reading.path)?.ok_or_else(|| missing(hit.id))?;
        Ok(Match::new(entry, hit.squared.sqrt()))
    };
    hits.into_iter().map(found).collect()
}

fn entry(table: &Pictures, face: u64, path: &Path) -> Result<Option<Entry>, GalleryError> {
    let picture = picture_of(table, face, path)?;
    Ok(picture.and_then(|p| p.faces.iter().find(|f| f.id == face).map(|f| p.entry(f))))
}

type Pictures = redb::ReadOnlyTable<u64, &'static [u8]>;

/// The picture with the largest id up to `face`, if that face is one of its own.
fn picture_of(table: &Pictures, face: u64, path: &Path) -> Result<Option<Picture>, GalleryError> {
    let last = table
        .range(..=face)
        .map_err(storage(path))?
        .next_back()
        .transpose();
    let Some((id, value)) = last.map_err(storage(path))? else {
        return Ok(None);
    };
    let picture = picture(id.value(), value.value(), path)?;
    Ok(picture
        .faces
        .iter()
        .any(|f| f.id == face)
        .then_some(picture))
}

pub(super) fn picture(id: u64, value: &[u8], path: &Path) -> Result<Picture, GalleryError> {
    Ok(Picture {
        id,
        ..parsed(value, path)?
    })
}

fn parsed<T: DeserializeOwned>(value: &[u8], path: &Path) -> Result<T, GalleryError> {
    serde_json::from_slice(value)
        .map_err(|e| damaged(path, format!("a record cannot be read: {e}")))
}

/// These types always have a JSON form: no maps with odd keys, and numbers that are not finite
/// become null.
fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

pub(super) fn put_picture(writing: &WriteTxn<'_>, picture: &Picture) -> Result<(), GalleryError> {
    let mut table = writing.table(PICTURES)?;
    table
        .insert(picture.id, json(picture).as_slice())
        .map_err(storage(writing.path))?;
    Ok(())
}

pub(super) fn add(
    writing: &WriteTxn<'_>,
    pictures: &[NewPicture],
) -> Result<Vec<bool>, GalleryError> {
    let mut next = writing.number("next")?.unwrap_or(0);
    let (mut items, mut added) = (Vec::new(), Vec::with_capacity(pictures.len()));
    for picture in pictures {
        added.push(insert_picture(writing, picture, &mut next, &mut items)?);
    }
    append(writing, &items)?;
    writing.set("next", &next.to_le_bytes())?;
    Ok(added)
}

/// Writes all of a picture but its expressions, which are left to the caller, unless its content is
/// known.
fn insert_picture(
    writing: &WriteTxn<'_>,
    new: &NewPicture,
    next: &mut u64,
    items: &mut Vec<FaceVector>,
) -> Result<bool, GalleryError> {
    let failed = storage(writing.path);
    record_file(writing, new)?;
    let id = *next;
    let mut hashes = writing.table(HASHES)?;
    if new.faces.is_empty() || hashes.get(&new.hash).map_err(&failed)?.is_some() {
        return Ok(false);
    }
    hashes.insert(&new.hash, id).map_err(&failed)?;
    let joined = match (&new.looks, new.faces.first()) {
        (Some(looks), Some(first)) => {
            perceptual_hash::join(&mut writing.table(LOOKS)?, id, looks, &first.expression)
                .map_err(&failed)?
        }
        _ => None,
    };
    let table = writing.table(PICTURES)?;
    let other = joined
        .map(|other| table.get(other))
        .transpose()
        .map_err(&failed)?
        .flatten();
    let group = other
        .and_then(|v| serde_json::from_slice::<Picture>(v.value()).ok())
        .map_or(id, |p| p.group);
    drop(table);
    let mut faces = Vec::with_capacity(new.faces.len());
    for face in &new.faces {
        faces.push(stored(*next, face));
        items.push(FaceVector {
            id: *next,
            picture: id,
            group,
            expression: face.expression,
        });
        if let Some(bytes) = &face.thumbnail {
            writing
                .table(THUMBNAILS)?
                .insert(*next, bytes.as_slice())
                .map_err(&failed)?;
        }
        *next += 1;
    }
    let added = if new.added == 0 { now() } else { new.added };
    let picture = Picture {
        id,
        hash: crate::digest::hex(&new.hash),
        path: new.path.clone(),
        label: new.label.clone(),
        caption: new.caption.clone(),
        tags: new.tags.clone(),
        source: new.source.clone(),
        added,
        looks: new.looks,
        group,
        faces,
    };
    put_picture(writing, &picture)?;
    Ok(true)
}

fn stored(id: u64, new: &super::NewFace) -> StoredFace {
    let key_points = new.face.key_points.map_or_else(Vec::new, Vec::from);
    StoredFace {
        id,
        bounding_box: new.face.bounding_box,
        score: new.face.score,
        key_points,
        time: new.time,
    }
}

fn record_file(writing: &WriteTxn<'_>, new: &NewPicture) -> Result<(), GalleryError> {
    let Some(stamp) = new.file else { return Ok(()) };
    let state = FileState {
        stamp,
        hash: crate::digest::hex(&new.hash),
        rejected: None,
    };
    writing
        .table(FILES)?
        .insert(new.path.as_str(), json(&state).as_slice())
        .map_err(storage(writing.path))?;
    Ok(())
}

fn now() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |d| d.as_secs())
}

/// Fills up the last chunk, then starts new ones.
pub(super) fn append(writing: &WriteTxn<'_>, items: &[FaceVector]) -> Result<(), GalleryError> {
    if items.is_empty() {
        return Ok(());
    }
    let last = writing
        .table(ROWS)?
        .last()
        .map_err(storage(writing.path))?
        .map(|(k, v)| (k.value(), v.value().len() / 32));
    let (mut number, mut pending) = match last {
        Some((number, rows)) if rows < CHUNK_ROWS => (number, chunk_items(writing, number)?),
        Some((number, _)) => (number + 1, Vec::new()),
        None => (0, Vec::new()),
    };
    pending.extend_from_slice(items);
    for chunk in pending.chunks(CHUNK_ROWS) {
        put_chunk(writing, number, chunk)?;
        number += 1;
    }
    Ok(())
}

/// A chunk's items; an error if its tables do not fit together.
pub(super) fn chunk_items(
    writing: &WriteTxn<'_>,
    number: u64,
) -> Result<Vec<FaceVector>, GalleryError> {
    let table = writing.table(ROWS)?;
    let value = table.get(number).map_err(storage(writing.path))?;
    let rows = value
        .and_then(|v| chunks::decode_rows(v.value()))
        .ok_or_else(|| cut_off(writing.path))?;
    let floats = all_floats(&writing.table(FLOATS)?, number, writing.path)?;
    if rows.len() != floats.len() {
        return Err(cut_off(writing.path));
    }
    let item = |(row, floats): (chunks::Row, _)| FaceVector {
        id: row.id,
        picture: row.picture,
        group: row.group,
        expression: Expression(floats),
    };
    Ok(rows.into_iter().zip(floats).map(item).collect())
}

/// Writes a chunk's three values; without items it is taken away.
pub(super) fn put_chunk(
    writing: &WriteTxn<'_>,
    number: u64,
    items: &[FaceVector],
) -> Result<(), GalleryError> {
    let failed = storage(writing.path);
    let (mut rows, mut codes, mut floats) = (
        writing.table(ROWS)?,
        writing.table(CODES)?,
        writing.table(FLOATS)?,
    );
    let encoded = chunks::encode(items);
    if items.is_empty() {
        rows.remove(number).map_err(&failed)?;
        codes.remove(number).map_err(&failed)?;
    } else {
        rows.insert(number, encoded.rows.as_slice())
            .map_err(&failed)?;
        codes
            .insert(number, encoded.codes.as_slice())
            .map_err(&failed)?;
    }
    for part in 0..PARTS {
        let at = number * PARTS as u64 + part as u64;
        match encoded.floats.get(part) {
            Some(value) => floats.insert(at, value.as_slice()).map(drop),
            None => floats.remove(at).map(drop),
        }
        .map_err(&failed)?;
    }
    Ok(())
}

fn remove(writing: &WriteTxn<'_>, gone: &[Picture]) -> Result<(), GalleryError> {
    let failed = storage(writing.path);
    let faces: HashSet<u64> = gone
        .iter()
        .flat_map(|p| p.faces.iter().map(|f| f.id))
        .collect();
    let mut touched = BTreeSet::new();
    {
        let rows = writing.table(ROWS)?;
        for face in &faces {
            touched.extend(locate(&rows, *face, writing.path)?.map(|(number, _)| number));
        }
    }
    for number in touched {
        let mut items = chunk_items(writing, number)?;
        items.retain(|item| !faces.contains(&item.id));
        put_chunk(writing, number, &items)?;
    }
    for picture in gone {
        writing
            .table(PICTURES)?
            .remove(picture.id)
            .map_err(&failed)?;
        writing
            .table(FILES)?
            .remove(picture.path.as_str())
            .map_err(&failed)?;
        if let Some(hash) = crate::digest::from_hex(&picture.hash) {
            writing.table(HASHES)?.remove(&hash).map_err(&failed)?;
        }
        if let Some(looks) = &picture.looks {
            perceptual_hash::leave(&mut writing.table(LOOKS)?, picture.id, looks)
                .map_err(&failed)?;
        }
        for face in &picture.faces {
            writing
                .table(THUMBNAILS)?
                .remove(face.id)
                .map_err(&failed)?;
        }
    }
    Ok(())
}
