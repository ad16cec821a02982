//! The bytes of chunks in the file, in three tables: rows, int8 codes, and the expressions in full.
//! A search reads the first two of every face, the third of few.

use super::chunks::{CHUNK_ROWS, FaceVector, Row};
use super::quantization::Quantized;
use super::seal;
use crate::embed::{EXPRESSION_LEN, Expression};

/// Parts in which a chunk's full expressions are kept, so that one row is read without the others.
/// A part of 236 · 272 bytes, with its envelope, is just below 2¹⁶.
pub(super) const PARTS: usize = 17;
/// Rows in a part.
pub(super) const PART_ROWS: usize = CHUNK_ROWS.div_ceil(PARTS);
/// Bytes of a row in the file.
pub(super) const ROW_BYTES: usize = 32;

const EXPRESSION_BYTES: usize = 4 * EXPRESSION_LEN;
/// Bytes of a face in a part: its id, its expression, and a checksum of both, so that one face can
/// be checked, and found by a repair, without the others.
pub(super) const FACE_BYTES: usize = 8 + EXPRESSION_BYTES + 8;

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
        // The codes are a table of their own: a scan reads all of them and no float.
        codes.extend(quantized.codes.map(i8::cast_unsigned));
    }
    Encoded {
        rows,
        codes,
        parts: faces.chunks(PART_ROWS).map(encode_part).collect(),
    }
}

fn encode_part(faces: &[FaceVector]) -> Vec<u8> {
    let mut part = Vec::with_capacity(faces.len() * FACE_BYTES);
    for face in faces {
        let start = part.len();
        part.extend(face.id.to_le_bytes());
        part.extend(face.expression.0.iter().flat_map(|v| v.to_le_bytes()));
        let sum = seal::plain_sum(&part[start..]);
        part.extend(sum.to_le_bytes());
    }
    part
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
    // How far back the picture's first face is; a damaged row must not wrap around.
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
    let (faces, []) = bytes.as_chunks::<FACE_BYTES>() else {
        return None;
    };
    // The part's checksum covers the faces' ones.
    let expressions = faces.iter().map(expression_of);
    expressions.collect()
}

/// The face at the beginning of `bytes`, if its checksum is right.
pub(super) fn face_at(bytes: &[u8]) -> Option<(u64, Expression)> {
    let face: &[u8; FACE_BYTES] = bytes.first_chunk()?;
    let (content, sum) = face.split_last_chunk::<8>()?;
    let is_whole = seal::plain_sum(content) == u64::from_le_bytes(*sum);
    let id = u64::from_le_bytes(*content.first_chunk()?);
    is_whole.then(|| Some((id, expression_of(face)?))).flatten()
}

/// Whether a face may begin here; decides for nearly all other places without a checksum.
pub(super) fn may_be_face(bytes: &[u8]) -> bool {
    let first = bytes.get(8..).and_then(|b| b.first_chunk::<4>());
    let value = first.map_or(f32::NAN, |v| f32::from_le_bytes(*v));
    // Ids count faces, so their upper bytes are 0; but so are those of unused pages.
    bytes.get(6..8) == Some(&[0, 0])
        && value.abs() <= 1.01
        && bytes.get(8..40).is_some_and(|b| b.iter().any(|b| *b != 0))
}

/// The expression at `index` of a part, if its own checksum is right: that of the whole part would
/// cost a search as much again as reading it.
pub(super) fn expression_at(part: &[u8], index: usize) -> Option<Expression> {
    let face = part.get(index * FACE_BYTES..)?;
    face_at(face).map(|(_, expression)| expression)
}

fn expression_of(face: &[u8; FACE_BYTES]) -> Option<Expression> {
    face[8..].first_chunk().map(decode_expression)
}

/// Decodes expressions that lie side by side, as formats up to 2 had them.
pub(super) fn decode_plain(bytes: &[u8]) -> Option<Vec<Expression>> {
    let (rows, []) = bytes.as_chunks::<EXPRESSION_BYTES>() else {
        return None;
    };
    Some(rows.iter().map(decode_expression).collect())
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
}
