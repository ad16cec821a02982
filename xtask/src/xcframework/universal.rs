//! One library for several processors, as `lipo -create` makes it.

use super::slices::Slice;
use anyhow::{Context, Result};
use object::macho::FAT_MAGIC;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The power of two that a processor's part begins at a multiple of: the page of an arm64 system.
const ALIGNMENT: u32 = 14;

/// Words of the header, and of each part's entry.
const HEADER: usize = 2;
const ENTRY: usize = 5;

/// Writes one library of the libraries of a slice's targets, which are in the same order.
pub(super) fn join(slice: &Slice, files: &[PathBuf], out: &Path) -> Result<()> {
    let mut parts = Vec::new();
    for file in files {
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        parts.push(bytes);
    }
    if let [only] = parts.as_slice() {
        fs::write(out, only)?;
        return Ok(());
    }
    let mut words = vec![FAT_MAGIC, u32::try_from(parts.len())?];
    let mut end = (HEADER + ENTRY * parts.len()) * 4;
    for (target, part) in slice.targets.iter().zip(&parts) {
        let start = end.next_multiple_of(1 << ALIGNMENT);
        end = start + part.len();
        words.extend(target.cpu);
        words.extend([u32::try_from(start)?, u32::try_from(part.len())?, ALIGNMENT]);
    }
    let mut whole: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
    for part in &parts {
        whole.resize(whole.len().next_multiple_of(1 << ALIGNMENT), 0);
        whole.write_all(part)?;
    }
    fs::write(out, whole)?;
    Ok(())
}
