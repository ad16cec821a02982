//! ZIP files: read member by member into memory, never unpacked onto the disk.

use crate::kinds::{SIGNATURE_BYTES, has_picture_ending, has_video_ending};
use crate::reopened::{Handle, ReopenedFile};
use moue::frame::looks_like_picture;
use moue::video::looks_like_video;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use zip::ZipArchive;
use zip::result::ZipError;

/// Endings of ZIP files; CBZ is a ZIP of comic pages.
const ENDINGS: [&str; 2] = ["zip", "cbz"];

/// Bytes that a member may have whatever its ratio. A drawing of flat color compresses better than
/// any ratio that photos have, and a megabyte harms nobody.
const ALWAYS_ALLOWED: u64 = 1 << 20;

/// Limits of ZIP files.
///
/// ```
/// use moue_index::ArchiveLimits;
/// let limits = ArchiveLimits { member: 1 << 20, ..ArchiveLimits::default() };
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveLimits {
    /// Members of a file.
    pub members: usize,
    /// Bytes of one member, decompressed.
    pub member: u64,
    /// Decompressed bytes of a member for each compressed byte, beyond the first megabyte.
    pub ratio: u64,
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        Self {
            // The directory is held in memory, at some hundred bytes an entry.
            members: 1_000_000,
            // Threads hold one member each. No picture within the limits of decoding is larger.
            member: 256 << 20,
            // Deflate packs zeros about 1000 to 1, which ZIP bombs use, and compressed pictures
            // hardly at all. Chosen by hand between the two.
            ratio: 200,
        }
    }
}

/// Why a ZIP file or one of its members cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The file cannot be opened or read.
    #[error("cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// The file is no ZIP or is damaged.
    #[error("a damaged ZIP: {0}")]
    Damaged(String),
    /// The file or the member is larger than [`ArchiveLimits`] allow.
    #[error("too large: {0}")]
    TooLarge(String),
    /// The member is encrypted, or compressed by a method that is not supported.
    #[error("{0}")]
    Unsupported(String),
}

impl From<ZipError> for ArchiveError {
    fn from(error: ZipError) -> Self {
        match error {
            ZipError::Io(error) => Self::Read(error),
            ZipError::UnsupportedArchive(reason) => Self::Unsupported(reason.to_owned()),
            other => Self::Damaged(other.to_string()),
        }
    }
}

/// A member of a ZIP file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberName {
    /// Its name in the ZIP.
    pub name: String,
    /// Whether its name has the ending of a picture, or it begins as one.
    pub may_be_picture: bool,
    /// Whether it is a file of another kind, and none that systems add.
    pub is_left_out: bool,
    /// Why it is not read, if it is not.
    pub problem: Option<String>,
}

/// An open ZIP file. Threads share it and read one member at a time, within the default
/// [`ArchiveLimits`].
///
/// ```no_run
/// let archive = moue_index::Archive::open("pack.zip")?;
/// for (index, member) in archive.members().iter().enumerate() {
///     if member.may_be_picture && member.problem.is_none() {
///         println!("{}: {} bytes", member.name, archive.read(index)?.len());
///     }
/// }
/// # Ok::<(), moue_index::ArchiveError>(())
/// ```
#[derive(Debug)]
pub struct Archive {
    path: PathBuf,
    /// Held while one member is read, as the file has one position. Decoding and detection, which
    /// take most of the time, run without it.
    archive: Mutex<ZipArchive<ReopenedFile>>,
    handle: Handle,
}

/// Whether nothing stands before the first member, as the program of a file that unpacks itself does.
fn begins_with_member(file: &mut ReopenedFile) -> Result<bool, ArchiveError> {
    const LOCAL_HEADER: [u8; 4] = *b"PK\x03\x04";
    let mut begin = Vec::new();
    file.take(LOCAL_HEADER.len() as u64)
        .read_to_end(&mut begin)?;
    Ok(begin == LOCAL_HEADER)
}

/// Whether a file is a ZIP by its name.
pub(crate) fn is_archive(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ENDINGS.iter().any(|zip| ending.eq_ignore_ascii_case(zip)))
}

impl Archive {
    /// Opens a ZIP file and reads its directory.
    ///
    /// # Errors
    /// [`ArchiveError`] if it cannot be read, is no ZIP, or has too many members.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ArchiveError> {
        let path = path.as_ref();
        let handle = Handle::default();
        let mut file = ReopenedFile::new(path.into(), handle.clone());
        let is_plain = begins_with_member(&mut file)?;
        let archive = ZipArchive::new(file)?;
        // The directory of a ZIP inside it: its own is missing.
        if is_plain && archive.offset() > 0 {
            return Err(ArchiveError::Damaged("it is cut off".to_owned()));
        }
        if archive.len() > ArchiveLimits::default().members {
            return Err(ArchiveError::TooLarge(format!("{} members", archive.len())));
        }
        handle.close();
        Ok(Self {
            path: path.into(),
            archive: Mutex::new(archive),
            handle,
        })
    }

    /// The path of the ZIP file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its members, in the order of the directory; see [`members`].
    pub fn members(&self) -> Vec<MemberName> {
        self.with(members)
    }

    /// The content of the member with this index in [`Archive::members`].
    ///
    /// # Errors
    /// As for [`read_member`].
    pub fn read(&self, index: usize) -> Result<Vec<u8>, ArchiveError> {
        self.with(|archive| read_member(archive, index, &ArchiveLimits::default()))
    }

    /// The content of the first member of this name; `None` if there is none.
    ///
    /// # Errors
    /// As for [`read_member`].
    pub fn read_named(&self, name: &str) -> Result<Option<Vec<u8>>, ArchiveError> {
        let members = self.members();
        let index = members.iter().position(|member| member.name == name);
        index.map(|index| self.read(index)).transpose()
    }

    /// Opens the file for `body` alone.
    fn with<T>(&self, body: impl FnOnce(&mut ZipArchive<ReopenedFile>) -> T) -> T {
        // A panic while reading leaves at worst another position in the file, and every read seeks
        // to its member first.
        let mut archive = self.archive.lock().unwrap_or_else(PoisonError::into_inner);
        let result = body(&mut archive);
        self.handle.close();
        result
    }
}

/// The members of a ZIP, in the order of its directory. Folders are listed too, as members that
/// cannot be pictures.
pub fn members<R: Read + Seek>(archive: &mut ZipArchive<R>) -> Vec<MemberName> {
    (0..archive.len())
        .map(|index| describe(archive, index))
        .collect()
}

fn describe<R: Read + Seek>(archive: &mut ZipArchive<R>, index: usize) -> MemberName {
    let kind = match Kind::of(archive, index) {
        Ok(kind) => kind,
        Err(error) => {
            return MemberName {
                name: format!("#{index}"),
                may_be_picture: false,
                is_left_out: false,
                problem: Some(error.to_string()),
            };
        }
    };
    let problem = kind.problem();
    MemberName {
        may_be_picture: kind.is_file && kind.is_picture,
        is_left_out: kind.is_file && !kind.is_picture && problem.is_none(),
        problem: problem.map(ToOwned::to_owned),
        name: kind.name,
    }
}

/// What is known of a member without reading it.
struct Kind {
    name: String,
    /// Whether it is a file, and none that systems add.
    is_file: bool,
    is_encrypted: bool,
    leads_out: bool,
    is_picture: bool,
    is_video: bool,
}

impl Kind {
    fn of<R: Read + Seek>(archive: &mut ZipArchive<R>, index: usize) -> Result<Self, ArchiveError> {
        let member = archive.by_index_raw(index)?;
        let name = String::from_utf8_lossy(member.name_raw()).into_owned();
        let mut kind = Self {
            is_file: member.is_file() && !is_system_data(&name),
            is_encrypted: member.encrypted(),
            leads_out: member.is_file() && member.enclosed_name().is_none(),
            is_picture: has_picture_ending(Path::new(&name)),
            is_video: has_video_ending(Path::new(&name)),
            name,
        };
        drop(member);
        let is_known = kind.is_picture || kind.is_video || is_archive(Path::new(&kind.name));
        if kind.is_file && !is_known && !kind.is_encrypted {
            kind.sniff(&member_start(archive, index));
        }
        Ok(kind)
    }

    /// Decides by the first bytes, as for a file in a folder that has no known ending.
    fn sniff(&mut self, start: &[u8]) {
        self.is_picture = looks_like_picture(start);
        self.is_video = looks_like_video(start);
    }

    /// Why a member is not read.
    fn problem(&self) -> Option<&'static str> {
        if self.leads_out {
            Some("its path leads out of the ZIP")
        } else if is_archive(Path::new(&self.name)) {
            Some("a ZIP inside a ZIP is not opened")
        } else if self.is_video {
            Some("videos inside a ZIP are not read; unpack it")
        } else if self.is_file && self.is_picture && self.is_encrypted {
            Some("it is encrypted")
        } else {
            None
        }
    }
}

/// The first bytes of a member, enough to know its format; none if it cannot be read.
fn member_start<R: Read + Seek>(archive: &mut ZipArchive<R>, index: usize) -> Vec<u8> {
    let mut start = Vec::new();
    if let Ok(member) = archive.by_index(index) {
        // What was read before an error is enough, or else it is no picture.
        let _ = member.take(SIGNATURE_BYTES).read_to_end(&mut start);
    }
    start
}

/// Whether a member is one that systems add to a ZIP: hidden files, and the resource forks of
/// macOS, which have the names of the pictures that they belong to.
fn is_system_data(name: &str) -> bool {
    name.split('/')
        .any(|part| part.starts_with('.') || part == "__MACOSX")
}

/// Reads one member, at most as much as the limits allow, whatever its header claims.
///
/// # Errors
/// [`ArchiveError`] if it is damaged, too large, encrypted, or compressed by an unknown method.
pub fn read_member<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    index: usize,
    limits: &ArchiveLimits,
) -> Result<Vec<u8>, ArchiveError> {
    let member = archive.by_index(index)?;
    let by_ratio = member.compressed_size().saturating_mul(limits.ratio);
    let allowed = limits.member.min(by_ratio.saturating_add(ALWAYS_ALLOWED));
    if member.size() > allowed {
        return Err(too_large(allowed));
    }
    // The header's size may be a lie, so the reader is limited too: one byte more shows the lie.
    let mut bytes = Vec::new();
    member
        .take(allowed.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| ArchiveError::Damaged(error.to_string()))?;
    if bytes.len() as u64 > allowed {
        return Err(too_large(allowed));
    }
    Ok(bytes)
}

fn too_large(allowed: u64) -> ArchiveError {
    ArchiveError::TooLarge(format!("more than {allowed} bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write};
    use zip::write::{SimpleFileOptions, ZipWriter};

    fn packed(members: &[(&str, &[u8])]) -> ZipArchive<Cursor<Vec<u8>>> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            writer
                .start_file(*name, SimpleFileOptions::default())
                .unwrap();
            writer.write_all(bytes).unwrap();
        }
        ZipArchive::new(writer.finish().unwrap()).unwrap()
    }

    #[test]
    fn a_zip_inside_is_not_taken_for_the_file_that_is_cut_off() {
        let inner = packed(&[("inner.png", b"pixels")])
            .into_inner()
            .into_inner();
        let stored =
            SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in [("outer.png", &b"pixels"[..]), ("inner.zip", &inner)] {
            writer.start_file(name, stored).unwrap();
            writer.write_all(bytes).unwrap();
        }
        let whole = writer.finish().unwrap().into_inner();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.zip");
        std::fs::write(&path, &whole).unwrap();
        assert_eq!(Archive::open(&path).unwrap().members().len(), 2);
        std::fs::write(&path, &whole[..whole.len() - 30]).unwrap();
        let error = Archive::open(&path).unwrap_err();
        assert!(matches!(error, ArchiveError::Damaged(_)), "{error}");
        // A program that unpacks itself.
        std::fs::write(&path, [&b"MZ program"[..], &whole].concat()).unwrap();
        assert_eq!(Archive::open(&path).unwrap().members().len(), 2);
    }

    #[test]
    fn bad_members_have_a_reason_and_others_are_read() {
        let mut archive = packed(&[
            ("a.png", b"pixels"),
            ("../../escape.png", b"x"),
            ("inner.zip", b"x"),
            ("clip.mp4", b"x"),
            ("__MACOSX/a.png", b"x"),
            ("notes.txt", b"x"),
            ("download", b"\xFF\xD8\xFF\xE0\0\x10JFIF"),
            ("film", b"\x1A\x45\xDF\xA3"),
        ]);
        let all = members(&mut archive);
        let of = |name: &str| all.iter().find(|m| m.name == name).unwrap();
        assert!(of("a.png").may_be_picture && of("a.png").problem.is_none());
        assert!(
            of("../../escape.png")
                .problem
                .as_ref()
                .unwrap()
                .contains("out of")
        );
        assert!(of("inner.zip").problem.is_some() && of("clip.mp4").problem.is_some());
        assert!(!of("__MACOSX/a.png").may_be_picture && !of("__MACOSX/a.png").is_left_out);
        assert!(!of("notes.txt").may_be_picture && of("notes.txt").is_left_out);
        assert!(of("download").may_be_picture && of("film").problem.is_some());
        assert_eq!(
            read_member(&mut archive, 0, &ArchiveLimits::default()).unwrap(),
            b"pixels"
        );
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut archive = packed(&[("bomb.png", &vec![0; 40 << 20])]);
        let refused = read_member(&mut archive, 0, &ArchiveLimits::default());
        assert!(
            matches!(refused, Err(ArchiveError::TooLarge(_))),
            "{refused:?}"
        );
    }
}
