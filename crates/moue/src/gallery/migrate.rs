//! From older formats to the newest.
//!
//! Format 2 had the values of the newest without envelopes and checksums, and a chunk's expressions
//! in 16 parts of 250.
//!
//! Format 1 kept rows of 64 floats with face and picture in `vectors`, an entry for each face in
//! `entries`, and the pictures' hashes in `pictures`.

use super::chunks::{FaceVector, Row};
use super::database::WriteTxn;
use super::encoding;
use super::error::Fault;
use super::records::{Entry, Picture, StoredFace};
use super::seal::{self, Kind};
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

/// Migrates a file of the format `found`.
pub(super) fn from(found: u64, writing: &WriteTxn) -> Result<(), Fault> {
    match found {
        1 => from_first(writing),
        2 => from_second(writing),
        _ => Err(Fault::Older { found }),
    }
}

/// Parts of a chunk in format 2.
const SECOND_PARTS: u64 = 16;

fn from_second(writing: &WriteTxn) -> Result<(), Fault> {
    make_tables(writing)?;
    // From the last on: a chunk's new parts have larger keys than its old ones, and would take the
    // places of the next chunk's old parts.
    for number in keys(writing, ROWS)?.into_iter().rev() {
        let faces = second_chunk(writing, number)?;
        for part in 0..SECOND_PARTS {
            writing
                .table(FLOATS)?
                .remove(number * SECOND_PARTS + part)?;
        }
        write::put_chunk(writing, number, &faces)?;
    }
    seal_all(writing, super::tables::PICTURES, Kind::Picture)?;
    seal_all(writing, THUMBNAILS, Kind::Thumbnail)?;
    let files = writing.table(FILES)?;
    let paths = files.iter()?.map(|record| Ok(record?.0.value().to_owned()));
    let paths: Vec<String> = paths.collect::<Result<_, Fault>>()?;
    drop(files);
    for path in paths {
        let mut files = writing.table(FILES)?;
        let json = files.get(path.as_str())?.map(|v| v.value().to_vec());
        let record = writing.sealed(Kind::File, seal::path_key(&path), &json.unwrap_or_default());
        files.insert(path.as_str(), record.as_slice())?;
    }
    Ok(())
}

fn keys(
    writing: &WriteTxn,
    table: TableDefinition<'_, u64, &'static [u8]>,
) -> Result<Vec<u64>, Fault> {
    let table = writing.table(table)?;
    let keys = table.iter()?.map(|record| Ok(record?.0.value()));
    keys.collect()
}

/// Puts all values of a table into envelopes, one after the other: together they may be larger than
/// memory.
fn seal_all(
    writing: &WriteTxn,
    table: TableDefinition<'_, u64, &'static [u8]>,
    kind: Kind,
) -> Result<(), Fault> {
    for key in keys(writing, table)? {
        let mut table = writing.table(table)?;
        let content = table.get(key)?.map(|v| v.value().to_vec());
        let record = writing.sealed(kind, key, &content.unwrap_or_default());
        table.insert(key, record.as_slice())?;
    }
    Ok(())
}

/// The faces of a chunk of format 2.
fn second_chunk(writing: &WriteTxn, number: u64) -> Result<Vec<FaceVector>, Fault> {
    let table = writing.table(ROWS)?;
    let bytes = table.get(number)?.ok_or_else(Fault::cut_off)?;
    let rows = encoding::decode_rows(bytes.value()).ok_or_else(Fault::cut_off)?;
    let mut values = Vec::new();
    let first = number * SECOND_PARTS;
    for part in writing.table(FLOATS)?.range(first..first + SECOND_PARTS)? {
        let (_, bytes) = part?;
        values.extend(encoding::decode_plain(bytes.value()).ok_or_else(Fault::cut_off)?);
    }
    if rows.len() != values.len() {
        return Err(Fault::cut_off());
    }
    let face = |(row, expression): (&Row, Expression)| FaceVector {
        id: row.id,
        picture: row.picture,
        group: row.group,
        expression,
    };
    Ok(rows.iter().zip(values).map(face).collect())
}

/// Migrates a file of format 1.
fn from_first(writing: &WriteTxn) -> Result<(), Fault> {
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
        words: None,
        tags: entry.tags.clone(),
        source: String::new(),
        added: 0,
        hidden: false,
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
