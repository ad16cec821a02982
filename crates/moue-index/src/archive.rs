//! ZIP files: read member by member into memory, never unpacked onto the disk.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use zip::ZipArchive;
use zip::result::ZipError;

/// How much a ZIP file may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveLimits {
    /// Members.
    pub members: usize,
    /// Bytes of one member.
    pub member: u64,
    /// Bytes of a member for each byte that it takes in the file, beyond the first megabyte.
    pub ratio: u64,
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        Self {
            members: 1_000_000,
            member: 256 << 20,
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
    /// The member is larger than the limits allow.
    #[error("too large: {0}")]
    TooLarge(String),
    /// The member is encrypted or packed in a way that is not supported.
    #[error("{0}")]
    Unsupported(String),
}

impl From<ZipError> for ArchiveError {
    fn from(error: ZipError) -> Self {
        match error {
            ZipError::Io(e) => Self::Read(e),
            ZipError::UnsupportedArchive(what) => Self::Unsupported(what.to_owned()),
            other => Self::Damaged(other.to_string()),
        }
    }
}

/// A member of a ZIP file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberName {
    /// Its name in the ZIP.
    pub name: String,
    /// Whether its ending is that of a picture.
    pub may_be_picture: bool,
    /// Why it is not read.
    pub problem: Option<String>,
}

/// An open ZIP file, shared by threads.
#[derive(Debug)]
pub struct Pack {
    path: PathBuf,
    archive: Mutex<ZipArchive<File>>,
}

/// Whether a file is a ZIP by its name.
pub(crate) fn is_pack(path: &Path) -> bool {
    path.extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("zip") || e.eq_ignore_ascii_case("cbz"))
}

impl Pack {
    pub(crate) fn open(path: &Path) -> Result<Self, ArchiveError> {
        let archive = ZipArchive::new(File::open(path)?)?;
        if archive.len() > ArchiveLimits::default().members {
            return Err(ArchiveError::TooLarge(format!("{} members", archive.len())));
        }
        Ok(Self {
            path: path.into(),
            archive: Mutex::new(archive),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn members(&self) -> Vec<MemberName> {
        members(&mut self.archive.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn read(&self, index: usize) -> Result<Vec<u8>, ArchiveError> {
        read_member(
            &mut self.archive.lock().unwrap_or_else(PoisonError::into_inner),
            index,
            &ArchiveLimits::default(),
        )
    }
}

/// The members of a ZIP, in order; folders are among them as names that are no pictures.
pub fn members<R: Read + Seek>(archive: &mut ZipArchive<R>) -> Vec<MemberName> {
    (0..archive.len())
        .map(|index| describe(archive, index))
        .collect()
}

fn describe<R: Read + Seek>(archive: &mut ZipArchive<R>, index: usize) -> MemberName {
    let member = match archive.by_index_raw(index) {
        Ok(member) => member,
        Err(error) => {
            let (name, problem) = (
                format!("#{index}"),
                Some(ArchiveError::from(error).to_string()),
            );
            return MemberName {
                name,
                may_be_picture: false,
                problem,
            };
        }
    };
    let name = String::from_utf8_lossy(member.name_raw()).into_owned();
    let path = Path::new(&name);
    let picture =
        member.is_file() && image::ImageFormat::from_path(path).is_ok() && !is_own_data(&name);
    let problem = match () {
        () if member.is_file() && member.enclosed_name().is_none() => {
            Some("its path leads out of the ZIP")
        }
        () if is_pack(path) => Some("a ZIP inside a ZIP is not opened"),
        () if moue::video::is_video(path) => Some("videos inside a ZIP are not read; unpack it"),
        () if picture && member.encrypted() => Some("it is encrypted"),
        () => None,
    };
    MemberName {
        name,
        may_be_picture: picture,
        problem: problem.map(ToOwned::to_owned),
    }
}

/// What systems put into a ZIP for themselves.
fn is_own_data(name: &str) -> bool {
    name.split('/')
        .any(|part| part.starts_with('.') || part == "__MACOSX")
}

/// Reads one member, at most as much as the limits allow, whatever its header says.
///
/// # Errors
/// [`ArchiveError`] if it is damaged, too large, encrypted or packed in an unknown way.
pub fn read_member<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    index: usize,
    limits: &ArchiveLimits,
) -> Result<Vec<u8>, ArchiveError> {
    let member = archive.by_index(index)?;
    let allowed = limits
        .member
        .min((1 << 20) + member.compressed_size().saturating_mul(limits.ratio));
    let too_large = || ArchiveError::TooLarge(format!("more than {allowed} bytes"));
    if member.size() > allowed {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    member
        .take(allowed + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| ArchiveError::Damaged(e.to_string()))?;
    if bytes.len() as u64 > allowed {
        Err(too_large())
    } else {
        Ok(bytes)
    }
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
    fn bad_members_have_a_reason_and_others_are_read() {
        let mut archive = packed(&[
            ("a.png", b"pixels"),
            ("../../escape.png", b"x"),
            ("inner.zip", b"x"),
            ("clip.mp4", b"x"),
            ("__MACOSX/a.png", b"x"),
            ("notes.txt", b"x"),
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
        assert!(!of("__MACOSX/a.png").may_be_picture && !of("notes.txt").may_be_picture);
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
