//! Finding what may be a picture: files, folders, members of ZIP files.

use crate::archive;
use ignore::WalkBuilder;
use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Files that list what is not to go in, as `.gitignore` does.
const IGNORE_FILES: [&str; 2] = [".ignore", ".moueignore"];

/// What a candidate is.
#[derive(Debug, Clone)]
pub enum CandidateKind {
    /// A picture or animation.
    Picture,
    /// A video, which needs `ffmpeg`.
    Video,
    /// A member of a ZIP file, by its place there.
    Member(Arc<archive::Pack>, usize),
    /// Something that cannot be looked at, and why.
    Problem(String),
}

/// A thing to look at.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Its path; of a ZIP's member `PACK.zip!/NAME`.
    pub path: PathBuf,
    /// What it is.
    pub what: CandidateKind,
}

/// All that may be pictures: those named, and those in folders, by name. Links are followed, each
/// real folder and file once; hidden files and what `.ignore` and `.moueignore` files list are left
/// out.
pub fn walk(paths: &[PathBuf]) -> Vec<Candidate> {
    let mut walk = Walk {
        seen: Arc::default(),
        found: Vec::new(),
    };
    paths.iter().for_each(|path| walk.named(path));
    walk.found
}

/// Keeps the candidates of shard `index` (from 0) of `count`: each belongs to one, which its path
/// alone decides.
pub fn shard(candidates: Vec<Candidate>, index: u32, count: u32) -> Vec<Candidate> {
    let belongs = |c: &Candidate| {
        let hash = moue::digest::sha256(c.path.as_os_str().as_encoded_bytes());
        u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]]) % count.max(1) == index
    };
    candidates.into_iter().filter(belongs).collect()
}

struct Walk {
    /// Real folders that were entered.
    seen: Arc<Mutex<HashSet<PathBuf>>>,
    found: Vec<Candidate>,
}

impl Walk {
    fn push(&mut self, path: &Path, what: CandidateKind) {
        self.found.push(Candidate {
            path: path.to_owned(),
            what,
        });
    }

    fn problem(&mut self, path: &Path, problem: impl Into<String>) {
        self.push(path, CandidateKind::Problem(problem.into()));
    }

    fn named(&mut self, path: &Path) {
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_dir() => self.folder(path),
            Ok(meta) if meta.is_file() => self.file(path),
            Ok(_) => self.problem(path, "neither a file nor a folder"),
            Err(e) => self.failed(path, &e),
        }
    }

    fn failed(&mut self, path: &Path, error: &std::io::Error) {
        let dangling = path.is_symlink() && error.kind() == ErrorKind::NotFound;
        self.problem(
            path,
            if dangling {
                "the link leads nowhere".into()
            } else {
                error.to_string()
            },
        );
    }

    fn file(&mut self, path: &Path) {
        if archive::is_pack(path) {
            match archive::Pack::open(path) {
                Ok(pack) => self.members(path, pack),
                Err(error) => self.problem(path, error.to_string()),
            }
        } else {
            self.push(
                path,
                if moue::video::is_video(path) {
                    CandidateKind::Video
                } else {
                    CandidateKind::Picture
                },
            );
        }
    }

    fn members(&mut self, path: &Path, pack: archive::Pack) {
        let pack = Arc::new(pack);
        for (index, name) in pack.members().into_iter().enumerate() {
            let shown = PathBuf::from(format!("{}!/{}", path.display(), name.name));
            match name.problem {
                Some(problem) => self.problem(&shown, problem),
                None if name.may_be_picture => {
                    self.push(&shown, CandidateKind::Member(Arc::clone(&pack), index))
                }
                None => {}
            }
        }
    }

    fn folder(&mut self, path: &Path) {
        // The walk asks about what is inside only.
        if !first_visit(&self.seen, path) {
            return;
        }
        let seen = Arc::clone(&self.seen);
        let mut builder = WalkBuilder::new(path);
        builder
            .standard_filters(false)
            .hidden(true)
            .ignore(true)
            .follow_links(true);
        IGNORE_FILES.iter().for_each(|name| {
            builder.add_custom_ignore_filename(name);
        });
        builder.sort_by_file_name(std::cmp::Ord::cmp);
        builder.filter_entry(move |entry| {
            let folder = entry.file_type().is_some_and(|t| t.is_dir());
            !folder || entry.depth() == 0 || first_visit(&seen, entry.path())
        });
        for entry in builder.build() {
            match entry {
                Ok(entry) => {
                    self.inside(entry.path(), entry.file_type().is_some_and(|t| t.is_dir()))
                }
                Err(error) => self.walk_failed(&error),
            }
        }
    }

    fn inside(&mut self, path: &Path, folder: bool) {
        if folder {
            return;
        }
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_file() && may_be_picture(path, meta.len()) => self.file(path),
            Ok(_) => {}
            Err(e) => self.failed(path, &e),
        }
    }

    fn walk_failed(&mut self, error: &ignore::Error) {
        // A loop of links leads to what was seen already.
        if is_loop(error) {
            return;
        }
        let path = path_of(error).unwrap_or_default();
        if path.is_symlink() && !path.exists() {
            return self.problem(&path, "the link leads nowhere");
        }
        let reason = error
            .io_error()
            .map_or_else(|| error.to_string(), ToString::to_string);
        self.problem(&path, reason);
    }
}

fn first_visit(seen: &Mutex<HashSet<PathBuf>>, path: &Path) -> bool {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    seen.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(real)
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

/// Whether a file in a folder is worth a look: by its ending, or without a known one by its first
/// bytes.
pub(crate) fn may_be_picture(path: &Path, len: u64) -> bool {
    let known = image::ImageFormat::from_path(path).is_ok()
        || moue::video::is_video(path)
        || archive::is_pack(path);
    known || path.extension().is_none() && len == 0 || starts_like_picture(path)
}

fn starts_like_picture(path: &Path) -> bool {
    use std::io::Read;
    let mut start = Vec::new();
    let read = std::fs::File::open(path).and_then(|f| f.take(32).read_to_end(&mut start));
    read.is_ok() && image::guess_format(&start).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_share_all_without_overlap() {
        let all: Vec<Candidate> = (0..100)
            .map(|i| Candidate {
                path: format!("{i}.png").into(),
                what: CandidateKind::Picture,
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
        let found: Vec<PathBuf> = walk(&[folder.path().into()])
            .into_iter()
            .map(|c| c.path)
            .collect();
        assert_eq!(found, [path("a.png")]);
        let named: Vec<PathBuf> = walk(&[path("b.png")]).into_iter().map(|c| c.path).collect();
        assert_eq!(named, [path("b.png")], "what is named counts");
    }
}
