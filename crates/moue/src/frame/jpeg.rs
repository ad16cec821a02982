//! Whether a JPEG file has its end: decoders fill the missing rest of a cut-off one with grey.

/// Walks the markers of ITU-T T.81, annex B, up to the end-of-image marker.
pub(super) fn is_complete(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some(next) = marker(bytes, at) {
        match bytes[next] {
            0xD9 => return true,
            // Restart markers and escaped bytes belong to the scan, stand-alone ones have no length.
            0x00 | 0x01 | 0xD0..=0xD8 => at = next + 1,
            _ => match bytes.get(next + 1..next + 3) {
                Some(&[high, low]) => at = next + 1 + usize::from(u16::from_be_bytes([high, low])).max(2),
                _ => return false,
            },
        }
    }
    false
}

/// The position of the code of the next marker from `at` on: the first byte other than 0xFF after a 0xFF.
fn marker(bytes: &[u8], at: usize) -> Option<usize> {
    let start = at + bytes.get(at..)?.iter().position(|b| *b == 0xFF)?;
    Some(start + bytes[start..].iter().position(|b| *b != 0xFF)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_an_embedded_thumbnail_is_not_the_end() {
        let thumbnail = [0xFF, 0xD8, 0xFF, 0xD9];
        let mut file = vec![0xFF, 0xD8, 0xFF, 0xE1, 0, 6];
        file.extend(thumbnail);
        file.extend([0xFF, 0xDA, 0, 2, 1, 2, 0xFF, 0x00, 3]);
        assert!(!is_complete(&file));
        file.extend([0xFF, 0xD9, 9, 9]);
        assert!(is_complete(&file), "bytes after the end do no harm");
        for cut in 0..file.len() - 2 {
            assert!(!is_complete(&file[..cut]), "{cut}");
        }
    }
}
