//! The envelope of every record and chunk in the file: what it is, and a checksum of all of it.
//!
//! The pages' checksums (see `checked`) cover what is read through the database. These cover each
//! value alone: `verify` names the one that is damaged, and a repair finds values in a file whose
//! pages no longer lead to them.

use super::error::Fault;
use super::records::Picture;
use twox_hash::XxHash3_64;

/// What an envelope begins with. The first byte occurs in no UTF-8 text.
pub(super) const MAGIC: [u8; 4] = *b"\xFEmoR";
/// Bytes before the content.
pub(super) const HEAD: usize = 36;
/// The checksum is of the head from behind the magic up to itself, and of the content.
const SUMMED: std::ops::Range<usize> = 4..28;

/// Kinds of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// A picture's record as JSON, by its id.
    Picture = 1,
    /// A chunk's rows.
    Rows,
    /// A chunk's codes.
    Codes,
    /// A part of a chunk's expressions.
    Floats,
    /// A face's thumbnail, by its id.
    Thumbnail,
    /// What is recorded about a file as JSON, by the hash of its path.
    File,
}

impl Kind {
    const ALL: [Self; 6] = [
        Self::Picture,
        Self::Rows,
        Self::Codes,
        Self::Floats,
        Self::Thumbnail,
        Self::File,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Picture => "record of picture",
            Self::Rows => "rows of chunk",
            Self::Codes => "codes of chunk",
            Self::Floats => "expressions of part",
            Self::Thumbnail => "thumbnail of face",
            Self::File => "record of file",
        }
    }
}

/// An opened envelope.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sealed<'a> {
    pub(super) kind: Kind,
    pub(super) key: u64,
    /// Of the transaction that wrote it: of two with one key the larger is current.
    pub(super) generation: u64,
    pub(super) content: &'a [u8],
}

/// The whole envelopes that are somewhere in these bytes, each with its place.
pub(super) fn envelopes(bytes: &[u8]) -> impl Iterator<Item = (usize, Sealed<'_>)> {
    let mut next = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = bytes.get(next..)?;
            let at = next + rest.windows(MAGIC.len()).position(|w| w == MAGIC)?;
            let Some(sealed) = find(&bytes[at..]) else {
                next = at + MAGIC.len();
                continue;
            };
            next = at + HEAD + sealed.content.len();
            return Some((at, sealed));
        }
    })
}

/// The value to store for `content`.
pub(super) fn seal(kind: Kind, key: u64, generation: u64, content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD + content.len());
    bytes.extend(MAGIC);
    bytes.extend([kind as u8, 0, 0, 0]);
    bytes.extend(key.to_le_bytes());
    bytes.extend(generation.to_le_bytes());
    bytes.extend((content.len() as u32).to_le_bytes());
    bytes.extend(sum(&bytes[SUMMED], content).to_le_bytes());
    bytes.extend(content);
    bytes
}

/// The content of a stored value.
///
/// # Errors
/// If it is damaged, or is not the one that belongs to this kind and key.
pub(super) fn open(kind: Kind, key: u64, bytes: &[u8]) -> Result<&[u8], Fault> {
    match find(bytes) {
        Some(found) if found.kind == kind && found.key == key && spans(&found, bytes) => {
            Ok(found.content)
        }
        _ => Err(Fault::damaged(format_args!(
            "the {} {key} is damaged",
            kind.name()
        ))),
    }
}

fn spans(found: &Sealed<'_>, bytes: &[u8]) -> bool {
    found.content.len() + HEAD == bytes.len()
}

/// The envelope at the beginning of `bytes`, if it is whole.
pub(super) fn find(bytes: &[u8]) -> Option<Sealed<'_>> {
    let head: &[u8; HEAD] = bytes.first_chunk()?;
    if !head.starts_with(&MAGIC) {
        return None;
    }
    let long = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| head[at + i]));
    let len = u32::from_le_bytes(std::array::from_fn(|i| head[24 + i])) as usize;
    let content = bytes[HEAD..].get(..len)?;
    let kind = *Kind::ALL.iter().find(|kind| **kind as u8 == head[4])?;
    (sum(&head[SUMMED], content) == long(28)).then_some(Sealed {
        kind,
        key: long(8),
        generation: long(16),
        content,
    })
}

fn sum(head: &[u8], content: &[u8]) -> u64 {
    XxHash3_64::oneshot_with_seed(XxHash3_64::oneshot(head), content)
}

/// The checksum of a value that has no envelope of its own.
pub(super) fn plain_sum(bytes: &[u8]) -> u64 {
    XxHash3_64::oneshot(bytes)
}

/// The key of a file's record: a path has no number.
pub(super) fn path_key(path: &str) -> u64 {
    XxHash3_64::oneshot(path.as_bytes())
}

/// The picture in a stored record.
pub(super) fn picture(id: u64, bytes: &[u8]) -> Result<Picture, Fault> {
    Ok(Picture::from_json(id, open(Kind::Picture, id, bytes)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_of_an_envelope_is_noticed() {
        let whole = seal(Kind::Picture, 7, 3, b"{\"a\":1}");
        assert_eq!(open(Kind::Picture, 7, &whole).unwrap(), b"{\"a\":1}");
        assert!(open(Kind::Picture, 8, &whole).is_err());
        assert!(open(Kind::Thumbnail, 7, &whole).is_err());
        for bit in 0..8 * whole.len() {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(open(Kind::Picture, 7, &bytes).is_err(), "bit {bit}");
        }
        for len in 0..whole.len() {
            assert!(open(Kind::Picture, 7, &whole[..len]).is_err());
        }
    }
}
