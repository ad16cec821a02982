//! NumPy's `.npz`: a zip archive of arrays, in little-endian C order.

use anyhow::{Context, Result, ensure};
use half::f16;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// An array larger than this is not a face model's.
const MAX_BYTES: u64 = 1 << 30;

/// An array as it is stored.
pub(crate) struct Array {
    /// The kind of the elements, such as `<f4`.
    pub(crate) kind: String,
    pub(crate) shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Array {
    /// The elements of an array of floats of 16 or 32 bits.
    pub(crate) fn floats(&self) -> Result<Vec<f32>> {
        match self.kind.as_str() {
            "<f2" => Ok(words::<2>(&self.bytes)
                .map(|b| f16::from_le_bytes(b).to_f32())
                .collect()),
            "<f4" => Ok(words::<4>(&self.bytes).map(f32::from_le_bytes).collect()),
            other => anyhow::bail!("expected floats, found {other}"),
        }
    }

    /// The elements of an array of 32-bit integers, none of them negative.
    pub(crate) fn indices(&self) -> Result<Vec<u32>> {
        ensure!(self.kind == "<i4", "expected <i4, found {}", self.kind);
        Ok(words::<4>(&self.bytes).map(u32::from_le_bytes).collect())
    }

    /// The elements of an array of texts.
    pub(crate) fn texts(&self) -> Result<Vec<String>> {
        let width: usize = self
            .kind
            .strip_prefix("<U")
            .and_then(|w| w.parse().ok())
            .with_context(|| format!("expected texts, found {}", self.kind))?;
        let letters: Vec<char> = words::<4>(&self.bytes)
            .map(|b| char::from_u32(u32::from_le_bytes(b)).unwrap_or('?'))
            .collect();
        let text = |row: &[char]| row.iter().filter(|c| **c != '\0').collect();
        Ok(letters.chunks(width.max(1)).map(text).collect())
    }
}

fn words<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> {
    bytes.as_chunks::<N>().0.iter().copied()
}

/// Reads one array of an archive.
pub(crate) fn read(archive: &mut ZipArchive<File>, name: &str) -> Result<Array> {
    let file = archive
        .by_name(&format!("{name}.npy"))
        .with_context(|| format!("the archive has no array {name}"))?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes)?;
    parse(&bytes).with_context(|| format!("the array {name} cannot be read"))
}

fn parse(bytes: &[u8]) -> Result<Array> {
    ensure!(bytes.starts_with(b"\x93NUMPY"), "not a .npy file");
    // Version 1 has two bytes of header length, later ones have four.
    let start = if bytes.get(6) == Some(&1) { 10 } else { 12 };
    let length = bytes.get(8..start).context("the header is cut off")?;
    let length = length
        .iter()
        .rev()
        .fold(0, |sum, b| sum * 256 + usize::from(*b));
    let header = bytes
        .get(start..start + length)
        .context("the header is cut off")?;
    let header = std::str::from_utf8(header)?;
    ensure!(header.contains("'fortran_order': False"), "not in C order");
    let kind = between(header, "'descr': '", "'")?.to_owned();
    let shape = between(header, "'shape': (", ")")?
        .split(',')
        .filter_map(|n| n.trim().parse().ok())
        .collect();
    let bytes = bytes[start + length..].to_vec();
    Ok(Array { kind, shape, bytes })
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Result<&'a str> {
    let rest = text.split_once(start).context("an entry is absent")?.1;
    Ok(rest.split_once(end).context("an entry has no end")?.0)
}

/// Writes arrays into a new archive, uncompressed: pictures are compressed already.
pub(crate) struct Writer {
    zip: ZipWriter<File>,
}

impl Writer {
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let file =
            File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self {
            zip: ZipWriter::new(file),
        })
    }

    /// Adds an array of these elements, whose kind is NumPy's, such as `<f4`.
    pub(crate) fn add(
        &mut self,
        name: &str,
        kind: &str,
        shape: &[usize],
        bytes: &[u8],
    ) -> Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(true);
        self.zip.start_file(format!("{name}.npy"), options)?;
        self.zip.write_all(&header(kind, shape))?;
        self.zip.write_all(bytes)?;
        Ok(())
    }

    pub(crate) fn add_floats(&mut self, name: &str, shape: &[usize], values: &[f32]) -> Result<()> {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.add(name, "<f4", shape, &bytes)
    }

    pub(crate) fn add_integers(&mut self, name: &str, values: &[i64]) -> Result<()> {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.add(name, "<i8", &[values.len()], &bytes)
    }

    pub(crate) fn finish(self) -> Result<()> {
        self.zip.finish()?;
        Ok(())
    }
}

fn header(kind: &str, shape: &[usize]) -> Vec<u8> {
    let shape: String = shape.iter().map(|n| format!("{n},")).collect();
    let mut text =
        format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape}), }}").into_bytes();
    // The data begin at a multiple of 64, after a line break.
    text.resize((text.len() + 11).next_multiple_of(64) - 11, b' ');
    text.push(b'\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut bytes = header("<f4", &[2, 3]);
        assert_eq!(bytes.len() % 64, 0);
        bytes.extend(
            [1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0]
                .iter()
                .flat_map(|v| v.to_le_bytes()),
        );
        let array = parse(&bytes).unwrap();
        assert_eq!(array.shape, [2, 3]);
        assert_eq!(array.floats().unwrap(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert!(array.indices().is_err() && array.texts().is_err());
    }

    #[test]
    fn a_damaged_array_is_an_error() {
        let whole = header("<f4", &[1]);
        assert!(parse(b"PK").is_err());
        for end in 0..whole.len() - 1 {
            assert!(parse(&whole[..end]).is_err());
        }
    }
}
