//! The expressions as a search reads them: all in memory where they fit, else chunk by chunk from
//! the file.

use super::GalleryError;
use super::chunks::{self, PART_ROWS, PARTS, Row};
use super::open::{ReadTxn, damaged, storage};
use super::tables::{CODES, FLOATS, ROWS};
use crate::embed::{EXPRESSION_LEN, Expression};
use redb::{ReadableTable, ReadableTableMetadata};
use std::path::Path;

/// Up to so many faces are compared in full; more by their codes first, which is quicker from about
/// here on.
pub(super) const EXACT_FACES: u64 = 4_000;

/// A chunk of faces with what the scan reads of their expressions.
pub(super) struct Chunk {
    pub(super) number: u64,
    pub(super) rows: Vec<Row>,
    /// The rows' scales and squared lengths once more, side by side, as that is all that a scan
    /// reads of most.
    pub(super) scales: Vec<[f32; 2]>,
    pub(super) values: Values,
    /// The largest of the rows' errors.
    pub(super) error: f32,
}

pub(super) enum Values {
    Exact(Vec<[f32; EXPRESSION_LEN]>),
    Codes(Vec<[i8; EXPRESSION_LEN]>),
}

/// How a gallery of this size is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScanMode {
    /// In full, kept in memory.
    Exact,
    /// By codes, kept in memory.
    Codes,
    /// By codes, read anew by each search.
    Streamed,
}

impl ScanMode {
    /// For `faces` faces, of which so many are compared in full and so many bytes may be kept.
    pub(super) fn of(faces: u64, exact: u64, memory: u64) -> Self {
        let each = (EXPRESSION_LEN + size_of::<Row>() + 8) as u64;
        if faces <= exact {
            Self::Exact
        } else if faces.saturating_mul(each) <= memory {
            Self::Codes
        } else {
            Self::Streamed
        }
    }
}

/// Number of faces.
pub(super) fn count(reading: &ReadTxn<'_>) -> Result<u64, GalleryError> {
    // All chunks but few are full; the length of their rows is what counts.
    let table = reading.table(ROWS)?;
    let mut bytes = 0;
    if table.len().map_err(storage(reading.path))? <= 4 {
        for chunk in table.iter().map_err(storage(reading.path))? {
            bytes += chunk.map_err(storage(reading.path))?.1.value().len() as u64;
        }
        return Ok(bytes / 32);
    }
    Ok(table.stats().map_err(storage(reading.path))?.stored_bytes() / 32)
}

/// Calls `body` with every chunk, in order.
pub(super) fn each(
    reading: &ReadTxn<'_>,
    exact: bool,
    mut body: impl FnMut(Chunk) -> Result<(), GalleryError>,
) -> Result<(), GalleryError> {
    let (rows, codes, floats) = (
        reading.table(ROWS)?,
        reading.table(CODES)?,
        reading.table(FLOATS)?,
    );
    for chunk in rows.iter().map_err(storage(reading.path))? {
        let (number, value) = chunk.map_err(storage(reading.path))?;
        let number = number.value();
        let rows = chunks::decode_rows(value.value()).ok_or_else(|| cut_off(reading.path))?;
        let values = if exact {
            Values::Exact(all_floats(&floats, number, reading.path)?)
        } else {
            let value = codes
                .get(number)
                .map_err(storage(reading.path))?
                .ok_or_else(|| cut_off(reading.path))?;
            let (codes, _) = value.value().as_chunks::<EXPRESSION_LEN>();
            Values::Codes(codes.iter().map(|c| c.map(u8::cast_signed)).collect())
        };
        let len = match &values {
            Values::Exact(v) => v.len(),
            Values::Codes(v) => v.len(),
        };
        if len != rows.len() {
            return Err(cut_off(reading.path));
        }
        let error = rows.iter().fold(0f32, |e, r| e.max(r.error));
        let scales = rows.iter().map(|r| [r.scale, r.squared]).collect();
        body(Chunk {
            number,
            rows,
            scales,
            values,
            error,
        })?;
    }
    Ok(())
}

/// All full expressions of a chunk.
pub(super) fn all_floats(
    table: &impl ReadableTable<u64, &'static [u8]>,
    number: u64,
    path: &Path,
) -> Result<Vec<[f32; EXPRESSION_LEN]>, GalleryError> {
    let mut all = Vec::new();
    let first = number.saturating_mul(PARTS as u64);
    for part in table
        .range(first..first + PARTS as u64)
        .map_err(storage(path))?
    {
        let (_, value) = part.map_err(storage(path))?;
        let more = chunks::decode_floats(value.value()).ok_or_else(|| cut_off(path))?;
        all.extend(more.into_iter().map(|e| e.0));
    }
    Ok(all)
}

/// The full expression of one row of a chunk.
pub(super) fn float(
    table: &impl ReadableTable<u64, &'static [u8]>,
    chunk: u64,
    index: usize,
    path: &Path,
) -> Result<Expression, GalleryError> {
    let part = chunk
        .saturating_mul(PARTS as u64)
        .saturating_add((index / PART_ROWS) as u64);
    let value = table.get(part).map_err(storage(path))?;
    value
        .and_then(|v| chunks::float_at(v.value(), index % PART_ROWS))
        .ok_or_else(|| cut_off(path))
}

pub(super) fn cut_off(path: &Path) -> GalleryError {
    damaged(path, "a chunk of vectors is cut off")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_galleries_are_read_by_codes_and_larger_ones_are_not_kept() {
        assert_eq!(ScanMode::of(4_000, EXACT_FACES, 0), ScanMode::Exact);
        assert_eq!(
            ScanMode::of(1_000_000, EXACT_FACES, 1 << 30),
            ScanMode::Codes
        );
        assert_eq!(
            ScanMode::of(1_000_000, EXACT_FACES, 1 << 20),
            ScanMode::Streamed
        );
        assert_eq!(
            ScanMode::of(u64::MAX, EXACT_FACES, 1 << 20),
            ScanMode::Streamed
        );
    }
}
