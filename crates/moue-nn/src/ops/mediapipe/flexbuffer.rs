//! Maps of numbers in FlexBuffers, the format without a schema that belongs to FlatBuffers
//! (<https://flatbuffers.dev/flatbuffers_internals>).
//!
//! A buffer is read from its end: the last byte is the width of the root in bytes, the one before is
//! its type. Offsets lead backwards from where they stand. A type is packed into a byte: the kind, and
//! in the lowest two bits the width of what it leads to, as a power of two.

use crate::tflite::{OptionResult, unsupported};

/// Kinds of values.
const INT: u8 = 1;
const UINT: u8 = 2;
const FLOAT: u8 = 3;
const MAP: u8 = 9;
const VECTOR: u8 = 10;
const VECTOR_INT: u8 = 11;
const VECTOR_UINT: u8 = 12;

/// Most entries of a map that is read: those of MediaPipe's operators have up to nine.
const MAX_ENTRIES: usize = 64;

/// A map from names to values.
#[derive(Clone, Copy)]
pub(super) struct Map<'a> {
    bytes: &'a [u8],
    /// Where its first value is.
    at: usize,
    /// Bytes of each value.
    width: usize,
    len: usize,
}

/// A value in a map or vector.
struct Value {
    at: usize,
    kind: u8,
    /// The width of what it leads to.
    target: usize,
}

impl<'a> Map<'a> {
    /// The map that is the root of a buffer.
    pub(super) fn root(bytes: &'a [u8]) -> OptionResult<Self> {
        match Self::read(bytes) {
            Some(map) => Ok(map),
            None => unsupported("the options are no FlexBuffer map"),
        }
    }

    fn read(bytes: &'a [u8]) -> Option<Self> {
        let [.., packed, width] = *bytes else {
            return None;
        };
        let at = bytes.len().checked_sub(2 + usize::from(width))?;
        if packed >> 2 != MAP {
            return None;
        }
        let target = follow(bytes, at, width.into())?;
        let width = 1 << (packed & 3);
        let len = unsigned(bytes, target.checked_sub(width)?, width)?;
        let len = usize::try_from(len).ok().filter(|n| *n <= MAX_ENTRIES)?;
        Some(Self {
            bytes,
            at: target,
            width,
            len,
        })
    }

    /// A number; an error if there is none of that name.
    pub(super) fn number(&self, name: &str) -> OptionResult<f64> {
        let value = self.find(name);
        match value.and_then(|value| number(self.bytes, &value, self.width)) {
            Some(number) => Ok(number),
            None => unsupported(format!("the options have no number {name}")),
        }
    }

    /// A number of at least 1 and at most `most`.
    pub(super) fn size(&self, name: &str, most: usize) -> OptionResult<usize> {
        let size = self.number(name)?;
        if size.fract() == 0.0 && (1.0..=most as f64).contains(&size) {
            return Ok(size as usize);
        }
        unsupported(format!("{name} is {size}"))
    }

    /// A list of positions, at most `most`, each below `end`.
    pub(super) fn positions(&self, name: &str, most: usize, end: u16) -> OptionResult<Vec<u16>> {
        match self.read_positions(name, most, end) {
            Some(positions) => Ok(positions),
            None => unsupported(format!(
                "the options have no list {name} of positions below {end}"
            )),
        }
    }

    fn read_positions(&self, name: &str, most: usize, end: u16) -> Option<Vec<u16>> {
        let value = self.find(name)?;
        let first = follow(self.bytes, value.at, self.width)?;
        let width = value.target;
        let len = unsigned(self.bytes, first.checked_sub(width)?, width)?;
        let len = usize::try_from(len).ok().filter(|len| *len <= most)?;
        let element = |i: usize| {
            let at = first + i * width;
            let kind = match value.kind {
                VECTOR_INT => INT,
                VECTOR_UINT => UINT,
                // The types of the elements stand behind them.
                VECTOR => *self.bytes.get(first + len * width + i)? >> 2,
                _ => return None,
            };
            let element = Value {
                at,
                kind,
                target: 0,
            };
            let position = number(self.bytes, &element, width)?;
            let is_one = position.fract() == 0.0 && (0.0..end.into()).contains(&position);
            is_one.then_some(position as u16)
        };
        (0..len).map(element).collect()
    }

    fn find(&self, name: &str) -> Option<Value> {
        // Before the length stand the width of the offsets of the keys, and the offset of those.
        let keys_width = unsigned(self.bytes, self.at.checked_sub(2 * self.width)?, self.width)?;
        let keys_width = usize::try_from(keys_width).ok()?;
        let keys = follow(self.bytes, self.at.checked_sub(3 * self.width)?, self.width)?;
        let is_named = |i: &usize| {
            let key = keys.checked_add(i.checked_mul(keys_width)?)?;
            let key = self.bytes.get(follow(self.bytes, key, keys_width)?..)?;
            let rest = key.strip_prefix(name.as_bytes())?;
            rest.starts_with(&[0]).then_some(())
        };
        let i = (0..self.len).find(|i| is_named(i).is_some())?;
        let packed = *self.bytes.get(self.at + self.len * self.width + i)?;
        Some(Value {
            at: self.at + i * self.width,
            kind: packed >> 2,
            target: 1 << (packed & 3),
        })
    }
}

/// Where the offset at `at` leads.
fn follow(bytes: &[u8], at: usize, width: usize) -> Option<usize> {
    at.checked_sub(usize::try_from(unsigned(bytes, at, width)?).ok()?)
}

/// An unsigned integer of 1, 2, 4 or 8 bytes.
fn unsigned(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let bytes = bytes.get(at..)?.get(..width)?;
    let mut wide = [0; 8];
    wide.get_mut(..width)?.copy_from_slice(bytes);
    matches!(width, 1 | 2 | 4 | 8).then_some(u64::from_le_bytes(wide))
}

/// A number that stands where the value is.
fn number(bytes: &[u8], value: &Value, width: usize) -> Option<f64> {
    let bits = unsigned(bytes, value.at, width)?;
    match (value.kind, width) {
        (UINT, _) => Some(bits as f64),
        (INT, _) => {
            let unused = 64 - 8 * width;
            Some((bits << unused).cast_signed().wrapping_shr(unused as u32) as f64)
        }
        (FLOAT, 4) => Some(f32::from_bits(bits as u32).into()),
        (FLOAT, 8) => Some(f64::from_bits(bits)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `{"a": -2, "b": [1, 2, 300], "c": 1.5}` with four bytes for each value.
    fn example() -> Vec<u8> {
        let mut bytes = b"a\0b\0c\0\0\0".to_vec();
        let put = |bytes: &mut Vec<u8>, value: u32| bytes.extend(value.to_le_bytes());
        // The list: its length, then the elements.
        put(&mut bytes, 3);
        let list = bytes.len();
        [1, 2, 300].iter().for_each(|v| put(&mut bytes, *v));
        // The keys: their number, then offsets back to each.
        put(&mut bytes, 3);
        let keys = bytes.len();
        for key in [0, 2, 4] {
            let at = bytes.len();
            put(&mut bytes, (at - key) as u32);
        }
        let at = bytes.len();
        put(&mut bytes, (at - keys) as u32);
        put(&mut bytes, 4);
        put(&mut bytes, 3);
        let map = bytes.len();
        put(&mut bytes, (-2i32).cast_unsigned());
        let at = bytes.len();
        put(&mut bytes, (at - list) as u32);
        put(&mut bytes, 1.5f32.to_bits());
        bytes.extend([INT << 2 | 2, VECTOR_INT << 2 | 2, FLOAT << 2 | 2]);
        let root = bytes.len();
        bytes.extend([(root - map) as u8, MAP << 2 | 2, 1]);
        bytes
    }

    #[test]
    fn numbers_and_lists_are_found_by_name() {
        let bytes = example();
        let map = Map::root(&bytes).unwrap();
        assert_eq!(map.number("a").unwrap(), -2.0);
        assert_eq!(map.number("c").unwrap(), 1.5);
        assert_eq!(map.positions("b", 3, 301).unwrap(), [1, 2, 300]);
        assert!(map.positions("b", 3, 300).is_err() && map.positions("b", 2, 301).is_err());
        for missing in ["", "b", "ab", "d"] {
            assert!(map.number(missing).is_err(), "{missing}");
        }
        assert!(map.size("a", 10).is_err() && map.size("c", 10).is_err());
    }

    #[test]
    fn damaged_maps_are_errors() {
        let whole = example();
        let read_all = |bytes: &[u8]| {
            if let Ok(map) = Map::root(bytes) {
                let _ = (map.number("a"), map.number("c"), map.positions("b", 3, 301));
            }
        };
        for len in 0..whole.len() {
            read_all(&whole[..len]);
        }
        for at in 0..whole.len() {
            for value in [0, 1, 2, 3, 8, 38, 0x7F, 0x80, 0xFF] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                read_all(&bytes);
            }
        }
    }
}
