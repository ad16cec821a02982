//! Formats of picture files by their first bytes.

use image::ImageFormat;
use std::fmt;

/// Who decodes a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// The crate `image`, or a module of ours.
    Image(ImageFormat),
    /// Another program.
    External(External),
}

/// Formats that other programs decode for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum External {
    /// HEIF files with HEVC inside, which phones write.
    Heic,
    /// HEIF files with AV1 inside.
    Avif,
    /// JPEG XL.
    Jxl,
}

/// Brands of HEIF files with HEVC, or of any HEIF file.
pub(crate) const HEIF_BRANDS: [&[u8; 4]; 8] = [
    b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1",
];

pub(crate) const AVIF_BRANDS: [&[u8; 4]; 2] = [b"avif", b"avis"];

/// The start of a JPEG XL file, alone and in a container.
const JXL: [&[u8]; 2] = [b"\xFF\x0A", b"\0\0\0\x0CJXL \x0D\x0A\x87\x0A"];

impl Format {
    /// The format of a file that begins with these bytes.
    pub(super) fn of(start: &[u8]) -> Option<Self> {
        if let Some(format) = External::of(start) {
            return Some(Self::External(format));
        }
        image::guess_format(start).ok().map(Self::Image)
    }
}

impl External {
    fn of(start: &[u8]) -> Option<Self> {
        if JXL.iter().any(|jxl| start.starts_with(jxl)) {
            return Some(Self::Jxl);
        }
        if start.get(4..8) != Some(b"ftyp") {
            return None;
        }
        let length = u32::from_be_bytes(*start.first_chunk()?) as usize;
        let brands = start.get(8..length.min(start.len()))?.as_chunks::<4>().0;
        // The major brand may be the general one, `mif1`: the others tell what is inside.
        if brands.iter().any(|brand| AVIF_BRANDS.contains(&brand)) {
            return Some(Self::Avif);
        }
        let major = brands.first()?;
        HEIF_BRANDS.contains(&major).then_some(Self::Heic)
    }
}

impl fmt::Display for External {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Heic => "HEIC",
            Self::Avif => "AVIF",
            Self::Jxl => "JPEG XL",
        })
    }
}

/// Whether a file begins as a picture does: one that moue reads, or in a format that it can name.
/// 64 bytes suffice.
///
/// ```
/// use moue::frame::looks_like_picture;
/// assert!(looks_like_picture(b"\xFF\xD8\xFF\xE0\0\x10JFIF\0"));
/// assert!(looks_like_picture(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"));
/// assert!(!looks_like_picture(b"just some text"));
/// ```
pub fn looks_like_picture(start: &[u8]) -> bool {
    Format::of(start).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_told_apart_by_their_brands() {
        let of = External::of;
        assert_eq!(
            of(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
            Some(External::Heic)
        );
        assert_eq!(
            of(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic"),
            Some(External::Heic)
        );
        assert_eq!(
            of(b"\0\0\0\x18ftypmif1\0\0\0\0avifmif1"),
            Some(External::Avif)
        );
        assert_eq!(of(b"\0\0\0\x14ftypisom\0\0\x02\0isom"), None);
        assert_eq!(of(b"\0\0\0\x0CJXL \x0D\x0A\x87\x0A\0"), Some(External::Jxl));
        assert_eq!(of(b"\xFF\x0A\x71"), Some(External::Jxl));
        assert_eq!(of(b"\0\0\0\0ftyp"), None);
    }
}
