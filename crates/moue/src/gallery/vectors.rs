//! How expressions lie in the file: chunks of rows, so that a search reads long runs.

use crate::embed::{EXPRESSION_LEN, Expression};

/// Rows in a full chunk.
pub(super) const CHUNK_ROWS: usize = 1024;

/// Bytes of a row: id, picture, 64 floats, all little-endian.
const ROW_BYTES: usize = 8 + 8 + 4 * EXPRESSION_LEN;

/// One face as the search sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    pub(super) id: u64,
    pub(super) picture: u64,
    pub(super) expression: Expression,
}

/// Writes rows one after the other.
pub(super) fn encode(rows: &[Row]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(rows.len() * ROW_BYTES);
    for row in rows {
        bytes.extend(row.id.to_le_bytes());
        bytes.extend(row.picture.to_le_bytes());
        row.expression.0.iter().for_each(|v| bytes.extend(v.to_le_bytes()));
    }
    bytes
}

/// Reads what [`encode`] wrote; `None` if the length is no multiple of a row's.
pub(super) fn decode(bytes: &[u8]) -> Option<Vec<Row>> {
    let (rows, []) = bytes.as_chunks::<ROW_BYTES>() else { return None };
    rows.iter().map(decode_row).collect()
}

fn decode_row(bytes: &[u8; ROW_BYTES]) -> Option<Row> {
    let (id, rest) = bytes.split_first_chunk::<8>()?;
    let (picture, values) = rest.split_first_chunk::<8>()?;
    let mut expression = [0.0; EXPRESSION_LEN];
    for (value, from) in expression.iter_mut().zip(values.as_chunks::<4>().0) {
        *value = f32::from_le_bytes(*from);
    }
    Some(Row { id: u64::from_le_bytes(*id), picture: u64::from_le_bytes(*picture), expression: Expression(expression) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_survive() {
        let rows: Vec<Row> = (0..5)
            .map(|i| Row { id: i, picture: i * 7, expression: Expression([i as f32 * 0.25; EXPRESSION_LEN]) })
            .collect();
        let bytes = encode(&rows);
        assert_eq!(decode(&bytes), Some(rows));
        assert_eq!(decode(&bytes[1..]), None);
    }
}
