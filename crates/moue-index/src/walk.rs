//! Finding what may be a picture: files, folders, members of ZIP files.

use crate::archive::{Archive, is_archive};
use crate::kinds::{begins_as_media, has_picture_ending, has_video_ending, is_video_file};
use crate::rules::{Rules, is_ignore_file};
use std::collections::{BTreeSet, HashSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

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

/// Finds those candidates in the folders that are among the changed paths or inside of them, by the
/// same rules as [`walk`].
pub(crate) fn walk_changed(folders: &[PathBuf], changed: &BTreeSet<PathBuf>) -> Vec<Candidate> {
    let mut walk = Walk::default();
    for folder in folders {
        let within = changed.iter().filter_map(|path| inside(folder, path));
        let within: BTreeSet<PathBuf> = within.collect();
        if !within.is_empty() {
            walk.changed = Some(within);
            walk.named(folder);
        }
    }
    walk.found.candidates
}

/// A changed path as one inside of `folder`; of an ignore file, its folder.
fn inside(folder: &Path, path: &Path) -> Option<PathBuf> {
    // Some systems report paths without the links that lead to the folder.
    let real = folder.canonicalize().ok();
    let rest = path.strip_prefix(folder).ok();
    let rest = rest.or_else(|| path.strip_prefix(real.as_ref()?).ok())?;
    let rest = match rest.parent() {
        Some(parent) if is_ignore_file(rest) => parent,
        _ => rest,
    };
    // `join` with nothing would end in a slash.
    Some(folder.join(rest).components().collect())
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
    /// Real paths of folders that were entered.
    visited: HashSet<PathBuf>,
    /// Only these paths, what is inside of them, and the folders on the way to them.
    changed: Option<BTreeSet<PathBuf>>,
    found: Survey,
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
            Ok(meta) if meta.is_dir() => self.folder(path, None),
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
        } else if is_video_file(path) {
            self.push(path, CandidateKind::Video);
        } else {
            self.push(path, CandidateKind::Picture);
        }
    }

    fn members(&mut self, path: &Path, archive: &Arc<Archive>) {
        for (index, member) in archive.members().into_iter().enumerate() {
            let mut shown = path.as_os_str().to_owned();
            shown.push("!/");
            shown.push(&member.name);
            let shown = PathBuf::from(shown);
            if let Some(problem) = member.problem {
                self.problem(&shown, problem);
            } else if member.may_be_picture {
                self.push(&shown, CandidateKind::Member(Arc::clone(archive), index));
            } else if member.is_left_out {
                self.found.left_out.push(shown);
            }
        }
    }

    fn folder(&mut self, path: &Path, above: Option<Rc<Rules>>) {
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        // A loop of links leads to a folder that was entered already.
        if !self.visited.insert(real) {
            return;
        }
        let mut problems = Vec::new();
        let rules = Rc::new(Rules::of(path, above, &mut problems));
        for (file, reason) in problems {
            self.problem(&file, reason);
        }
        match sorted_entries(path) {
            Ok(entries) => entries.iter().for_each(|entry| self.entry(entry, &rules)),
            Err(error) => self.unreadable(path, &error),
        }
    }

    /// A file or folder inside a folder; what is no picture is skipped silently.
    fn entry(&mut self, path: &Path, rules: &Rc<Rules>) {
        let meta = std::fs::metadata(path);
        let is_folder = meta.as_ref().is_ok_and(std::fs::Metadata::is_dir);
        if rules.leave_out(path, is_folder) || !self.is_changed(path) {
            return;
        }
        match meta {
            Ok(_) if is_folder => self.folder(path, Some(Rc::clone(rules))),
            Ok(meta) if meta.is_file() && may_be_picture(path, meta.len()) => self.file(path),
            Ok(_) => self.found.left_out.push(path.to_owned()),
            Err(error) => self.unreadable(path, &error),
        }
    }

    fn is_changed(&self, path: &Path) -> bool {
        let Some(changed) = &self.changed else {
            return true;
        };
        // In the order of the set, what is inside of a folder follows the folder.
        let next = changed.range(path.to_owned()..).next();
        let is_on_the_way = next.is_some_and(|next| next.starts_with(path));
        is_on_the_way || path.ancestors().any(|above| changed.contains(above))
    }
}

/// The paths inside of a folder, in the order of names.
fn sorted_entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut entries = entries.collect::<std::io::Result<Vec<PathBuf>>>()?;
    entries.sort();
    Ok(entries)
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

    /// A pipe as an ignore file would be waited for, and a device read without end.
    #[cfg(unix)]
    #[test]
    fn ignore_files_that_are_no_files_are_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let made = std::process::Command::new("mkfifo")
            .arg(path(".moueignore"))
            .status();
        assert!(made.unwrap().success());
        std::os::unix::fs::symlink("/dev/zero", path(".ignore")).unwrap();
        std::fs::write(path("a.png"), b"x").unwrap();
        let mut found = walk(&[folder.path()]).into_iter();
        for name in [".ignore", ".moueignore"] {
            let problem = found.next().unwrap();
            assert_eq!(problem.path, path(name));
            assert!(
                matches!(problem.kind, CandidateKind::Problem(_)),
                "{problem:?}"
            );
        }
        assert_eq!(found.next().unwrap().path, path("a.png"));
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
        let changed = ["a.png", "b.png", "private", "private/c.png", ".hidden.png"];
        let changed = changed.iter().map(|name| path(name)).collect();
        let found = walk_changed(&[folder.path().to_owned()], &changed);
        let found: Vec<PathBuf> = found.into_iter().map(|c| c.path).collect();
        assert_eq!(found, [path("a.png")], "the rule is one for changes too");
        let named: Vec<PathBuf> = walk(&[path("b.png")]).into_iter().map(|c| c.path).collect();
        assert_eq!(named, [path("b.png")], "what is named counts");
    }

    #[test]
    fn files_are_known_by_their_first_bytes_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mut stream = vec![0; 400];
        (4..400).step_by(192).for_each(|at| stream[at] = 0x47);
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
