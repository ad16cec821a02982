//! GIF files as other programs read them: what the decoder refuses and no other program minds is
//! mended before it sees the file.

use std::borrow::Cow;

/// Bytes of the header and the logical screen descriptor.
const HEADER: usize = 13;

/// Where the logical screen descriptor has width and height.
const SCREEN: std::ops::Range<usize> = 6..10;

const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2C;

/// Labels of the extensions of GIF89a: plain text, graphic control, comment, application.
const KNOWN_EXTENSIONS: [u8; 4] = [0x01, 0xF9, 0xFE, 0xFF];

/// What a walk through the blocks of a file finds.
#[derive(Default)]
struct Blocks {
    /// Ranges of extensions with unknown labels.
    unknown: Vec<std::ops::Range<usize>>,
    /// The smallest screen that holds all images.
    extent: [u16; 2],
}

/// The file with the size of its images in the place of an empty screen, and without extensions of
/// unknown labels. A file that needs neither is borrowed.
pub(crate) fn mended(bytes: &[u8]) -> Cow<'_, [u8]> {
    let blocks = blocks(bytes);
    let is_empty = bytes
        .get(SCREEN)
        .is_some_and(|screen| screen[..2] == [0, 0] || screen[2..] == [0, 0]);
    if blocks.unknown.is_empty() && !is_empty {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut kept = 0;
    for unknown in blocks.unknown {
        out.extend_from_slice(&bytes[kept..unknown.start]);
        kept = unknown.end;
    }
    out.extend_from_slice(&bytes[kept..]);
    if is_empty {
        let [width, height] = blocks.extent.map(u16::to_le_bytes);
        out[SCREEN].copy_from_slice(&[width, height].concat());
    }
    Cow::Owned(out)
}

/// Walks the blocks as far as the file is whole.
fn blocks(bytes: &[u8]) -> Blocks {
    let mut blocks = Blocks::default();
    let Some(flags) = bytes.get(10) else {
        return blocks;
    };
    let mut at = HEADER + palette_bytes(*flags);
    while let Some(next) = block(bytes, at, &mut blocks) {
        at = next;
    }
    blocks
}

/// Looks at the block at `at`; returns where the next one begins, `None` at the end.
fn block(bytes: &[u8], at: usize, blocks: &mut Blocks) -> Option<usize> {
    match *bytes.get(at)? {
        EXTENSION => {
            let label = bytes.get(at + 1)?;
            let end = sub_blocks_end(bytes, at + 2)?;
            if !KNOWN_EXTENSIONS.contains(label) {
                blocks.unknown.push(at..end);
            }
            Some(end)
        }
        IMAGE => {
            let descriptor = bytes.get(at + 1..at + 10)?;
            let word = |i: usize| u16::from_le_bytes([descriptor[i], descriptor[i + 1]]);
            for (side, extent) in blocks.extent.iter_mut().enumerate() {
                let end = word(2 * side).saturating_add(word(2 * side + 4));
                *extent = end.max(*extent);
            }
            // One byte of the code size stands before the data.
            sub_blocks_end(bytes, at + 11 + palette_bytes(descriptor[8]))
        }
        // The trailer, or bytes that are not allowed here, for which the decoder has its own error.
        _ => None,
    }
}

/// Bytes of the color table that the flags of a descriptor promise.
fn palette_bytes(flags: u8) -> usize {
    if flags & 0x80 == 0 {
        0
    } else {
        3 << ((flags & 7) + 1)
    }
}

/// The end of a sequence of sub-blocks: each has a byte for its length, and one of none ends them.
fn sub_blocks_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2×1 pixels at (1, 2).
    const PICTURE: &[u8] = b"\x2C\x01\0\x02\0\x02\0\x01\0\0\x02\x02\x44\x01\0";
    const UNKNOWN: &[u8] = b"\x21\x77\x03abc\x02de\0";

    fn file(screen: &[u8; 4], blocks: &[&[u8]]) -> Vec<u8> {
        let header = [b"GIF89a", &screen[..], b"\x80\0\0\0\0\0\xFF\xFF\xFF"].concat();
        [header, blocks.concat(), vec![0x3B]].concat()
    }

    #[test]
    fn only_what_needs_it_is_mended() {
        let whole = file(b"\x09\0\x09\0", &[PICTURE]);
        assert!(matches!(mended(&whole), Cow::Borrowed(_)));
        let odd = file(b"\x09\0\x09\0", &[UNKNOWN, PICTURE, UNKNOWN]);
        assert_eq!(*mended(&odd), *whole);
        let empty = file(b"\0\0\0\0", &[PICTURE]);
        assert_eq!(*mended(&empty), *file(b"\x03\0\x03\0", &[PICTURE]));
    }

    #[test]
    fn files_that_are_cut_off_are_left_to_the_decoder() {
        let whole = file(b"\0\0\0\0", &[UNKNOWN, PICTURE]);
        for cut in 0..whole.len() {
            mended(&whole[..cut]);
        }
    }
}
