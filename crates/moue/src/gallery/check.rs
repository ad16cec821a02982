//! Whether a gallery is whole, and mending what can be mended.

use super::api::{append, chunk_items, picture, put_picture};
use super::chunks::{CHUNK_ROWS, FaceVector, decode_rows};
use super::open::{Gallery, WriteTxn, storage};
use super::records::Picture;
use super::tables::{CODES, FLOATS, HASHES, LOOKS, PICTURES, ROWS};
use super::{GalleryError, perceptual_hash};
use crate::embed::Expression;
use redb::ReadableTable;
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};

/// What [`Gallery::verify`] found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// Pictures that are whole.
    pub pictures: u64,
    /// Faces that are whole.
    pub faces: u64,
    /// What is wrong.
    pub problems: Vec<String>,
    /// Whether it was mended: what could not be read is gone, what is derived was made again.
    pub repaired: bool,
}

/// Vectors may differ so much from length 1.
const LENGTH_ERROR: f32 = 1e-2;

impl Gallery {
    /// Looks at every page, record and vector. With `repair` the gallery must be open for writing;
    /// pictures and faces that cannot be read are dropped then and all that is derived from the
    /// others is written anew.
    ///
    /// # Errors
    /// [`GalleryError`] if the file cannot be read or written at all.
    pub fn verify(&mut self, repair: bool) -> Result<Report, GalleryError> {
        let mut problems = Vec::new();
        if repair && !self.check_pages()? {
            problems.push("some pages were damaged".into());
        }
        let mut report = self.read(|reading| {
            let pictures = reading.table(PICTURES)?;
            let read = pictures.iter().map_err(storage(reading.path))?;
            let (kept, hashes) = known_pictures(read, reading.path, &mut problems)?;
            let table = reading.table(HASHES)?;
            for (id, hash) in hashes {
                if table
                    .get(&hash)
                    .map_err(storage(reading.path))?
                    .map(|v| v.value())
                    != Some(id)
                {
                    problems.push(format!("picture {id} is not found by its content"));
                }
            }
            let mut faces = 0;
            let (rows, codes, floats) = (
                reading.table(ROWS)?,
                reading.table(CODES)?,
                reading.table(FLOATS)?,
            );
            let mut seen = HashSet::new();
            for chunk in rows.iter().map_err(storage(reading.path))? {
                let (number, value) = chunk.map_err(storage(reading.path))?;
                let number = number.value();
                let rows = decode_rows(value.value()).unwrap_or_default();
                let values =
                    super::vectors::all_floats(&floats, number, reading.path).unwrap_or_default();
                let coded = codes
                    .get(number)
                    .map_err(storage(reading.path))?
                    .map_or(0, |v| v.value().len() / 64);
                if rows.is_empty() || rows.len() != values.len() || rows.len() != coded {
                    problems.push(format!("chunk {number} is cut off"));
                }
                for (row, value) in rows.iter().zip(values) {
                    match kept.get(&row.id) {
                        _ if !is_unit(&Expression(value)) => {
                            problems.push(format!("face {} has no expression", row.id))
                        }
                        Some(picture) if *picture == row.picture && seen.insert(row.id) => {
                            faces += 1
                        }
                        _ => problems.push(format!("face {} belongs to no picture", row.id)),
                    }
                }
            }
            problems.extend(
                kept.keys()
                    .filter(|id| !seen.contains(id))
                    .map(|id| format!("face {id} has no vector")),
            );
            let pictures: HashSet<u64> = kept.values().copied().collect();
            Ok(Report {
                pictures: pictures.len() as u64,
                faces,
                problems: std::mem::take(&mut problems),
                repaired: false,
            })
        })?;
        if repair && !report.problems.is_empty() {
            self.write(mend)?;
            report.repaired = true;
        }
        Ok(report)
    }
}

fn is_unit(expression: &Expression) -> bool {
    (expression.0.iter().map(|v| v * v).sum::<f32>() - 1.0).abs() < LENGTH_ERROR
}

type Pictures = (BTreeMap<u64, u64>, Vec<(u64, [u8; 32])>);

/// The picture of every face, and every picture's hash.
fn known_pictures(
    read: redb::Range<'_, u64, &'static [u8]>,
    path: &std::path::Path,
    problems: &mut Vec<String>,
) -> Result<Pictures, GalleryError> {
    let (mut faces, mut hashes) = (BTreeMap::new(), Vec::new());
    for row in read {
        let (id, value) = row.map_err(storage(path))?;
        match picture(id.value(), value.value(), path) {
            Ok(picture) => {
                faces.extend(picture.faces.iter().map(|f| (f.id, picture.id)));
                hashes
                    .extend(crate::digest::from_hex(&picture.hash).map(|hash| (picture.id, hash)));
            }
            Err(error) => problems.push(error.to_string()),
        }
    }
    Ok((faces, hashes))
}

/// Writes everything anew from the records and vectors that can be read.
fn mend(writing: &WriteTxn<'_>) -> Result<(), GalleryError> {
    let vectors = readable_vectors(writing)?;
    let pictures = readable_pictures(writing)?;
    for chunks in [ROWS, CODES, FLOATS] {
        writing
            .transaction
            .delete_table(chunks)
            .map_err(storage(writing.path))?;
        writing.table(chunks)?;
    }
    writing
        .transaction
        .delete_table(HASHES)
        .map_err(storage(writing.path))?;
    writing
        .transaction
        .delete_table(LOOKS)
        .map_err(storage(writing.path))?;
    writing
        .transaction
        .delete_table(PICTURES)
        .map_err(storage(writing.path))?;
    let _ = (
        writing.table(HASHES)?,
        writing.table(LOOKS)?,
        writing.table(PICTURES)?,
    );
    let mut items = Vec::new();
    for mut picture in pictures {
        picture.faces.retain(|face| vectors.contains_key(&face.id));
        let (Some(first), Some(hash)) = (
            picture.faces.first(),
            crate::digest::from_hex(&picture.hash),
        ) else {
            continue;
        };
        let expression = vectors[&first.id];
        if let Some(looks) = &picture.looks {
            perceptual_hash::join(&mut writing.table(LOOKS)?, picture.id, looks, &expression)
                .map_err(storage(writing.path))?;
        }
        writing
            .table(HASHES)?
            .insert(&hash, picture.id)
            .map_err(storage(writing.path))?;
        put_picture(writing, &picture)?;
        let item = |f: &super::StoredFace| FaceVector {
            id: f.id,
            picture: picture.id,
            group: picture.group,
            expression: vectors[&f.id],
        };
        items.extend(picture.faces.iter().map(item));
    }
    items.sort_by_key(|i| i.id);
    items.dedup_by_key(|i| i.id);
    let largest = items
        .last()
        .map_or(0, |i| i.id + 1)
        .max(writing.number("next")?.unwrap_or(0));
    writing.set("next", &largest.to_le_bytes())?;
    items
        .chunks(CHUNK_ROWS)
        .try_for_each(|chunk| append(writing, chunk))
}

fn readable_vectors(writing: &WriteTxn<'_>) -> Result<BTreeMap<u64, Expression>, GalleryError> {
    let numbers: Vec<u64> = {
        let table = writing.table(ROWS)?;
        table
            .iter()
            .map_err(storage(writing.path))?
            .map_while(|r| r.ok().map(|(k, _)| k.value()))
            .collect()
    };
    let whole = numbers
        .into_iter()
        .filter_map(|number| chunk_items(writing, number).ok())
        .flatten();
    Ok(whole
        .filter(|i| is_unit(&i.expression))
        .map(|i| (i.id, i.expression))
        .collect())
}

fn readable_pictures(writing: &WriteTxn<'_>) -> Result<Vec<Picture>, GalleryError> {
    let table = writing.table(PICTURES)?;
    let rows = table.iter().map_err(storage(writing.path))?;
    Ok(rows
        .filter_map(|r| {
            r.ok()
                .and_then(|(id, v)| picture(id.value(), v.value(), writing.path).ok())
        })
        .collect())
}
