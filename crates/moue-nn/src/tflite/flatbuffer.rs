//! A reader of FlatBuffers that checks every offset before it follows it.
//!
//! The layout is the one of <https://flatbuffers.dev/internals>: a table starts with a signed
//! offset back to its vtable, which lists where each field lies inside the table.

use crate::error::{Error, Result, format_error};
use std::cell::Cell;

/// The bytes of a file, and how many of them may still be read.
///
/// Tables may share vectors and strings, so that a file of a megabyte can name a million numbers
/// ten thousand times. Files of honest writers share a little, such as empty names.
pub(crate) struct Source<'a> {
    bytes: &'a [u8],
    left: Cell<usize>,
}

impl<'a> Source<'a> {
    /// How often each byte may be read, on average.
    const TIMES: usize = 4;
    /// Bytes that may be read beyond that, for small files that share a lot.
    const SLACK: usize = 1 << 20;

    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let most = bytes.len().saturating_mul(Self::TIMES);
        Self {
            bytes,
            left: Cell::new(most.saturating_add(Self::SLACK)),
        }
    }

    /// Counts bytes that are about to be copied.
    fn spend(&self, bytes: usize) -> Result<()> {
        match self.left.get().checked_sub(bytes) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(Error::Limit(format!(
                "tables of {} bytes of file share more than {} times as many",
                self.bytes.len(),
                Self::TIMES
            ))),
        }
    }
}

/// A table inside a buffer.
#[derive(Clone, Copy)]
pub(crate) struct Table<'a> {
    source: &'a Source<'a>,
    at: usize,
    vtable: usize,
    vtable_len: usize,
}

/// A vector of fixed-size elements: where it starts and how many there are.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    start: usize,
    len: usize,
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N]> {
    match bytes.get(at..).and_then(|rest| rest.first_chunk::<N>()) {
        Some(chunk) => Ok(*chunk),
        None => format_error(format!("ends before byte {at} + {N}")),
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> Result<usize> {
    array(bytes, at).map(|b| usize::from(u16::from_le_bytes(b)))
}

/// Follows the unsigned offset stored at `at`.
fn follow(bytes: &[u8], at: usize) -> Result<usize> {
    let offset = u32_at(bytes, at)? as usize;
    // An offset of 0 would lead back here, and a chain of tables never end.
    match at.checked_add(offset) {
        Some(target) if offset > 0 && target < bytes.len() => Ok(target),
        _ => format_error(format!("offset at byte {at} points outside the file")),
    }
}

impl<'a> Table<'a> {
    /// The root table of a buffer whose file identifier is `identifier`.
    pub(crate) fn root(source: &'a Source<'a>, identifier: &[u8; 4]) -> Result<Self> {
        if &array::<4>(source.bytes, 4)? != identifier {
            return format_error("the file identifier is not TFL3");
        }
        Self::at(source, follow(source.bytes, 0)?)
    }

    fn at(source: &'a Source<'a>, at: usize) -> Result<Self> {
        let bytes = source.bytes;
        let back = i64::from(i32::from_le_bytes(array(bytes, at)?));
        let before_file = || format!("vtable of the table at byte {at} lies before the file");
        let Ok(vtable) = usize::try_from(at as i64 - back) else {
            return format_error(before_file());
        };
        let vtable_len = u16_at(bytes, vtable)?;
        // Two lengths of 16 bits come first. All that fields need of the vtable is checked here, so
        // that looking them up later cannot leave it.
        if vtable_len < 4 || vtable + vtable_len > bytes.len() {
            return format_error(format!("vtable at byte {vtable} is cut off"));
        }
        Ok(Self {
            source,
            at,
            vtable,
            vtable_len,
        })
    }

    fn bytes(&self) -> &'a [u8] {
        self.source.bytes
    }

    /// Where the field with number `id` lies, if the table has it.
    fn field(&self, id: usize) -> Result<Option<usize>> {
        let slot = 4 + 2 * id;
        if slot + 2 > self.vtable_len {
            return Ok(None);
        }
        let offset = u16_at(self.bytes(), self.vtable + slot)?;
        // 0 stands for a field that has its default value.
        Ok((offset != 0).then_some(self.at + offset))
    }

    pub(crate) fn u8(&self, id: usize, default: u8) -> Result<u8> {
        match self.field(id)? {
            Some(at) => array::<1>(self.bytes(), at).map(|b| b[0]),
            None => Ok(default),
        }
    }

    pub(crate) fn u32(&self, id: usize, default: u32) -> Result<u32> {
        match self.field(id)? {
            Some(at) => u32_at(self.bytes(), at),
            None => Ok(default),
        }
    }

    pub(crate) fn i32(&self, id: usize, default: i32) -> Result<i32> {
        Ok(self.u32(id, default.cast_unsigned())?.cast_signed())
    }

    pub(crate) fn table(&self, id: usize) -> Result<Option<Table<'a>>> {
        match self.field(id)? {
            Some(at) => Table::at(self.source, follow(self.bytes(), at)?).map(Some),
            None => Ok(None),
        }
    }

    fn span(&self, id: usize, element: usize) -> Result<Option<Span>> {
        let Some(at) = self.field(id)? else {
            return Ok(None);
        };
        let start = follow(self.bytes(), at)?;
        let len = u32_at(self.bytes(), start)? as usize;
        // The length is the file's word: it may overflow, or reach beyond the end.
        let end = len
            .checked_mul(element)
            .and_then(|size| size.checked_add(start + 4));
        match end {
            Some(end) if end <= self.bytes().len() => Ok(Some(Span {
                start: start + 4,
                len,
            })),
            _ => format_error(format!("vector at byte {start} is cut off")),
        }
    }

    /// The bytes of a vector of bytes; empty when absent. They are not copied, and cost nothing.
    pub(crate) fn borrowed_bytes(&self, id: usize) -> Result<&'a [u8]> {
        self.elements(id, 1)
    }

    /// The bytes of a vector of bytes, to be copied; empty when absent.
    pub(crate) fn counted_bytes(&self, id: usize) -> Result<&'a [u8]> {
        self.counted(id, 1)
    }

    /// The bytes of a vector of elements of `size` bytes.
    fn elements(&self, id: usize, size: usize) -> Result<&'a [u8]> {
        let span = self.span(id, size)?;
        Ok(span.map_or(&[], |s| &self.bytes()[s.start..s.start + size * s.len]))
    }

    /// The same, counted against what may be read.
    fn counted(&self, id: usize, size: usize) -> Result<&'a [u8]> {
        let bytes = self.elements(id, size)?;
        self.source.spend(bytes.len())?;
        Ok(bytes)
    }

    /// A string, lossily decoded; empty when absent.
    pub(crate) fn string(&self, id: usize) -> Result<String> {
        Ok(String::from_utf8_lossy(self.counted(id, 1)?).into_owned())
    }

    /// A vector of signed integers; empty when absent.
    pub(crate) fn ints(&self, id: usize) -> Result<Vec<i32>> {
        let chunks = self.counted(id, 4)?.as_chunks().0;
        Ok(chunks.iter().map(|c| i32::from_le_bytes(*c)).collect())
    }

    /// A vector of unsigned integers of 16 bits; empty when absent.
    pub(crate) fn shorts(&self, id: usize) -> Result<Vec<usize>> {
        let chunks = self.counted(id, 2)?.as_chunks().0.iter();
        Ok(chunks
            .map(|c| usize::from(u16::from_le_bytes(*c)))
            .collect())
    }

    /// A vector of floats; empty when absent.
    pub(crate) fn floats(&self, id: usize) -> Result<Vec<f32>> {
        let chunks = self.counted(id, 4)?.as_chunks().0;
        Ok(chunks.iter().map(|c| f32::from_le_bytes(*c)).collect())
    }

    /// A vector of 64-bit integers; empty when absent.
    pub(crate) fn longs(&self, id: usize) -> Result<Vec<i64>> {
        let chunks = self.counted(id, 8)?.as_chunks().0;
        Ok(chunks.iter().map(|c| i64::from_le_bytes(*c)).collect())
    }

    /// A vector of tables; empty when absent. It takes four bytes of the file for each, so that it
    /// cannot be longer than the file.
    pub(crate) fn tables(&self, id: usize) -> Result<Vec<Table<'a>>> {
        let Some(span) = self.span(id, 4)? else {
            return Ok(Vec::new());
        };
        self.source.spend(4 * span.len)?;
        let bytes = self.bytes();
        let at = |i| Table::at(self.source, follow(bytes, span.start + 4 * i)?);
        (0..span.len).map(at).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_short_and_foreign_files() {
        for bytes in [
            &b""[..],
            b"abc",
            b"\x10\0\0\0TFL3",
            b"\x08\0\0\0ABCD\0\0\0\0",
        ] {
            assert!(Table::root(&Source::new(bytes), b"TFL3").is_err());
        }
    }

    #[test]
    fn reads_a_table_by_hand() {
        // Root offset 12, identifier, vtable (6 bytes: size 6, table 8, field 0 at 4), padding,
        // table.
        let bytes = [
            16, 0, 0, 0, b'T', b'F', b'L', b'3', 6, 0, 8, 0, 4, 0, 0, 0, 8, 0, 0, 0, 7, 0, 0, 0,
        ];
        let source = Source::new(&bytes);
        let table = Table::root(&source, b"TFL3").unwrap();
        assert_eq!(table.u32(0, 1).unwrap(), 7);
        assert_eq!(
            table.u32(1, 5).unwrap(),
            5,
            "an absent field has its default"
        );
    }
}
