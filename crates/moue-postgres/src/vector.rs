//! Expressions as `pgvector` sends and receives them: the number of dimensions and a reserved
//! number, 16 bits each, then floats, all big-endian.

use moue::Expression;
use moue::embed::EXPRESSION_LEN;

const HEAD: [u8; 4] = [0, EXPRESSION_LEN as u8, 0, 0];

/// The bytes of a stored vector.
pub(crate) fn encode(expression: &Expression) -> Vec<u8> {
    let floats = expression.0.map(f32::to_be_bytes);
    [&HEAD, floats.as_flattened()].concat()
}

/// What `vector_send` returns; `None` if it is no expression.
pub(crate) fn decode(bytes: &[u8]) -> Option<Expression> {
    let (floats, rest) = bytes.strip_prefix(&HEAD)?.as_chunks::<4>();
    let floats: &[[u8; 4]; EXPRESSION_LEN] = floats.try_into().ok()?;
    rest.is_empty()
        .then(|| Expression(floats.map(f32::from_be_bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_come_back_to_the_bit() {
        let expression = Expression(std::array::from_fn(|i| (i as f32).sin() / 3.0));
        let bytes = encode(&expression);
        assert_eq!(bytes.len(), 260);
        assert_eq!(decode(&bytes), Some(expression));
        assert_eq!(decode(&bytes[..259]), None);
        assert_eq!(decode(&[&bytes[..], &[0]].concat()), None);
        assert_eq!(decode(&[0; 260]), None);
    }
}
