//! By which moue recognizes its own files.

use anyhow::{Context, Result};
use moue::digest::sha256_of;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// What the marks hold.
pub(super) const NAME: &str = concat!("moue ", env!("CARGO_PKG_VERSION"));

/// In the head of every page.
pub(crate) const HTML_MARK: &str = concat!(
    "<meta name=\"generator\" content=\"moue ",
    env!("CARGO_PKG_VERSION"),
    "\">"
);

/// The first columns of the table of `timeline`.
pub(crate) const CSV_MARK: &str = "time,strength,label,path,distance";

/// The first key of every JSON file; viewers of traces pass over keys that they do not know.
pub(crate) const JSON_MARK: &str =
    concat!("\"generator\":\"moue ", env!("CARGO_PKG_VERSION"), "\"");

/// The first line of every man page.
#[cfg(feature = "man")]
pub(crate) const MAN_MARK: &str = concat!(".\\\" generator: moue ", env!("CARGO_PKG_VERSION"));

/// The second line of a list of edits (EDL); a star begins a comment there.
pub(crate) const EDL_MARK: &str = concat!("* generator: moue ", env!("CARGO_PKG_VERSION"));

/// A comment in the head of an XML file.
pub(crate) const XML_MARK: &str =
    concat!("<!-- generator: moue ", env!("CARGO_PKG_VERSION"), " -->");

/// What a video ends with: a box `free` (ISO/IEC 14496-12), which players pass over. Its first four
/// bytes are its length.
const VIDEO_MARK: &[u8] = b"freemoue wrote this: moue ";

/// The mark at the end of a video.
pub(super) fn video_mark() -> Vec<u8> {
    let text = format!("freemoue wrote this: {NAME}");
    let length = text.len() as u32 + 4;
    [&length.to_be_bytes(), text.as_bytes()].concat()
}

/// Bytes from the start of a file within which its mark is. Pages and JSON have it in their first
/// lines, pictures before their pixels.
const HEAD: u64 = 4096;

/// The marks: PNG's text chunk `Software`, the beginning of a JPEG's comment, HTML's generator,
/// JSON's key, the first columns of `timeline --csv`, the first lines of a man page, of a list of edits
/// and of XML, and the schema in the header of an export. They are without the version, so that another release recognizes them.
const MARKS: [&[u8]; 9] = [
    b"tEXtSoftware\0moue ",
    b"moue wrote this: moue ",
    b"<meta name=\"generator\" content=\"moue ",
    b"\"generator\":\"moue ",
    CSV_MARK.as_bytes(),
    b".\\\" generator: moue ",
    b"* generator: moue ",
    b"<!-- generator: moue ",
    b"\"schema\":\"moue.gallery.export/",
];

/// The first bytes of a gallery: those of a `redb` database.
const GALLERY: &[u8] = b"redb\x1a\x0a";

/// Who wrote a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Ours,
    /// A gallery; it is moue's, but no result that can be made again.
    Gallery,
    Foreign,
}

/// Who wrote the file. One that cannot be read is somebody else's.
pub(super) fn origin(path: &Path) -> Origin {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    if read.is_err() {
        Origin::Foreign
    } else if head.starts_with(GALLERY) {
        Origin::Gallery
    // An empty file holds nothing that could be lost.
    } else if head.is_empty()
        || MARKS.iter().any(|mark| contains(&head, mark))
        || tail(path).is_ok_and(|tail| contains(&tail, VIDEO_MARK))
    {
        Origin::Ours
    } else {
        Origin::Foreign
    }
}

/// The last bytes of a file, as many as the mark of a video can have.
fn tail(path: &Path) -> std::io::Result<Vec<u8>> {
    const MAX_MARK: u64 = 64;
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(MAX_MARK)))?;
    let mut tail = Vec::new();
    file.take(MAX_MARK).read_to_end(&mut tail)?;
    Ok(tail)
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Whether the file holds exactly these bytes.
pub(super) fn holds(path: &Path, bytes: &[u8]) -> bool {
    let same_length = path
        .metadata()
        .is_ok_and(|m| m.is_file() && m.len() == bytes.len() as u64);
    same_length && std::fs::read(path).is_ok_and(|content| content == bytes)
}

/// Whether two files hold the same bytes; a file that is not there equals none.
pub(super) fn are_equal(a: &Path, b: &Path) -> Result<bool> {
    let len = |path: &Path| {
        path.metadata()
            .ok()
            .filter(std::fs::Metadata::is_file)
            .map(|m| m.len())
    };
    if len(a).is_none() || len(a) != len(b) {
        return Ok(false);
    }
    let sum = |path: &Path| sha256_of(&mut File::open(path)?);
    Ok(sum(a)? == sum(b)?)
}

/// A JPEG with moue's mark as its comment, behind the header, which JFIF wants to be the first.
pub(super) fn comment(jpeg: Vec<u8>) -> Result<Vec<u8>> {
    // Start of image, then the segment APP0: marker, and its length without the marker.
    let length = jpeg.get(4..6).context("the encoder wrote no header")?;
    let end = 4 + usize::from(u16::from_be_bytes([length[0], length[1]]));
    let text = format!("moue wrote this: {NAME}");
    let mut marked = jpeg.get(..end).context("the header is cut off")?.to_vec();
    marked.extend([0xff, 0xfe]);
    marked.extend((text.len() as u16 + 2).to_be_bytes());
    marked.extend(text.as_bytes());
    marked.extend(&jpeg[end..]);
    Ok(marked)
}
