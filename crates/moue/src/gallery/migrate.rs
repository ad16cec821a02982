//! From older formats to the newest.
//!
//! Format 1 kept rows of 64 floats with face and picture in `vectors`, an entry for each face in
//! `entries`, and the pictures' hashes in `pictures`.

use super::GalleryError;
use super::api::{append, put_picture};
use super::chunks::FaceVector;
use super::open::{WriteTxn, damaged, make_tables, storage};
use super::records::{Entry, Picture, StoredFace};
use super::tables::HASHES;
use crate::embed::{EXPRESSION_LEN, Expression};
use redb::{ReadableTable, TableDefinition};
use serde::Deserialize;
use std::collections::BTreeMap;

const VECTORS: TableDefinition<u64, &[u8]> = TableDefinition::new("vectors");
const ENTRIES: TableDefinition<u64, &[u8]> = TableDefinition::new("entries");
const PICTURES: TableDefinition<&[u8], &[u8]> = TableDefinition::new("pictures");
const ROW_BYTES: usize = 8 + 8 + 4 * EXPRESSION_LEN;

#[derive(Deserialize)]
struct Known {
    picture: u64,
}

/// Brings a file of format 1 up to date.
pub(super) fn from_first(writing: &WriteTxn<'_>) -> Result<(), GalleryError> {
    make_tables(writing)?;
    let mut pictures = BTreeMap::<u64, Picture>::new();
    for (id, entry) in entries(writing)? {
        let face = StoredFace {
            id,
            bounding_box: entry.bounding_box,
            score: entry.score,
            key_points: entry.key_points.clone(),
            time: None,
        };
        pictures
            .entry(entry.picture)
            .or_insert_with(|| bare(&entry))
            .faces
            .push(face);
    }
    let hashes = hashes(writing)?;
    for (id, picture) in &mut pictures {
        let hash = hashes
            .get(id)
            .ok_or_else(|| damaged(writing.path, format!("picture {id} has no hash")))?;
        picture.hash = crate::digest::hex(hash);
        writing
            .table(HASHES)?
            .insert(hash, *id)
            .map_err(storage(writing.path))?;
        put_picture(writing, picture)?;
    }
    append(writing, &items(writing)?)?;
    for old in [VECTORS, ENTRIES] {
        writing
            .transaction
            .delete_table(old)
            .map_err(storage(writing.path))?;
    }
    writing
        .transaction
        .delete_table(PICTURES)
        .map(drop)
        .map_err(storage(writing.path))
}

fn bare(entry: &Entry) -> Picture {
    Picture {
        id: entry.picture,
        hash: String::new(),
        path: entry.path.clone(),
        label: entry.label.clone(),
        caption: None,
        tags: entry.tags.clone(),
        source: String::new(),
        added: 0,
        looks: None,
        group: entry.picture,
        faces: Vec::new(),
    }
}

fn entries(writing: &WriteTxn<'_>) -> Result<Vec<(u64, Entry)>, GalleryError> {
    let table = writing.table(ENTRIES)?;
    let rows = table.iter().map_err(storage(writing.path))?;
    rows.map(|row| {
        let (id, value) = row.map_err(storage(writing.path))?;
        let entry = serde_json::from_slice(value.value()).map_err(|e| damaged(writing.path, e))?;
        Ok((id.value(), entry))
    })
    .collect()
}

fn hashes(writing: &WriteTxn<'_>) -> Result<BTreeMap<u64, [u8; 32]>, GalleryError> {
    let table = writing.table(PICTURES)?;
    let rows = table.iter().map_err(storage(writing.path))?;
    rows.map(|row| {
        let (hash, value) = row.map_err(storage(writing.path))?;
        let known: Known =
            serde_json::from_slice(value.value()).map_err(|e| damaged(writing.path, e))?;
        let hash = hash
            .value()
            .try_into()
            .map_err(|e| damaged(writing.path, e))?;
        Ok((known.picture, hash))
    })
    .collect()
}

fn items(writing: &WriteTxn<'_>) -> Result<Vec<FaceVector>, GalleryError> {
    let table = writing.table(VECTORS)?;
    let mut items = Vec::new();
    for chunk in table.iter().map_err(storage(writing.path))? {
        let (_, value) = chunk.map_err(storage(writing.path))?;
        items.extend(value.value().as_chunks::<ROW_BYTES>().0.iter().map(item));
    }
    items.sort_by_key(|i| i.id);
    Ok(items)
}

fn item(bytes: &[u8; ROW_BYTES]) -> FaceVector {
    let long = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]));
    let float = |j: usize| f32::from_le_bytes(std::array::from_fn(|i| bytes[16 + 4 * j + i]));
    FaceVector {
        id: long(0),
        picture: long(8),
        group: long(8),
        expression: Expression(std::array::from_fn(float)),
    }
}
