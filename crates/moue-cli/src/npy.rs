//! Tables as NumPy saves them, whose headers are checked before they are parsed.
//!
//! A header is a dictionary in Python's syntax. Its parser takes time that doubles with every
//! bracket which is opened, and memory as long as the file says its header is.

use anyhow::{Context, Result, bail, ensure};
use npyz::NpyFile;
use std::fs::File;
use std::io::{BufReader, Chain, Cursor, Read};
use std::path::Path;

/// A table behind its header.
pub(crate) type Table = NpyFile<Chain<Cursor<Vec<u8>>, BufReader<File>>>;

/// Longest header in bytes. NumPy's own has 118 for tables of up to 20 digits a side.
const MAX_HEADER: usize = 4_096;

/// Most brackets inside one another: the dictionary, and the tuple of the shape in it.
const MAX_DEPTH: usize = 2;

/// Opens a file and reads its header.
///
/// # Errors
/// If it is no such file, or does not hold as many numbers as its header says.
pub(crate) fn open(path: &Path) -> Result<Table> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let length = file.metadata()?.len();
    let mut reader = BufReader::new(file);
    let header = header(&mut reader).with_context(|| format!("{} is no table", path.display()))?;
    let start = header.len() as u64;
    let table = NpyFile::new(Cursor::new(header).chain(reader))
        .with_context(|| format!("{} is no table of NumPy", path.display()))?;
    let width = table.dtype().num_bytes().unwrap_or(1) as u64;
    let mut sizes = table.shape().iter();
    let bytes = sizes.try_fold(width, |all, size| all.checked_mul(*size));
    ensure!(
        bytes.is_some_and(|bytes| bytes <= length.saturating_sub(start)),
        "{} is cut off: it has fewer numbers than its shape {:?}",
        path.display(),
        table.shape()
    );
    Ok(table)
}

/// The bytes of the header, with what comes before it.
fn header(reader: &mut impl Read) -> Result<Vec<u8>> {
    let mut start = [0; 8];
    reader.read_exact(&mut start).context("it is too short")?;
    ensure!(start.starts_with(b"\x93NUMPY"), "it does not start as one");
    let mut bytes = start.to_vec();
    // The first version of the format has a length of two bytes, later ones of four.
    let digits = if start[6] == 1 { 2 } else { 4 };
    let mut length = [0; 4];
    reader.read_exact(&mut length[..digits])?;
    bytes.extend_from_slice(&length[..digits]);
    let length = u32::from_le_bytes(length) as usize;
    ensure!(
        length <= MAX_HEADER,
        "its header has {length} bytes, and {MAX_HEADER} is the most"
    );
    let text = bytes.len();
    bytes.resize(text + length, 0);
    reader
        .read_exact(&mut bytes[text..])
        .context("its header is cut off")?;
    check_depth(&bytes[text..])?;
    Ok(bytes)
}

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
        assert_eq!(open(&path).unwrap().into_vec::<f32>().unwrap(), [1.0, 2.0]);
    }

    #[test]
    fn headers_that_take_the_parser_minutes_are_refused() {
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
}
