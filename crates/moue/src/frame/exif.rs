//! The orientation in EXIF data.

use image::metadata::Orientation;

const ORIENTATION: u16 = 0x0112;

/// Entries of the first directory that are looked at. Cameras write a few dozen.
const MAX_ENTRIES: usize = 1000;

/// The orientation that EXIF data states, from their TIFF header on. The standard stores it as a
/// SHORT; some programs write a BYTE or a LONG, and other programs read those too.
pub(super) fn orientation(exif: &[u8]) -> Option<Orientation> {
    let is_little = match exif.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let bytes = *exif.get(at..)?.first_chunk()?;
        Some(order(is_little, u16::from_le_bytes(bytes), u16::swap_bytes))
    };
    let long = |at: usize| {
        let bytes = *exif.get(at..)?.first_chunk()?;
        Some(order(is_little, u32::from_le_bytes(bytes), u32::swap_bytes))
    };
    let directory = long(4)? as usize;
    let entries = usize::from(short(directory)?).min(MAX_ENTRIES);
    let mut entries = (0..entries).map(|i| directory + 2 + 12 * i);
    let entry = entries.find(|entry| short(*entry) == Some(ORIENTATION))?;
    let value = match short(entry + 2)? {
        1 => u32::from(*exif.get(entry + 8)?),
        3 => u32::from(short(entry + 8)?),
        4 | 9 => long(entry + 8)?,
        _ => return None,
    };
    Orientation::from_exif(u8::try_from(value).ok()?)
}

fn order<T>(is_little: bool, value: T, swap: fn(T) -> T) -> T {
    if is_little { value } else { swap(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exif(is_little: bool, kind: u16, value: [u8; 4]) -> Vec<u8> {
        let short = |v: u16| order(is_little, v, u16::swap_bytes).to_le_bytes();
        let long = |v: u32| order(is_little, v, u32::swap_bytes).to_le_bytes();
        let mut bytes = if is_little { b"II*\0" } else { b"MM\0*" }.to_vec();
        bytes.extend(long(8));
        bytes.extend(short(1));
        bytes.extend(short(ORIENTATION));
        bytes.extend(short(kind));
        bytes.extend(long(1));
        bytes.extend(value);
        bytes
    }

    #[test]
    fn every_integer_type_is_read_in_both_byte_orders() {
        let turned = Some(Orientation::Rotate90);
        assert_eq!(orientation(&exif(true, 1, [6, 0, 0, 0])), turned);
        assert_eq!(orientation(&exif(true, 3, [6, 0, 0, 0])), turned);
        assert_eq!(orientation(&exif(true, 4, [6, 0, 0, 0])), turned);
        assert_eq!(orientation(&exif(false, 1, [6, 0, 0, 0])), turned);
        assert_eq!(orientation(&exif(false, 3, [0, 6, 0, 0])), turned);
        assert_eq!(orientation(&exif(false, 4, [0, 0, 0, 6])), turned);
    }

    #[test]
    fn nonsense_is_no_orientation() {
        assert_eq!(orientation(&exif(true, 3, [9, 0, 0, 0])), None);
        assert_eq!(orientation(&exif(true, 2, [6, 0, 0, 0])), None);
        assert_eq!(orientation(b"II*\0\xFF\xFF\xFF\xFF"), None);
        let whole = exif(true, 4, [6, 0, 0, 0]);
        for cut in 0..whole.len() {
            assert_eq!(orientation(&whole[..cut]), None, "{cut}");
        }
    }
}
