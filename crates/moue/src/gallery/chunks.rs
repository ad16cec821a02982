//! Expressions in chunks, so that a search reads long runs: what it reads of every face (int8 codes
//! and a row) apart from what it reads of few (the expressions in full).

use super::quantization::Quantized;
use crate::embed::{EXPRESSION_LEN, Expression};

/// Rows in a full chunk. The chunks' bytes are then just below powers of two, to which the database
/// rounds values up: 4000 · 32 of rows below 2¹⁷, 4000 · 64 of codes below 2¹⁸.
pub(super) const CHUNK_ROWS: usize = 4000;
/// Parts in which a chunk's full expressions are kept, so that one row is read without the others.
/// A part of 250 · 256 bytes is just below 2¹⁶.
pub(super) const PARTS: usize = 16;
/// Rows in a part.
pub(super) const PART_ROWS: usize = CHUNK_ROWS / PARTS;
/// Bytes of a row in the file.
pub(super) const ROW_BYTES: usize = 32;

const EXPRESSION_BYTES: usize = 4 * EXPRESSION_LEN;

/// What the search needs of a face beside its expression.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    pub(super) id: u64,
    pub(super) picture: u64,
    /// Of rows with the same group the answer shows one.
    pub(super) group: u64,
    /// As for [`Quantized::scale`].
    pub(super) scale: f32,
    /// As for [`Quantized::error`].
    pub(super) error: f32,
    /// As for [`Quantized::squared_norm`].
    pub(super) squared_norm: f32,
}

/// A face with its expression, on its way into a chunk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct FaceVector {
    pub(super) id: u64,
    pub(super) picture: u64,
    pub(super) group: u64,
    pub(super) expression: Expression,
}

/// A chunk of faces in memory, with what a scan reads of their expressions.
pub(super) struct Chunk {
    pub(super) number: u64,
    pub(super) rows: Vec<Row>,
    /// The rows' scales and squared norms once more, side by side: a scan reads nothing else of
    /// most rows, and these 8 bytes instead of a row's 40 keep it within the processor's cache.
    pub(super) scales: Vec<[f32; 2]>,
    pub(super) values: Values,
    /// The largest of the rows' errors.
    pub(super) error: f32,
}

/// The expressions of a chunk.
pub(super) enum Values {
    Exact(Vec<[f32; EXPRESSION_LEN]>),
    Int8(Vec<[i8; EXPRESSION_LEN]>),
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Self::Exact(values) => values.len(),
            Self::Int8(codes) => codes.len(),
        }
    }
}

impl Chunk {
    /// `None` unless there is one value for each row.
    pub(super) fn new(number: u64, rows: Vec<Row>, values: Values) -> Option<Self> {
        (values.len() == rows.len()).then(|| Self {
            number,
            scales: rows.iter().map(|r| [r.scale, r.squared_norm]).collect(),
            error: rows.iter().fold(0f32, |e, r| e.max(r.error)),
            rows,
            values,
        })
    }
}

/// How the expressions of a gallery are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScanMode {
    /// In full, kept in memory.
    Exact,
    /// By int8 codes, kept in memory.
    Int8,
    /// By int8 codes, read anew by each search.
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

/// A chunk's values in the three tables of the file.
pub(super) struct Encoded {
    pub(super) rows: Vec<u8>,
    pub(super) codes: Vec<u8>,
    pub(super) parts: Vec<Vec<u8>>,
}

/// Encodes at most [`CHUNK_ROWS`] faces.
pub(super) fn encode(faces: &[FaceVector]) -> Encoded {
    let mut rows = Vec::with_capacity(faces.len() * ROW_BYTES);
    let mut codes = Vec::with_capacity(faces.len() * EXPRESSION_LEN);
    for face in faces {
        let quantized = Quantized::of(&face.expression.0);
        encode_row(&Row::new(face, &quantized), &mut rows);
        codes.extend(quantized.codes.map(i8::cast_unsigned));
    }
    Encoded {
        rows,
        codes,
        parts: faces.chunks(PART_ROWS).map(encode_part).collect(),
    }
}

fn encode_part(faces: &[FaceVector]) -> Vec<u8> {
    faces
        .iter()
        .flat_map(|f| f.expression.0.map(f32::to_le_bytes))
        .flatten()
        .collect()
}

impl Row {
    pub(super) fn new(face: &FaceVector, quantized: &Quantized) -> Self {
        Self {
            id: face.id,
            picture: face.picture,
            group: face.group,
            scale: quantized.scale,
            error: quantized.error,
            squared_norm: quantized.squared_norm,
        }
    }
}

fn encode_row(row: &Row, out: &mut Vec<u8>) {
    out.extend(row.id.to_le_bytes());
    // A picture's number is the id of its first face, so their difference fits 32 bits.
    out.extend(((row.id - row.picture.min(row.id)) as u32).to_le_bytes());
    out.extend(row.group.to_le_bytes());
    for value in [row.scale, row.error, row.squared_norm] {
        out.extend(value.to_le_bytes());
    }
}

/// Decodes a chunk's rows; `None` if the length is no multiple of a row's.
pub(super) fn decode_rows(bytes: &[u8]) -> Option<Vec<Row>> {
    let (rows, []) = bytes.as_chunks::<ROW_BYTES>() else {
        return None;
    };
    Some(rows.iter().map(decode_row).collect())
}

fn decode_row(bytes: &[u8; ROW_BYTES]) -> Row {
    let long = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]));
    let float = |at: usize| f32::from_le_bytes(std::array::from_fn(|i| bytes[at + i]));
    let id = long(0);
    let back = u32::from_le_bytes(std::array::from_fn(|i| bytes[8 + i]));
    Row {
        id,
        picture: id.saturating_sub(u64::from(back)),
        group: long(12),
        scale: float(20),
        error: float(24),
        squared_norm: float(28),
    }
}

/// Decodes a part's expressions; `None` if the length is no multiple of one's.
pub(super) fn decode_part(bytes: &[u8]) -> Option<Vec<Expression>> {
    let (rows, []) = bytes.as_chunks::<EXPRESSION_BYTES>() else {
        return None;
    };
    Some(rows.iter().map(decode_expression).collect())
}

/// The expression at `index` of a part.
pub(super) fn expression_at(part: &[u8], index: usize) -> Option<Expression> {
    let (rows, _) = part.as_chunks::<EXPRESSION_BYTES>();
    rows.get(index).map(decode_expression)
}

fn decode_expression(bytes: &[u8; EXPRESSION_BYTES]) -> Expression {
    let mut values = [0.0; EXPRESSION_LEN];
    for (value, from) in values.iter_mut().zip(bytes.as_chunks::<4>().0) {
        *value = f32::from_le_bytes(*from);
    }
    Expression(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As for `Gallery`.
    const EXACT: u64 = 4_000;

    fn face(i: u64) -> FaceVector {
        let value = |j: usize| ((i * 7 + j as u64) as f32).sin() * 0.17;
        FaceVector {
            id: i + 9,
            picture: i + 9 - i % 3,
            group: 1 << 40,
            expression: Expression(std::array::from_fn(value)),
        }
    }

    #[test]
    fn faces_survive_and_codes_are_near() {
        let faces: Vec<FaceVector> = (0..600).map(face).collect();
        let encoded = encode(&faces);
        let rows = decode_rows(&encoded.rows).unwrap();
        let parts = encoded.parts.iter();
        let floats: Vec<Expression> = parts.flat_map(|p| decode_part(p).unwrap()).collect();
        assert_eq!(encoded.parts.len(), 600usize.div_ceil(PART_ROWS));
        for (i, (face, row)) in faces.iter().zip(&rows).enumerate() {
            assert_eq!(
                (row.id, row.picture, row.group),
                (face.id, face.picture, face.group)
            );
            assert_eq!(floats[i], face.expression);
            assert!(row.error < 0.01, "{}", row.error);
        }
        assert!(
            decode_rows(&encoded.rows[1..]).is_none() && decode_part(&encoded.rows[..33]).is_none()
        );
    }

    #[test]
    fn large_galleries_are_read_by_codes_and_larger_ones_are_not_kept() {
        assert_eq!(ScanMode::of(4_000, EXACT, 0), ScanMode::Exact);
        assert_eq!(ScanMode::of(1_000_000, EXACT, 1 << 30), ScanMode::Int8);
        assert_eq!(ScanMode::of(1_000_000, EXACT, 1 << 20), ScanMode::Streamed);
        assert_eq!(ScanMode::of(u64::MAX, EXACT, 1 << 20), ScanMode::Streamed);
    }
}
