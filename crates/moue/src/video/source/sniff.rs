//! Whether a file is a video: by its ending, or by its first bytes.

use crate::frame::{AVIF_BRANDS, HEIF_BRANDS};
#[cfg(feature = "video")]
use std::io::Read;
use std::path::Path;

/// Endings of files that only `ffmpeg` reads: the containers of films, phones, camcorders (AVCHD,
/// DV), discs and recorders.
const ENDINGS: [&str; 28] = [
    "mp4", "m4v", "mov", "qt", "mkv", "webm", "avi", "divx", "mpg", "mpeg", "mpe", "m1v", "m2v",
    "vob", "ts", "mts", "m2ts", "m2t", "tod", "mod", "wmv", "asf", "flv", "f4v", "3gp", "3g2",
    "ogv", "y4m",
];

/// Further ones, of which other programs use some for something else.
const RARE_ENDINGS: [&str; 4] = ["dv", "mxf", "ivf", "nut"];

/// Brands of ISO base media files that have sound only.
const SOUND_BRANDS: [&[u8; 4]; 4] = [b"M4A ", b"M4B ", b"M4P ", b"F4A "];

/// How the first packet of an Ogg file begins that has sound only.
const SOUND_PACKETS: [&[u8]; 4] = [b"\x01vorbis", b"OpusHead", b"Speex   ", b"\x7FFLAC"];

/// Bytes that [`looks_like_video`] can use: two packets of an AVCHD stream and the start of a third.
#[cfg(feature = "video")]
const START_BYTES: u64 = 2 * 192 + 8;

/// Whether a file is a video by the ending of its name.
///
/// ```
/// assert!(moue::video::is_video("clip.MP4") && moue::video::is_video("00001.MTS"));
/// assert!(!moue::video::is_video("wave.gif"));
/// ```
pub fn is_video(path: impl AsRef<Path>) -> bool {
    let Some(ending) = path.as_ref().extension() else {
        return false;
    };
    let mut known = ENDINGS.iter().chain(&RARE_ENDINGS);
    known.any(|known| ending.eq_ignore_ascii_case(known))
}

/// Whether a file begins as a video does. At least 400 bytes, or the whole file, should be given:
/// some formats show only in the distance of their packets.
///
/// ```
/// use moue::video::looks_like_video;
/// assert!(looks_like_video(b"\0\0\0\x20ftypisom\0\0\0\0"));
/// assert!(!looks_like_video(b"\0\0\0\x20ftypheic\0\0\0\0"));
/// assert!(!looks_like_video(b"some text"));
/// ```
pub fn looks_like_video(start: &[u8]) -> bool {
    const SIGNATURES: [&[u8]; 7] = [
        // Matroska and WebM.
        b"\x1A\x45\xDF\xA3",
        b"FLV\x01",
        b"YUV4MPEG2 ",
        // Streams of MPEG programs, and of pictures alone.
        b"\0\0\x01\xBA",
        b"\0\0\x01\xB3",
        // The first half of ASF's 128-bit name.
        b"\x30\x26\xB2\x75\x8E\x66\xCF\x11",
        b"DKIF\0\0",
    ];
    SIGNATURES.iter().any(|known| start.starts_with(known))
        || start.starts_with(b"RIFF") && start.get(8..12) == Some(b"AVI ")
        || is_quicktime(start)
        || is_ogg_video(start)
        || is_transport_stream(start)
}

/// Brands of ISO base media files that are still pictures or have sound only.
fn other_brands() -> impl Iterator<Item = &'static [u8; 4]> {
    let pictures = HEIF_BRANDS.iter().chain(&AVIF_BRANDS);
    pictures.chain(&SOUND_BRANDS).copied()
}

/// A QuickTime or MP4 file by its first box.
fn is_quicktime(start: &[u8]) -> bool {
    let brand = start.get(8..12).unwrap_or_default();
    match start.get(4..8) {
        Some(b"ftyp") => {
            // Canon's raw photos are such files too.
            brand != b"crx " && !other_brands().any(|other| brand == other)
        }
        // QuickTime files of before 2001 have no file type.
        Some(b"moov" | b"mdat" | b"wide" | b"pnot") => start.starts_with(&[0]),
        _ => false,
    }
}

/// An Ogg file whose first packet does not belong to sound: behind 26 bytes of the page's header are
/// the number of its segments and their lengths.
fn is_ogg_video(start: &[u8]) -> bool {
    let segments = start.get(26).copied().unwrap_or(0);
    let packet = start.get(27 + usize::from(segments)..).unwrap_or_default();
    start.starts_with(b"OggS\0") && !SOUND_PACKETS.iter().any(|sound| packet.starts_with(sound))
}

/// Packets of 188 bytes, or of 192 with a time before each (AVCHD), which begin with `G`.
fn is_transport_stream(start: &[u8]) -> bool {
    let syncs = |first: usize, length: usize| {
        (0..3).all(|packet| start.get(first + packet * length) == Some(&0x47))
    };
    syncs(0, 188) || syncs(4, 192)
}

/// The first bytes of a file, enough for [`looks_like_video`].
///
/// # Errors
/// If it cannot be read or is no regular file.
#[cfg(feature = "video")]
pub(super) fn read_start(path: &Path) -> Result<Vec<u8>, crate::frame::DecodeError> {
    let mut start = Vec::new();
    crate::frame::open_regular(path)?
        .take(START_BYTES)
        .read_to_end(&mut start)?;
    Ok(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_recognized_by_three_packets() {
        let packets = |first: usize, length: usize| {
            let mut bytes = vec![0; 400];
            for packet in 0..3 {
                bytes[first + packet * length] = 0x47;
            }
            bytes
        };
        assert!(looks_like_video(&packets(0, 188)) && looks_like_video(&packets(4, 192)));
        assert!(!looks_like_video(&packets(0, 192)));
        assert!(!looks_like_video(b"GIF89a, which begins with G too"));
    }

    #[test]
    fn pictures_and_sound_are_no_videos() {
        let page = |packet: &[u8]| [&b"OggS\0"[..], &[0; 21], &[1, 30], packet].concat();
        assert!(looks_like_video(&page(b"\x80theora")));
        assert!(!looks_like_video(&page(b"\x01vorbis")) && !looks_like_video(&page(b"OpusHead")));
        for brand in other_brands() {
            let start = [&b"\0\0\0\x18ftyp"[..], brand].concat();
            assert!(!looks_like_video(&start));
        }
        assert!(looks_like_video(b"\0\0\x08\0moov"));
        assert!(!looks_like_video(b"Gee moov, text"));
    }
}
