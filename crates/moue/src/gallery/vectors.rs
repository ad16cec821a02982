//! The chunk tables of the file: reading expressions, and finding a face among them.

use super::chunks::{Chunk, Row, Values};
use super::database::ReadTxn;
use super::encoding::{self, PART_ROWS, PARTS, ROW_BYTES};
use super::error::Fault;
use super::seal::{self, HEAD, Kind};
use super::tables::{CODES, FLOATS, ROWS};
use crate::embed::{EXPRESSION_LEN, Expression};
use redb::{ReadableTable, ReadableTableMetadata};

/// How the expressions of a gallery are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScanMode {
    /// In full, kept in memory.
    Exact,
    /// By int8 codes, kept in memory.
    Int8,
    /// By int8 codes, which each search reads again.
    Streamed,
}

impl ScanMode {
    /// For `faces` faces, of which up to `exact` are compared in full, with `memory` bytes for
    /// what is kept.
    pub(super) fn of(faces: u64, exact: u64, memory: u64) -> Self {
        let each = (EXPRESSION_LEN + size_of::<Row>() + size_of::<[f32; 2]>()) as u64;
        if faces <= exact {
            Self::Exact
        } else if faces.saturating_mul(each) <= memory {
            Self::Int8
        } else {
            Self::Streamed
        }
    }
}

/// Number of faces, counted by the length of their rows: the chunks need not be read for that.
pub(super) fn count(reading: &ReadTxn) -> Result<u64, Fault> {
    let table = reading.table(ROWS)?;
    // The database counts the keys' bytes too, and each chunk has an envelope.
    let each = (size_of::<u64>() + HEAD) as u64;
    let others = table.len()? * each;
    Ok(table.stats()?.stored_bytes().saturating_sub(others) / ROW_BYTES as u64)
}

/// The rows of a chunk, from what the file has of it.
pub(super) fn rows_of(chunk: u64, bytes: &[u8]) -> Result<Vec<Row>, Fault> {
    encoding::decode_rows(seal::open(Kind::Rows, chunk, bytes)?).ok_or_else(Fault::cut_off)
}

/// Calls `body` with every chunk, in order: in full if `exact`, else by int8 codes.
pub(super) fn for_each_chunk(
    reading: &ReadTxn,
    exact: bool,
    mut body: impl FnMut(Chunk) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let codes = reading.table(CODES)?;
    let floats = reading.table(FLOATS)?;
    for chunk in reading.table(ROWS)?.iter()? {
        let (number, rows) = chunk?;
        let number = number.value();
        let rows = rows_of(number, rows.value())?;
        let values = if exact {
            Values::Exact(chunk_values(&floats, number)?)
        } else {
            // The floats, four times as many bytes, are not read.
            Values::Int8(chunk_codes(&codes, number)?)
        };
        body(Chunk::new(number, rows, values).ok_or_else(Fault::cut_off)?)?;
    }
    Ok(())
}

/// All full expressions of a chunk.
pub(super) fn chunk_values(
    floats: &impl ReadableTable<u64, &'static [u8]>,
    chunk: u64,
) -> Result<Vec<[f32; EXPRESSION_LEN]>, Fault> {
    let mut values = Vec::new();
    let first = chunk.saturating_mul(PARTS as u64);
    for part in floats.range(first..first.saturating_add(PARTS as u64))? {
        let (number, bytes) = part?;
        let bytes = seal::open(Kind::Floats, number.value(), bytes.value())?;
        let part = encoding::decode_part(bytes).ok_or_else(Fault::cut_off)?;
        values.extend(part.into_iter().map(|e| e.0));
    }
    Ok(values)
}

/// All int8 codes of a chunk.
pub(super) fn chunk_codes(
    codes: &impl ReadableTable<u64, &'static [u8]>,
    chunk: u64,
) -> Result<Vec<[i8; EXPRESSION_LEN]>, Fault> {
    let bytes = codes.get(chunk)?.ok_or_else(Fault::cut_off)?;
    let bytes = seal::open(Kind::Codes, chunk, bytes.value())?;
    let (codes, _) = bytes.as_chunks::<EXPRESSION_LEN>();
    Ok(codes.iter().map(|c| c.map(u8::cast_signed)).collect())
}

/// The full expression of one row of a chunk.
pub(super) fn expression_at(
    floats: &impl ReadableTable<u64, &'static [u8]>,
    chunk: u64,
    index: usize,
) -> Result<Expression, Fault> {
    let part = chunk
        .saturating_mul(PARTS as u64)
        .saturating_add((index / PART_ROWS) as u64);
    floats
        .get(part)?
        .and_then(|bytes| encoding::expression_at(bytes.value().get(HEAD..)?, index % PART_ROWS))
        .ok_or_else(|| Fault::damaged("the expression of a face is damaged"))
}

/// The chunk whose rows have this face, and the face's place among them.
pub(super) fn locate(
    rows: &impl ReadableTable<u64, &'static [u8]>,
    face: u64,
) -> Result<Option<(u64, usize)>, Fault> {
    // A binary search for the last chunk that begins with no larger id, as ids ascend over all
    // chunks. The chunks' numbers have gaps where chunks were removed.
    let mut low = 0;
    let mut high = rows.last()?.map_or(0, |(number, _)| number.value() + 1);
    let mut found = None;
    while low < high {
        let middle = low + (high - low) / 2;
        let Some((number, chunk)) = chunk_from(rows, middle, high)? else {
            high = middle;
            continue;
        };
        if chunk.first().is_some_and(|r| r.id <= face) {
            let index = chunk.binary_search_by_key(&face, |r| r.id).ok();
            found = index.map(|index| (number, index));
            low = number + 1;
        } else {
            high = middle;
        }
    }
    Ok(found)
}

/// The first chunk whose number is in `from..to`, and its rows.
fn chunk_from(
    rows: &impl ReadableTable<u64, &'static [u8]>,
    from: u64,
    to: u64,
) -> Result<Option<(u64, Vec<Row>)>, Fault> {
    let Some((number, bytes)) = rows.range(from..to)?.next().transpose()? else {
        return Ok(None);
    };
    let rows = rows_of(number.value(), bytes.value())?;
    Ok(Some((number.value(), rows)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As for `Gallery`.
    const EXACT: u64 = 4_000;

    #[test]
    fn large_galleries_are_read_by_codes_and_larger_ones_are_not_kept() {
        assert_eq!(ScanMode::of(4_000, EXACT, 0), ScanMode::Exact);
        assert_eq!(ScanMode::of(1_000_000, EXACT, 1 << 30), ScanMode::Int8);
        assert_eq!(ScanMode::of(1_000_000, EXACT, 1 << 20), ScanMode::Streamed);
        assert_eq!(ScanMode::of(u64::MAX, EXACT, 1 << 20), ScanMode::Streamed);
    }
}
