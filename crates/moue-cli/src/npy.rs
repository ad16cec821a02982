//! Tables as NumPy saves them, format version 1.0 to 3.0 (`numpy.lib.format`).
//!
//! A header is a dictionary in Python's syntax with three keys: the type of the numbers, their
//! order, and the shape. Of the types only floats of 4 and 8 bytes are read.

use anyhow::{Context, Result, bail, ensure};
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;

const MAGIC: &[u8] = b"\x93NUMPY";

/// Longest header in bytes. NumPy's own has 118 for tables of up to 20 digits a side.
const MAX_HEADER: usize = 4_096;

/// Most brackets inside one another: the dictionary, and the tuple of the shape in it.
const MAX_DEPTH: usize = 2;

/// NumPy makes the numbers start at a multiple of this, so that files can be mapped into memory.
const ALIGNMENT: usize = 64;

/// A table behind its header.
pub(crate) struct Table {
    header: Header,
    numbers: BufReader<File>,
}

/// What a header tells of the numbers behind it.
#[derive(Debug, PartialEq)]
struct Header {
    /// Byte order and type, such as `<f4`.
    descr: String,
    /// Whether the first index varies fastest, as in Fortran.
    fortran_order: bool,
    shape: Vec<u64>,
}

/// Opens a file and reads its header.
///
/// # Errors
/// If it is no such file, or does not hold as many numbers as its header says.
pub(crate) fn open(path: &Path) -> Result<Table> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let length = file.metadata()?.len();
    let mut numbers = BufReader::new(file);
    let (header, start) =
        read_header(&mut numbers).with_context(|| format!("{} is no table", path.display()))?;
    let mut sizes = header.shape.iter();
    let bytes = sizes.try_fold(header.width(), |all, size| all.checked_mul(*size));
    ensure!(
        bytes.is_some_and(|bytes| bytes <= length.saturating_sub(start)),
        "{} is cut off: it has fewer numbers than its shape {:?}",
        path.display(),
        header.shape
    );
    Ok(Table { header, numbers })
}

/// Writes the header of a table of little-endian `f32` in C's order, which follow it.
pub(crate) fn write_header(file: &mut impl Write, [rows, columns]: [u64; 2]) -> Result<()> {
    let text =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    let before = MAGIC.len() + 4;
    let length = (before + text.len() + 1).next_multiple_of(ALIGNMENT) - before;
    file.write_all(MAGIC)?;
    file.write_all(&[1, 0])?;
    file.write_all(&u16::try_from(length)?.to_le_bytes())?;
    // Blanks fill the header up to its last byte, a line feed.
    Ok(writeln!(file, "{text:<width$}", width = length - 1)?)
}

impl Table {
    /// Rows, columns and so on.
    pub(crate) fn shape(&self) -> &[u64] {
        &self.header.shape
    }

    /// Refuses a table that is stored column by column.
    pub(crate) fn require_rows(&self) -> Result<()> {
        ensure!(
            !self.header.fortran_order,
            "the table is stored by columns; save it with numpy.ascontiguousarray"
        );
        Ok(())
    }

    /// All numbers in the order of the file. NumPy's own default is float64, networks give float32.
    ///
    /// # Errors
    /// If they are of another type, or the file ends before them.
    pub(crate) fn into_floats(mut self) -> Result<Vec<f32>> {
        let is_big = self.header.descr.starts_with('>');
        let count: u64 = self.header.shape.iter().product();
        let mut bytes = Vec::new();
        self.numbers
            .by_ref()
            .take(count * self.header.width())
            .read_to_end(&mut bytes)?;
        Ok(match &self.header.descr[1..] {
            "f4" => floats(&bytes, |b| {
                if is_big {
                    f32::from_be_bytes(b)
                } else {
                    f32::from_le_bytes(b)
                }
            }),
            "f8" => floats(&bytes, |b| {
                (if is_big {
                    f64::from_be_bytes(b)
                } else {
                    f64::from_le_bytes(b)
                }) as f32
            }),
            _ => bail!("its numbers are neither float32 nor float64"),
        })
    }
}

fn floats<const N: usize>(bytes: &[u8], float: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|b| float(*b)).collect()
}

impl Header {
    /// Bytes of one number. What is no number that we read is taken as a byte: its type is reported
    /// when the numbers are asked for.
    fn width(&self) -> u64 {
        let digits = self.descr.trim_start_matches(|c: char| !c.is_ascii_digit());
        digits.parse().unwrap_or(1)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut header = Self {
            descr: String::new(),
            fortran_order: false,
            shape: Vec::new(),
        };
        let mut rest = text.trim_start().strip_prefix('{')?.trim_start();
        while let Some(start) = rest.strip_prefix(['\'', '"']) {
            let (key, value) = start.split_once(['\'', '"'])?;
            let value = value.trim_start().strip_prefix(':')?.trim_start();
            let after = header.set(key, value)?.trim_start();
            rest = after.strip_prefix(',').unwrap_or(after).trim_start();
        }
        let is_whole = rest.strip_prefix('}')?.trim().is_empty() && !header.descr.is_empty();
        is_whole.then_some(header)
    }

    /// Sets what a key is for; returns the text behind the value.
    fn set<'a>(&mut self, key: &str, value: &'a str) -> Option<&'a str> {
        match key {
            "descr" => {
                let (descr, after) = value.strip_prefix(['\'', '"'])?.split_once(['\'', '"'])?;
                // The first character is the byte order, the second the kind of number.
                let is_type = descr.len() > 1 && descr.is_ascii();
                self.descr = is_type.then(|| descr.to_owned())?;
                Some(after)
            }
            "fortran_order" => {
                self.fortran_order = value.starts_with("True");
                value.strip_prefix("True").or(value.strip_prefix("False"))
            }
            "shape" => {
                let (sizes, after) = value.strip_prefix('(')?.split_once(')')?;
                let sizes = sizes.split(',').map(str::trim);
                // `(3,)` is a tuple of one number.
                let sizes = sizes.filter(|size| !size.is_empty());
                self.shape = sizes.map(|size| size.parse().ok()).collect::<Option<_>>()?;
                Some(after)
            }
            _ => None,
        }
    }
}

/// The header, and how many bytes there are before the numbers.
fn read_header(reader: &mut impl Read) -> Result<(Header, u64)> {
    let mut start = [0; 8];
    reader.read_exact(&mut start).context("it is too short")?;
    ensure!(start.starts_with(MAGIC), "it does not start as one");
    // The first version of the format has a length of two bytes, later ones of four.
    let digits = if start[6] == 1 { 2 } else { 4 };
    let mut length = [0; 4];
    reader.read_exact(&mut length[..digits])?;
    let length = u32::from_le_bytes(length) as usize;
    ensure!(
        length <= MAX_HEADER,
        "its header has {length} bytes, and {MAX_HEADER} is the most"
    );
    let mut text = vec![0; length];
    reader
        .read_exact(&mut text)
        .context("its header is cut off")?;
    check_depth(&text)?;
    let text = String::from_utf8(text).context("its header is no text")?;
    let header = Header::parse(&text).context("its header is none of NumPy")?;
    Ok((header, (start.len() + digits + length) as u64))
}

/// A header that nests deeper describes records or is no header; the message says so at once.
fn check_depth(header: &[u8]) -> Result<()> {
    let mut depth = 0usize;
    for byte in header {
        match byte {
            b'[' | b'(' | b'{' => depth += 1,
            b']' | b')' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            bail!("its header has brackets nested more than {MAX_DEPTH} deep");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of the first version with this header.
    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let length = (header.len() as u16).to_le_bytes();
        [b"\x93NUMPY\x01\0", &length[..], header.as_bytes(), data].concat()
    }

    fn error(bytes: &[u8]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.npy");
        std::fs::write(&path, bytes).unwrap();
        format!("{:#}", open(&path).map(drop).unwrap_err())
    }

    const HEADER: &str = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }\n";

    #[test]
    fn an_honest_table_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.npy");
        std::fs::write(&path, file(HEADER, &[0, 0, 128, 63, 0, 0, 0, 64])).unwrap();
        assert_eq!(open(&path).unwrap().into_floats().unwrap(), [1.0, 2.0]);
    }

    #[test]
    fn headers_of_other_forms_are_refused() {
        for open in ["[", "(", "{", "[(", "{'a': ["] {
            let header = open.repeat(50);
            assert!(error(&file(&header, &[])).contains("nested"), "{open}");
        }
        let long = b"\x93NUMPY\x02\0\xff\xff\xff\xff".to_vec();
        assert!(error(&long).contains("4294967295 bytes"));
    }

    #[test]
    fn files_that_are_cut_off_are_refused() {
        let whole = file(HEADER, &[0; 8]);
        for cut in 0..whole.len() {
            error(&whole[..cut]);
        }
        assert!(error(&file(HEADER, &[0; 7])).contains("cut off"));
        let huge = HEADER.replace("(2, 1)", "(4294967296, 4294967296)");
        assert!(error(&file(&huge, &[0; 8])).contains("cut off"));
    }

    fn table(header: &str, data: &[u8]) -> Result<Vec<f32>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("x.npy");
        std::fs::write(&path, file(header, data))?;
        open(&path)?.into_floats()
    }

    #[test]
    fn both_widths_and_both_byte_orders_are_read() {
        let numbers = [1.5f32, -2.0, 1e-3];
        let wide = numbers.map(f64::from);
        let header =
            |descr: &str| format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (3,)}}");
        let cases = [
            ("<f4", numbers.map(f32::to_le_bytes).concat()),
            (">f4", numbers.map(f32::to_be_bytes).concat()),
            ("<f8", wide.map(f64::to_le_bytes).concat()),
            (">f8", wide.map(f64::to_be_bytes).concat()),
        ];
        for (descr, data) in cases {
            assert_eq!(table(&header(descr), &data).unwrap(), numbers, "{descr}");
        }
        for other in ["<i4", "<f2", "|b1", "|S4", "<c8"] {
            let error = table(&header(other), &[0; 64]).unwrap_err().to_string();
            assert!(error.contains("neither float32"), "{other}: {error}");
        }
    }

    #[test]
    fn headers_are_read_in_any_order_and_refused_where_a_part_is_missing() {
        let any_order = "{\"shape\":(2,),'fortran_order':True,'descr':'<f4'}";
        let header = Header::parse(any_order).unwrap();
        assert!(header.fortran_order && header.shape == [2]);
        for wrong in [
            "",
            "{}",
            "{'shape': (2,)",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2, -1)}",
            "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2,)}",
            "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} and more",
        ] {
            assert_eq!(Header::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_written_is_aligned_and_read_again() {
        let mut bytes = Vec::new();
        write_header(&mut bytes, [2, 64]).unwrap();
        assert_eq!(bytes.len() % ALIGNMENT, 0);
        let (header, start) = read_header(&mut bytes.as_slice()).unwrap();
        assert_eq!((header.shape, start), (vec![2, 64], bytes.len() as u64));
    }
}
