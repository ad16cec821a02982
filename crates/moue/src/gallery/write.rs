//! Adding, changing and removing pictures within a transaction.

use super::chunks::{CHUNK_ROWS, FaceVector, Row};
use super::database::WriteTxn;
use super::encoding::{self, PARTS, ROW_BYTES};
use super::error::Fault;
use super::file_state::FileState;
use super::hidden::Hidden;
use super::near_duplicates::{self, BandKey, BandValue, Bands};
use super::records::{NewFace, NewPicture, Picture};
use super::seal::{self, HEAD, Kind};
use super::tables::{BANDS, CODES, FILES, FLOATS, HASHES, PICTURES, ROWS, THUMBNAILS, meta};
use super::{hidden_list, read, vectors};
use crate::embed::Expression;
use redb::{ReadableTable, Table};
use serde::Serialize;
use std::collections::{BTreeSet, HashSet};

/// Adds the pictures that are new; returns for each whether it was.
pub(super) fn add(writing: &WriteTxn, pictures: &[NewPicture]) -> Result<Vec<bool>, Fault> {
    let mut next = writing.number(meta::NEXT)?.unwrap_or(0);
    let mut faces = Vec::new();
    let mut added = Vec::with_capacity(pictures.len());
    // Written only if it has changed: most pictures are not hidden.
    let before = hidden_list::load(writing)?;
    let mut hidden = before.clone();
    for picture in pictures {
        let new = insert_picture(writing, picture, next, &mut faces, &mut hidden)?;
        next += if new { picture.faces.len() as u64 } else { 0 };
        added.push(new);
    }
    // Once for all pictures, as a chunk is encoded and written as a whole.
    append(writing, &faces)?;
    if hidden != before {
        hidden_list::store(writing, &hidden)?;
    }
    writing.set(meta::NEXT, &next.to_le_bytes())?;
    Ok(added)
}

/// Removes the pictures with the contents `gone`, then adds as [`add`] does.
pub(super) fn replace(
    writing: &WriteTxn,
    gone: &[[u8; 32]],
    pictures: &[NewPicture],
) -> Result<Vec<bool>, Fault> {
    let mut old = Vec::new();
    for hash in gone {
        let id = writing.table(HASHES)?.get(hash)?.map(|id| id.value());
        let Some(id) = id else { continue };
        if let Some(record) = writing.table(PICTURES)?.get(id)? {
            old.push(seal::picture(id, record.value())?);
        }
    }
    remove(writing, &old)?;
    add(writing, pictures)
}

/// Writes all of a picture but its expressions, which are left to the caller in `vectors`. Returns
/// `false` and writes nothing but its file's state if it has no face or its content is known.
fn insert_picture(
    writing: &WriteTxn,
    new: &NewPicture,
    id: u64,
    vectors: &mut Vec<FaceVector>,
    hidden: &mut Hidden,
) -> Result<bool, Fault> {
    // Also of a picture that is known or has no face: its file need not be read again.
    record_file_of(writing, new)?;
    let mut by_hash = writing.table(HASHES)?;
    if new.faces.is_empty() || by_hash.get(&new.hash)?.is_some() {
        return Ok(false);
    }
    require_numbers(new)?;
    by_hash.insert(&new.hash, id)?;
    let group = group_of(writing, new, id)?;
    // A picture's id is that of its first face, by which a face finds its picture.
    let mut picture = Picture::from_new(id, group, new);
    picture.hidden = hidden.covers(new);
    if picture.hidden {
        hidden.insert_new(new, id);
    }
    put_picture(writing, &picture)?;
    for (stored, face) in picture.faces.iter().zip(&new.faces) {
        vectors.push(FaceVector {
            id: stored.id,
            picture: id,
            group,
            expression: face.expression,
        });
        if let Some(bytes) = &face.thumbnail {
            put_thumbnail(writing, stored.id, bytes)?;
        }
    }
    Ok(true)
}

/// Refuses what JSON cannot hold: it would be stored as `null`, and the record never read again. And
/// expressions that are no unit vectors.
fn require_numbers(new: &NewPicture) -> Result<(), Fault> {
    let are_finite = |face: &NewFace| {
        let b = face.face.bounding_box;
        let numbers = [b.xmin, b.ymin, b.width, b.height, face.face.score];
        let points = face.face.key_points.iter().flatten().flatten();
        let mut all = numbers.iter().chain(points).chain(&face.expression.0);
        all.all(|value| value.is_finite())
    };
    let path = &new.path;
    if !new.faces.iter().all(are_finite) {
        return Err(Fault::storage(format_args!(
            "a number of a face of {path} is not finite"
        )));
    }
    // Searches rely on it, and a repair would take such a face for a damaged one.
    if !new.faces.iter().all(|f| f.expression.is_unit()) {
        return Err(Fault::storage(format_args!(
            "an expression of {path} has not length 1"
        )));
    }
    Ok(())
}

/// The group of the picture that `new` is a near-duplicate of, else one of its own.
fn group_of(writing: &WriteTxn, new: &NewPicture, id: u64) -> Result<u64, Fault> {
    let (Some(hash), Some(first)) = (&new.perceptual_hash, new.faces.first()) else {
        return Ok(id);
    };
    let mut bands = writing.table(BANDS)?;
    let Some(other) = near_duplicates::insert(&mut bands, id, hash, &first.expression)? else {
        return Ok(id);
    };
    let pictures = writing.table(PICTURES)?;
    let json = pictures.get(other)?;
    // A record that cannot be read is no reason to refuse a picture; `verify` reports it.
    let other = json.and_then(|j| seal::picture(other, j.value()).ok());
    Ok(other.map_or(id, |p| p.group))
}

fn record_file_of(writing: &WriteTxn, new: &NewPicture) -> Result<(), Fault> {
    let Some(stamp) = new.file else { return Ok(()) };
    let state = FileState {
        stamp,
        hash: crate::digest::hex(&new.hash),
        rejected: None,
    };
    record_files(writing, &[(new.path.clone(), Some(state))])
}

/// Records files' states; `None` removes one.
pub(super) fn record_files(
    writing: &WriteTxn,
    files: &[(String, Option<FileState>)],
) -> Result<(), Fault> {
    let mut table = writing.table(FILES)?;
    for (path, state) in files {
        match state {
            Some(state) => {
                let key = seal::path_key(path);
                let record = writing.sealed(Kind::File, key, &json(state)?);
                table.insert(path.as_str(), record.as_slice())?
            }
            None => table.remove(path.as_str())?,
        };
    }
    Ok(())
}

pub(super) fn put_picture(writing: &WriteTxn, picture: &Picture) -> Result<(), Fault> {
    let record = writing.sealed(Kind::Picture, picture.id, &json(picture)?);
    let mut pictures = writing.table(PICTURES)?;
    pictures.insert(picture.id, record.as_slice())?;
    Ok(())
}

pub(super) fn put_thumbnail(writing: &WriteTxn, face: u64, jpeg: &[u8]) -> Result<(), Fault> {
    let record = writing.sealed(Kind::Thumbnail, face, jpeg);
    writing.table(THUMBNAILS)?.insert(face, record.as_slice())?;
    Ok(())
}

fn json(record: &impl Serialize) -> Result<Vec<u8>, Fault> {
    Ok(serde_json::to_vec(record)?)
}

/// Fills up the last chunk, then starts new ones.
pub(super) fn append(writing: &WriteTxn, faces: &[FaceVector]) -> Result<(), Fault> {
    if faces.is_empty() {
        return Ok(());
    }
    let (mut number, mut pending) = match last_chunk(writing)? {
        Some((number, rows)) if rows < CHUNK_ROWS => (number, read_chunk(writing, number)?),
        Some((number, _)) => (number + 1, Vec::new()),
        None => (0, Vec::new()),
    };
    // Ids only grow, so appending keeps them ascending.
    pending.extend_from_slice(faces);
    for chunk in pending.chunks(CHUNK_ROWS) {
        put_chunk(writing, number, chunk)?;
        number += 1;
    }
    Ok(())
}

/// Number of the last chunk and of its rows.
fn last_chunk(writing: &WriteTxn) -> Result<Option<(u64, usize)>, Fault> {
    let rows = writing.table(ROWS)?;
    let last = rows.last()?;
    let len = |bytes: &[u8]| bytes.len().saturating_sub(HEAD) / ROW_BYTES;
    Ok(last.map(|(number, bytes)| (number.value(), len(bytes.value()))))
}

/// A chunk's faces; an error if its tables do not fit together.
pub(super) fn read_chunk(writing: &WriteTxn, number: u64) -> Result<Vec<FaceVector>, Fault> {
    let table = writing.table(ROWS)?;
    let bytes = table.get(number)?.ok_or_else(Fault::cut_off)?;
    let rows = vectors::rows_of(number, bytes.value())?;
    let values = vectors::chunk_values(&writing.table(FLOATS)?, number)?;
    if rows.len() != values.len() {
        return Err(Fault::cut_off());
    }
    let face = |(row, value): (Row, _)| FaceVector {
        id: row.id,
        picture: row.picture,
        group: row.group,
        expression: Expression(value),
    };
    Ok(rows.into_iter().zip(values).map(face).collect())
}

/// Writes a chunk to the three tables; one without faces is removed.
pub(super) fn put_chunk(
    writing: &WriteTxn,
    number: u64,
    faces: &[FaceVector],
) -> Result<(), Fault> {
    let encoded = encoding::encode(faces);
    let mut rows = writing.table(ROWS)?;
    let mut codes = writing.table(CODES)?;
    if faces.is_empty() {
        rows.remove(number)?;
        codes.remove(number)?;
    } else {
        let sealed = |kind, content: &[u8]| writing.sealed(kind, number, content);
        rows.insert(number, sealed(Kind::Rows, &encoded.rows).as_slice())?;
        codes.insert(number, sealed(Kind::Codes, &encoded.codes).as_slice())?;
    }
    // Parts that the chunk no longer reaches are removed.
    let mut floats = writing.table(FLOATS)?;
    for part in 0..PARTS {
        let key = number * PARTS as u64 + part as u64;
        match encoded.parts.get(part) {
            Some(bytes) => {
                floats.insert(key, writing.sealed(Kind::Floats, key, bytes).as_slice())?
            }
            None => floats.remove(key)?,
        };
    }
    Ok(())
}

/// Removes pictures with all that belongs to them.
pub(super) fn remove(writing: &WriteTxn, pictures: &[Picture]) -> Result<(), Fault> {
    if pictures.is_empty() {
        return Ok(());
    }
    remove_vectors(writing, pictures)?;
    for picture in pictures {
        remove_records(writing, picture)?;
    }
    // A copy's record would make it count as known, and its path would stay in the file.
    let gone: HashSet<&str> = pictures.iter().map(|p| p.hash.as_str()).collect();
    let is_kept = |path: &str, record: &[u8]| {
        read::file_state(path, record).is_ok_and(|state| !gone.contains(state.hash.as_str()))
    };
    writing.table(FILES)?.retain(is_kept)?;
    Ok(())
}

fn remove_vectors(writing: &WriteTxn, pictures: &[Picture]) -> Result<(), Fault> {
    let faces = pictures.iter().flat_map(|p| p.faces.iter().map(|f| f.id));
    let faces: HashSet<u64> = faces.collect();
    let mut touched = BTreeSet::new();
    for face in &faces {
        let place = vectors::locate(&writing.table(ROWS)?, *face)?;
        touched.extend(place.map(|(chunk, _)| chunk));
    }
    // A chunk that lost rows is rewritten but not joined with others: a removal touches few.
    for number in touched {
        let mut kept = read_chunk(writing, number)?;
        kept.retain(|face| !faces.contains(&face.id));
        put_chunk(writing, number, &kept)?;
    }
    Ok(())
}

fn remove_records(writing: &WriteTxn, picture: &Picture) -> Result<(), Fault> {
    writing.table(PICTURES)?.remove(picture.id)?;
    if let Some(hash) = crate::digest::from_hex(&picture.hash) {
        writing.table(HASHES)?.remove(&hash)?;
    }
    if let Some(hash) = &picture.perceptual_hash {
        near_duplicates::remove(&mut writing.table(BANDS)?, picture.id, hash)?;
    }
    let mut thumbnails = writing.table(THUMBNAILS)?;
    for face in &picture.faces {
        thumbnails.remove(face.id)?;
    }
    Ok(())
}

impl Bands for Table<'_, &'static BandKey, &'static BandValue> {
    fn visit(
        &self,
        from: &BandKey,
        to: &BandKey,
        limit: usize,
        body: &mut dyn FnMut(&BandKey, &BandValue),
    ) -> Result<(), Fault> {
        for entry in self.range::<&BandKey>(from..=to)?.take(limit) {
            let (key, value) = entry?;
            body(key.value(), value.value());
        }
        Ok(())
    }

    fn put(&mut self, key: BandKey, value: BandValue) -> Result<(), Fault> {
        self.insert(&key, &value)?;
        Ok(())
    }

    fn delete(&mut self, key: &BandKey) -> Result<(), Fault> {
        self.remove(key)?;
        Ok(())
    }
}
