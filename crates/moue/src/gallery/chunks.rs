//! How expressions lie in the file: chunks of rows, so that a search reads long runs; what the
//! search must read of every face (a byte for each number) apart from what it reads of few.

use crate::embed::{EXPRESSION_LEN, Expression};

/// Rows in a full chunk. The chunks' bytes lie just below powers of two, to which the database
/// rounds them up.
pub(super) const CHUNK_ROWS: usize = 4000;
/// Parts in which a chunk's full expressions are kept.
pub(super) const PARTS: usize = 16;
/// Rows in a part.
pub(super) const PART_ROWS: usize = CHUNK_ROWS / PARTS;

const ROW_BYTES: usize = 32;
const FLOAT_BYTES: usize = 4 * EXPRESSION_LEN;

/// What the search needs of a face beside its expression.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    pub(super) id: u64,
    pub(super) picture: u64,
    /// Of rows with the same group the answer shows one.
    pub(super) group: u64,
    /// What the codes are multiplied by.
    pub(super) scale: f32,
    /// Euclidean distance of the expression from what its codes say.
    pub(super) error: f32,
    /// Squared length of what the codes say.
    pub(super) squared: f32,
}

/// A face with its expression, as it is added and moved about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct FaceVector {
    pub(super) id: u64,
    pub(super) picture: u64,
    pub(super) group: u64,
    pub(super) expression: Expression,
}

/// A chunk's values in the three tables.
pub(super) struct Encoded {
    pub(super) rows: Vec<u8>,
    pub(super) codes: Vec<u8>,
    pub(super) floats: Vec<Vec<u8>>,
}

/// Writes at most [`CHUNK_ROWS`] items.
pub(super) fn encode(items: &[FaceVector]) -> Encoded {
    let mut rows = Vec::with_capacity(items.len() * ROW_BYTES);
    let mut codes = Vec::with_capacity(items.len() * EXPRESSION_LEN);
    for item in items {
        let (row, code) = quantize(item);
        encode_row(&row, &mut rows);
        codes.extend(code.map(i8::cast_unsigned));
    }
    let part = |part: &[FaceVector]| {
        part.iter()
            .flat_map(|i| i.expression.0.map(f32::to_le_bytes))
            .flatten()
            .collect()
    };
    Encoded {
        rows,
        codes,
        floats: items.chunks(PART_ROWS).map(part).collect(),
    }
}

/// The expression in signed bytes, with what that costs.
fn quantize(item: &FaceVector) -> (Row, [i8; EXPRESSION_LEN]) {
    let values = item.expression.0;
    let largest = values.iter().fold(0f32, |m, v| m.max(v.abs()));
    let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
    let codes = values.map(|v| (v / scale).round().clamp(-127.0, 127.0) as i8);
    let said = codes.map(|c| f32::from(c) * scale);
    let error = values
        .iter()
        .zip(&said)
        .map(|(v, s)| f64::from(v - s).powi(2))
        .sum::<f64>()
        .sqrt();
    let squared = said.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>();
    let FaceVector {
        id, picture, group, ..
    } = *item;
    (
        Row {
            id,
            picture,
            group,
            scale,
            error: error as f32,
            squared: squared as f32,
        },
        codes,
    )
}

fn encode_row(row: &Row, out: &mut Vec<u8>) {
    out.extend(row.id.to_le_bytes());
    // A picture's number is the id of its first face, so the two are near each other.
    out.extend(((row.id - row.picture.min(row.id)) as u32).to_le_bytes());
    out.extend(row.group.to_le_bytes());
    [row.scale, row.error, row.squared]
        .iter()
        .for_each(|v| out.extend(v.to_le_bytes()));
}

/// Reads a chunk's rows; `None` if the length is no multiple of a row's.
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
    let picture = id.saturating_sub(u64::from(back));
    Row {
        id,
        picture,
        group: long(12),
        scale: float(20),
        error: float(24),
        squared: float(28),
    }
}

/// Reads a part's expressions; `None` if the length is no multiple of one's.
pub(super) fn decode_floats(bytes: &[u8]) -> Option<Vec<Expression>> {
    let (rows, []) = bytes.as_chunks::<FLOAT_BYTES>() else {
        return None;
    };
    Some(rows.iter().map(decode_expression).collect())
}

/// The expression at `index` of a part.
pub(super) fn float_at(bytes: &[u8], index: usize) -> Option<Expression> {
    bytes
        .as_chunks::<FLOAT_BYTES>()
        .0
        .get(index)
        .map(decode_expression)
}

fn decode_expression(bytes: &[u8; FLOAT_BYTES]) -> Expression {
    let mut values = [0.0; EXPRESSION_LEN];
    for (value, from) in values.iter_mut().zip(bytes.as_chunks::<4>().0) {
        *value = f32::from_le_bytes(*from);
    }
    Expression(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_survive_and_codes_are_near() {
        let items: Vec<FaceVector> = (0..600)
            .map(|i| {
                let expression = Expression(std::array::from_fn(|j| {
                    ((i * 7 + j as u64) as f32).sin() * 0.17
                }));
                FaceVector {
                    id: i + 9,
                    picture: i + 9 - i % 3,
                    group: 1 << 40,
                    expression,
                }
            })
            .collect();
        let encoded = encode(&items);
        let rows = decode_rows(&encoded.rows).unwrap();
        let floats: Vec<Expression> = encoded
            .floats
            .iter()
            .flat_map(|p| decode_floats(p).unwrap())
            .collect();
        assert_eq!(encoded.floats.len(), 600usize.div_ceil(PART_ROWS));
        for (i, (item, row)) in items.iter().zip(&rows).enumerate() {
            assert_eq!(
                (row.id, row.picture, row.group),
                (item.id, item.picture, item.group)
            );
            assert_eq!(floats[i], item.expression);
            assert!(row.error < 0.01, "{}", row.error);
        }
        assert!(
            decode_rows(&encoded.rows[1..]).is_none()
                && decode_floats(&encoded.rows[..33]).is_none()
        );
    }

    #[test]
    fn an_expression_of_zeros_has_codes_too() {
        let item = FaceVector {
            id: 0,
            picture: 0,
            group: 0,
            expression: Expression([0.0; EXPRESSION_LEN]),
        };
        assert_eq!(quantize(&item).1, [0; EXPRESSION_LEN]);
    }
}
