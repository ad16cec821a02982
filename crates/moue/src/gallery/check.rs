//! Verifying a gallery, and repairing what can be repaired.

use super::chunks::{CHUNK_ROWS, FaceVector, Row};
use super::database::{ReadTxn, WriteTxn};
use super::encoding;
use super::error::Fault;
use super::near_duplicates;
use super::records::Picture;
use super::tables::{BANDS, CODES, FLOATS, HASHES, PICTURES, ROWS, meta};
use super::{vectors, write};
use crate::embed::{EXPRESSION_LEN, Expression};
use redb::{ReadableTable, TableDefinition};
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};

/// What [`Gallery::verify`](super::Gallery::verify) found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// Pictures without damage.
    pub pictures: u64,
    /// Faces without damage.
    pub faces: u64,
    /// What is wrong.
    pub problems: Vec<String>,
    /// Whether it was repaired: unreadable records were dropped and derived tables rebuilt.
    pub repaired: bool,
}

/// The squared length of an expression may differ from 1 by this. Rounding accounts for some 1e-6;
/// the margin is for vectors of other programs that were imported in half precision.
const LENGTH_ERROR: f32 = 1e-2;

/// Compares all records and vectors with each other.
pub(super) fn examine(reading: &ReadTxn) -> Result<Report, Fault> {
    let mut examination = Examination::default();
    // Pictures first: faces are then compared with the pictures that name them.
    examination.pictures(reading)?;
    examination.chunks(reading)?;
    Ok(examination.report())
}

/// What is known so far.
#[derive(Default)]
struct Examination {
    /// The picture of every face that a picture's record names.
    picture_of: BTreeMap<u64, u64>,
    /// Faces that have a vector.
    with_vector: HashSet<u64>,
    problems: Vec<String>,
}

impl Examination {
    /// Reads every picture's record and finds it by its content's hash.
    fn pictures(&mut self, reading: &ReadTxn) -> Result<(), Fault> {
        let by_hash = reading.table(HASHES)?;
        for record in reading.table(PICTURES)?.iter()? {
            let (id, json) = record?;
            let id = id.value();
            let picture = match Picture::from_json(id, json.value()) {
                Ok(picture) => picture,
                Err(error) => {
                    let problem = format!("the record of picture {id} cannot be read: {error}");
                    self.problems.push(problem);
                    continue;
                }
            };
            self.picture_of
                .extend(picture.faces.iter().map(|f| (f.id, id)));
            if let Some(hash) = crate::digest::from_hex(&picture.hash)
                && by_hash.get(&hash)?.map(|v| v.value()) != Some(id)
            {
                self.problems
                    .push(format!("picture {id} is not found by its content"));
            }
        }
        Ok(())
    }

    /// Reads every chunk's three tables.
    fn chunks(&mut self, reading: &ReadTxn) -> Result<(), Fault> {
        let codes = reading.table(CODES)?;
        let floats = reading.table(FLOATS)?;
        for chunk in reading.table(ROWS)?.iter()? {
            let (number, rows) = chunk?;
            let number = number.value();
            // What cannot be read is empty here and makes the lengths differ below.
            let rows = encoding::decode_rows(rows.value()).unwrap_or_default();
            let values = vectors::chunk_values(&floats, number).unwrap_or_default();
            let coded = codes
                .get(number)?
                .map_or(0, |bytes| bytes.value().len() / EXPRESSION_LEN);
            if rows.is_empty() || rows.len() != values.len() || rows.len() != coded {
                self.problems.push(format!("chunk {number} is cut off"));
            }
            for (row, value) in rows.iter().zip(values) {
                self.face(row, &Expression(value));
            }
        }
        Ok(())
    }

    fn face(&mut self, row: &Row, expression: &Expression) {
        let id = row.id;
        if !is_unit(expression) {
            self.problems.push(format!("face {id} has no expression"));
        } else if self.picture_of.get(&id) != Some(&row.picture) || !self.with_vector.insert(id) {
            self.problems
                .push(format!("face {id} belongs to no picture"));
        }
    }

    fn report(mut self) -> Report {
        let without_vector = self
            .picture_of
            .keys()
            .filter(|id| !self.with_vector.contains(id));
        self.problems
            .extend(without_vector.map(|id| format!("face {id} has no vector")));
        let pictures: HashSet<u64> = self.picture_of.values().copied().collect();
        Report {
            pictures: pictures.len() as u64,
            faces: self.with_vector.len() as u64,
            problems: self.problems,
            repaired: false,
        }
    }
}

fn is_unit(expression: &Expression) -> bool {
    (expression.0.iter().map(|v| v * v).sum::<f32>() - 1.0).abs() < LENGTH_ERROR
}

/// Rebuilds everything from the records and vectors that can be read.
pub(super) fn repair(writing: &WriteTxn) -> Result<(), Fault> {
    // All is read before the tables are emptied.
    let expressions = readable_expressions(writing)?;
    let pictures = readable_pictures(writing)?;
    clear(writing)?;
    let mut vectors = Vec::new();
    for picture in pictures {
        restore(writing, picture, &expressions, &mut vectors)?;
    }
    // The chunks' order is that of the ids, on which binary searches rely. Records that name a face
    // twice would break it.
    vectors.sort_by_key(|v| v.id);
    vectors.dedup_by_key(|v| v.id);
    // Ids are never given twice, not even those of faces that were dropped.
    let behind_last = vectors.last().map_or(0, |v| v.id + 1);
    let next = behind_last.max(writing.number(meta::NEXT)?.unwrap_or(0));
    writing.set(meta::NEXT, &next.to_le_bytes())?;
    vectors
        .chunks(CHUNK_ROWS)
        .try_for_each(|chunk| write::append(writing, chunk))
}

/// Empties the tables that are rebuilt.
fn clear(writing: &WriteTxn) -> Result<(), Fault> {
    for numbered in [ROWS, CODES, FLOATS, PICTURES] {
        remake(writing, numbered)?;
    }
    remake(writing, HASHES)?;
    remake(writing, BANDS)
}

fn remake<K: redb::Key + 'static, V: redb::Value + 'static>(
    writing: &WriteTxn,
    table: TableDefinition<'_, K, V>,
) -> Result<(), Fault> {
    writing.delete_table(table)?;
    writing.table(table)?;
    Ok(())
}

/// Writes a picture with those of its faces that have an expression; without any it is dropped.
fn restore(
    writing: &WriteTxn,
    mut picture: Picture,
    expressions: &BTreeMap<u64, Expression>,
    vectors: &mut Vec<FaceVector>,
) -> Result<(), Fault> {
    // A picture without faces is found by nothing, and one without a hash would be added again.
    picture.faces.retain(|f| expressions.contains_key(&f.id));
    let hash = crate::digest::from_hex(&picture.hash);
    let (Some(first), Some(hash)) = (picture.faces.first(), hash) else {
        return Ok(());
    };
    if let Some(perceptual) = &picture.perceptual_hash {
        let mut bands = writing.table(BANDS)?;
        // The group stays as it was: pictures that it was named after may be gone.
        near_duplicates::insert(&mut bands, picture.id, perceptual, &expressions[&first.id])?;
    }
    writing.table(HASHES)?.insert(&hash, picture.id)?;
    write::put_picture(writing, &picture)?;
    vectors.extend(picture.faces.iter().map(|f| FaceVector {
        id: f.id,
        picture: picture.id,
        group: picture.group,
        expression: expressions[&f.id],
    }));
    Ok(())
}

/// The expressions of all chunks that are whole.
fn readable_expressions(writing: &WriteTxn) -> Result<BTreeMap<u64, Expression>, Fault> {
    let chunks = writing.table(ROWS)?;
    // Where the database cannot read on, what came before is kept.
    let numbers = chunks.iter()?.map_while(|r| r.ok().map(|(k, _)| k.value()));
    let numbers: Vec<u64> = numbers.collect();
    drop(chunks);
    Ok(numbers
        .into_iter()
        .filter_map(|number| write::read_chunk(writing, number).ok())
        .flatten()
        .filter(|face| is_unit(&face.expression))
        .map(|face| (face.id, face.expression))
        .collect())
}

/// The pictures whose records can be read.
fn readable_pictures(writing: &WriteTxn) -> Result<Vec<Picture>, Fault> {
    let mut pictures = Vec::new();
    for (id, json) in writing.table(PICTURES)?.iter()?.flatten() {
        pictures.extend(Picture::from_json(id.value(), json.value()));
    }
    Ok(pictures)
}
