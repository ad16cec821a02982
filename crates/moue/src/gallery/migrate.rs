//! From older formats to the newest.
//!
//! Format 1 kept rows of 64 floats with face and picture in `vectors`, an entry for each face in
//! `entries`, and the pictures' hashes in `pictures`.

use super::chunks::FaceVector;
use super::database::WriteTxn;
use super::error::Fault;
use super::records::{Entry, Picture, StoredFace};
use super::tables::{BANDS, CODES, FILES, FLOATS, FORMAT, HASHES, ROWS, THUMBNAILS, meta};
use super::write;
use crate::embed::{EXPRESSION_LEN, Expression};
use redb::{ReadableTable, TableDefinition};
use serde::Deserialize;
use std::collections::BTreeMap;

const VECTORS: TableDefinition<u64, &[u8]> = TableDefinition::new("vectors");
const ENTRIES: TableDefinition<u64, &[u8]> = TableDefinition::new("entries");
const PICTURES: TableDefinition<&[u8], &[u8]> = TableDefinition::new("pictures");
const ROW_BYTES: usize = 8 + 8 + 4 * EXPRESSION_LEN;

/// Makes all tables of the newest format and marks the file as of that format.
pub(super) fn make_tables(writing: &WriteTxn) -> Result<(), Fault> {
    // In the same transaction as what is migrated: a crash leaves the old format whole.
    writing.set(meta::FORMAT, &FORMAT.to_le_bytes())?;
    writing.table(HASHES)?;
    for numbered in [super::tables::PICTURES, ROWS, CODES, FLOATS, THUMBNAILS] {
        writing.table(numbered)?;
    }
    writing.table(BANDS)?;
    writing.table(FILES)?;
    Ok(())
}

/// Migrates a file of format 1.
pub(super) fn from_first(writing: &WriteTxn) -> Result<(), Fault> {
    make_tables(writing)?;
    let content_hashes = content_hashes(writing)?;
    for mut picture in pictures(writing)? {
        let id = picture.id;
        let missing = || Fault::damaged(format_args!("picture {id} has no hash"));
        let hash = content_hashes.get(&id).ok_or_else(missing)?;
        picture.hash = crate::digest::hex(hash);
        writing.table(HASHES)?.insert(hash, id)?;
        write::put_picture(writing, &picture)?;
    }
    write::append(writing, &vectors(writing)?)?;
    // Left in the file they would only take space; `compact` returns it.
    writing.delete_table(VECTORS)?;
    writing.delete_table(ENTRIES)?;
    writing.delete_table(PICTURES)
}

/// The pictures of all entries, still without hashes.
fn pictures(writing: &WriteTxn) -> Result<impl Iterator<Item = Picture>, Fault> {
    // The format had a record for each face, the picture's texts in each of them.
    let mut pictures = BTreeMap::<u64, Picture>::new();
    for entry in writing.table(ENTRIES)?.iter()? {
        let (id, json) = entry?;
        let entry: Entry = serde_json::from_slice(json.value())?;
        let picture = pictures
            .entry(entry.picture)
            .or_insert_with(|| without_faces(&entry));
        picture.faces.push(StoredFace {
            id: id.value(),
            bounding_box: entry.bounding_box,
            score: entry.score,
            key_points: entry.key_points,
            time: None,
        });
    }
    Ok(pictures.into_values())
}

fn without_faces(entry: &Entry) -> Picture {
    Picture {
        id: entry.picture,
        hash: String::new(),
        path: entry.path.clone(),
        label: entry.label.clone(),
        caption: None,
        tags: entry.tags.clone(),
        source: String::new(),
        added: 0,
        perceptual_hash: None,
        group: entry.picture,
        faces: Vec::new(),
    }
}

#[derive(Deserialize)]
struct HashedPicture {
    picture: u64,
}

/// Each picture's content hash.
fn content_hashes(writing: &WriteTxn) -> Result<BTreeMap<u64, [u8; 32]>, Fault> {
    let mut content_hashes = BTreeMap::new();
    for record in writing.table(PICTURES)?.iter()? {
        let (hash, json) = record?;
        let hashed: HashedPicture = serde_json::from_slice(json.value())?;
        let hash = hash.value().try_into().map_err(Fault::damaged)?;
        content_hashes.insert(hashed.picture, hash);
    }
    Ok(content_hashes)
}

/// All faces' expressions, by id.
fn vectors(writing: &WriteTxn) -> Result<Vec<FaceVector>, Fault> {
    let mut vectors = Vec::new();
    for chunk in writing.table(VECTORS)?.iter()? {
        let (_, bytes) = chunk?;
        let (rows, _) = bytes.value().as_chunks::<ROW_BYTES>();
        vectors.extend(rows.iter().map(decode));
    }
    // Chunks need ascending ids, whatever the order of the old rows.
    vectors.sort_by_key(|v| v.id);
    Ok(vectors)
}

fn decode(bytes: &[u8; ROW_BYTES]) -> FaceVector {
    let long = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]));
    let float = |j: usize| f32::from_le_bytes(std::array::from_fn(|i| bytes[16 + 4 * j + i]));
    FaceVector {
        id: long(0),
        picture: long(8),
        // The format knew no near-duplicates: each picture is a group of its own.
        group: long(8),
        expression: Expression(std::array::from_fn(float)),
    }
}
