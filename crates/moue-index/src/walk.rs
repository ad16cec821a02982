//! Finding what may be a picture: files, folders, members of ZIP files.

use crate::archive::{Archive, is_archive};
use crate::kinds::{begins_as_media, begins_as_video, has_picture_ending, has_video_ending};
use ignore::{DirEntry, WalkBuilder};
use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Files that list what is left out, with the syntax of `.gitignore`.
const IGNORE_FILES: [&str; 2] = [".ignore", ".moueignore"];

const DANGLING_LINK: &str = "the link leads nowhere";

/// Kinds of candidates.
#[derive(Debug, Clone)]
pub enum CandidateKind {
    /// A picture or animation.
    Picture,
    /// A video, which needs `ffmpeg`.
    Video,
    /// A member of a ZIP file, by its index there.
    Member(Arc<Archive>, usize),
    /// Something that cannot be read, and why.
    Problem(String),
}

/// Something that may be a picture.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Its path; of a member of a ZIP file `FILE.zip!/NAME`.
    pub path: PathBuf,
    /// What it is.
    pub kind: CandidateKind,
}

/// What [`survey`] finds.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// What may be a picture, and what cannot be read.
    pub candidates: Vec<Candidate>,
    /// Files in the folders, and members of ZIP files, that are neither pictures nor videos.
    /// Hidden and ignored ones are not among them, nor the side-car files of candidates.
    pub left_out: Vec<PathBuf>,
}

impl Survey {
    /// A side-car file is not left out: it is read with its picture.
    fn remove_sidecars(&mut self) {
        let names: HashSet<PathBuf> = self
            .candidates
            .iter()
            .flat_map(|found| [found.path.clone(), found.path.with_extension("")])
            .collect();
        self.left_out.retain(|path| {
            let is_json = path
                .extension()
                .is_some_and(|e| e.eq_ignore_ascii_case("json"));
            !(is_json && names.contains(&path.with_extension("")))
        });
    }
}

/// Finds candidates: the files that are named, and those in the folders that are named, each folder
/// in the order of names. Links are followed, and each real folder is entered once. In folders,
/// hidden files are skipped, as are those that `.ignore` and `.moueignore` files list. Named files
/// are always candidates.
///
/// ```no_run
/// for candidate in moue_index::walk(&["memes", "pack.zip"]) {
///     println!("{}: {:?}", candidate.path.display(), candidate.kind);
/// }
/// ```
pub fn walk<P: AsRef<Path>>(paths: &[P]) -> Vec<Candidate> {
    survey(paths).candidates
}

/// As [`walk`], and lists what is left out.
///
/// ```no_run
/// let survey = moue_index::survey(&["memes"]);
/// println!("{} found, {} left out", survey.candidates.len(), survey.left_out.len());
/// ```
pub fn survey<P: AsRef<Path>>(paths: &[P]) -> Survey {
    let mut walk = Walk::default();
    for path in paths {
        walk.named(path.as_ref());
    }
    walk.found.remove_sidecars();
    walk.found
}

/// Keeps the candidates of shard `index` (from 0) of `count`. Each candidate belongs to one shard,
/// which the SHA-256 of its path decides, so that jobs agree without communication.
///
/// ```
/// # let candidates = Vec::new();
/// let third_of_sixteen = moue_index::shard(candidates, 2, 16);
/// ```
pub fn shard(candidates: Vec<Candidate>, index: u32, count: u32) -> Vec<Candidate> {
    candidates
        .into_iter()
        .filter(|candidate| shard_of(&candidate.path, count) == index)
        .collect()
}

fn shard_of(path: &Path, count: u32) -> u32 {
    let hash = moue::digest::sha256(path.as_os_str().as_encoded_bytes());
    u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]]) % count.max(1)
}

#[derive(Default)]
struct Walk {
    visited: VisitedFolders,
    found: Survey,
}

/// Real paths of folders that were entered. Shared because the filter of a walk outlives the borrow
/// of [`Walk`]; locked because `ignore` asks for a filter that threads may share. The lock is held
/// for one insertion.
#[derive(Clone, Default)]
struct VisitedFolders(Arc<Mutex<HashSet<PathBuf>>>);

impl VisitedFolders {
    /// Returns whether the folder has not been entered before.
    fn enter(&self, folder: &Path) -> bool {
        let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(real)
    }
}

impl Walk {
    fn push(&mut self, path: &Path, kind: CandidateKind) {
        self.found.candidates.push(Candidate {
            path: path.to_owned(),
            kind,
        });
    }

    fn problem(&mut self, path: &Path, reason: impl Into<String>) {
        self.push(path, CandidateKind::Problem(reason.into()));
    }

    /// A path that the caller names.
    fn named(&mut self, path: &Path) {
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_dir() => self.folder(path),
            Ok(meta) if meta.is_file() => self.file(path),
            Ok(_) => self.problem(path, "neither a file nor a folder"),
            Err(error) => self.unreadable(path, &error),
        }
    }

    fn unreadable(&mut self, path: &Path, error: &std::io::Error) {
        if path.is_symlink() && error.kind() == ErrorKind::NotFound {
            self.problem(path, DANGLING_LINK);
        } else {
            self.problem(path, error.to_string());
        }
    }

    fn file(&mut self, path: &Path) {
        if is_archive(path) {
            match Archive::open(path) {
                Ok(archive) => self.members(path, &Arc::new(archive)),
                Err(error) => self.problem(path, error.to_string()),
            }
        } else if moue::video::is_video(path) || !has_picture_ending(path) && begins_as_video(path)
        {
            self.push(path, CandidateKind::Video);
        } else {
            self.push(path, CandidateKind::Picture);
        }
    }

    fn members(&mut self, path: &Path, archive: &Arc<Archive>) {
        for (index, member) in archive.members().into_iter().enumerate() {
            let shown = PathBuf::from(format!("{}!/{}", path.display(), member.name));
            if let Some(problem) = member.problem {
                self.problem(&shown, problem);
            } else if member.may_be_picture {
                self.push(&shown, CandidateKind::Member(Arc::clone(archive), index));
            } else if member.is_left_out {
                self.found.left_out.push(shown);
            }
        }
    }

    fn folder(&mut self, path: &Path) {
        // The filter of the walk is asked only about what is inside.
        if !self.visited.enter(path) {
            return;
        }
        for entry in self.builder(path).build() {
            match entry {
                Ok(entry) if is_folder(&entry) => {}
                Ok(entry) => self.folder_entry(entry.path()),
                Err(error) => self.walk_error(&error),
            }
        }
    }

    fn builder(&self, path: &Path) -> WalkBuilder {
        let visited = self.visited.clone();
        let mut builder = WalkBuilder::new(path);
        // The standard filters would apply `.gitignore` files, which are about versions, not about
        // pictures.
        builder
            .standard_filters(false)
            .hidden(true)
            .ignore(true)
            .follow_links(true)
            .sort_by_file_name(std::cmp::Ord::cmp)
            .filter_entry(move |entry| {
                !is_folder(entry) || entry.depth() == 0 || visited.enter(entry.path())
            });
        for name in IGNORE_FILES {
            builder.add_custom_ignore_filename(name);
        }
        builder
    }

    /// A file inside a folder; what is no picture is left out.
    fn folder_entry(&mut self, path: &Path) {
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_file() && may_be_picture(path, meta.len()) => self.file(path),
            Ok(_) => self.found.left_out.push(path.to_owned()),
            Err(error) => self.unreadable(path, &error),
        }
    }

    fn walk_error(&mut self, error: &ignore::Error) {
        // A loop of links leads to a folder that was entered already.
        if is_loop(error) {
            return;
        }
        let path = path_of(error).unwrap_or_default();
        if path.is_symlink() && !path.exists() {
            return self.problem(&path, DANGLING_LINK);
        }
        // The error's own text repeats the path.
        let reason = error
            .io_error()
            .map_or_else(|| error.to_string(), ToString::to_string);
        self.problem(&path, reason);
    }
}

fn is_folder(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_dir())
}

fn is_loop(error: &ignore::Error) -> bool {
    match error {
        ignore::Error::Loop { .. } => true,
        ignore::Error::WithPath { err, .. } | ignore::Error::WithDepth { err, .. } => is_loop(err),
        _ => false,
    }
}

fn path_of(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } => path_of(err),
        _ => None,
    }
}

/// Whether a file in a folder may be a picture or video: by its ending, or without a known one by
/// its first bytes. An empty file without an ending counts, so that it is reported as unreadable.
pub(crate) fn may_be_picture(path: &Path, len: u64) -> bool {
    let known = has_picture_ending(path) || has_video_ending(path) || is_archive(path);
    known || path.extension().is_none() && len == 0 || begins_as_media(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_share_all_without_overlap() {
        let all: Vec<Candidate> = (0..100)
            .map(|i| Candidate {
                path: format!("{i}.png").into(),
                kind: CandidateKind::Picture,
            })
            .collect();
        let parts: Vec<usize> = (0..4).map(|i| shard(all.clone(), i, 4).len()).collect();
        assert_eq!(parts.iter().sum::<usize>(), 100);
        assert!(parts.iter().all(|n| (10..45).contains(n)), "{parts:?}");
    }

    #[test]
    fn ignore_files_hold() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("private")).unwrap();
        for name in [
            "a.png",
            "b.png",
            "private/c.png",
            ".hidden.png",
            "notes.txt",
        ] {
            std::fs::write(path(name), b"x").unwrap();
        }
        std::fs::write(path(".moueignore"), "private/\nb.*\n").unwrap();
        let found: Vec<PathBuf> = walk(&[folder.path()]).into_iter().map(|c| c.path).collect();
        assert_eq!(found, [path("a.png")]);
        assert_eq!(survey(&[folder.path()]).left_out, [path("notes.txt")]);
        let named: Vec<PathBuf> = walk(&[path("b.png")]).into_iter().map(|c| c.path).collect();
        assert_eq!(named, [path("b.png")], "what is named counts");
    }

    #[test]
    fn files_are_known_by_their_first_bytes_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mut stream = vec![0; 400];
        stream[4] = 0x47;
        stream[4 + 192] = 0x47;
        let files: [(&str, &[u8]); 7] = [
            ("a.json", b"{}"),
            ("a.jxl", b"x"),
            ("b.mts", &stream),
            ("c", b"\x1A\x45\xDF\xA3 and so on"),
            ("d", b"\xFF\xD8\xFF\xE0\0\x10JFIF"),
            ("e.mts", b"export const a = 1;"),
            ("f.json", b"{}"),
        ];
        for (name, bytes) in files {
            std::fs::write(path(name), bytes).unwrap();
        }
        let found = survey(&[folder.path()]);
        let of = |wanted: fn(&CandidateKind) -> bool| {
            let all = found.candidates.iter().filter(|c| wanted(&c.kind));
            all.map(|c| c.path.clone()).collect::<Vec<_>>()
        };
        let pictures = of(|kind| matches!(kind, CandidateKind::Picture));
        assert_eq!(pictures, [path("a.jxl"), path("d")]);
        let videos = of(|kind| matches!(kind, CandidateKind::Video));
        assert_eq!(videos, [path("b.mts"), path("c")]);
        assert_eq!(
            found.left_out,
            [path("e.mts"), path("f.json")],
            "a side-car is read"
        );
    }
}
