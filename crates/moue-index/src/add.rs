//! Many candidates on all cores: workers read, detect and embed; one writer commits.

use crate::extract::{ExtractError, ExtractOptions, Extracted, FaceExtractor};
use crate::metadata::{Metadata, read_sidecar};
use crate::walk::{Candidate, CandidateKind};
use moue::Gallery;
use moue::gallery::{FileStamp, FileState, GalleryError, NewPicture};
use moue::network::NetworkError;
use serde::Serialize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant, UNIX_EPOCH};

/// A commit is made after so many pictures …
const BATCH: usize = 64;
/// … or after so much time, whichever comes first.
const INTERVAL: Duration = Duration::from_millis(250);
/// Bytes of a side-car file that are read.
const LONGEST_SIDECAR: u64 = 1 << 20;

/// How to add.
#[derive(Debug, Clone, Default)]
pub struct AddOptions {
    /// What to make of each picture.
    pub look: ExtractOptions,
    /// Threads; 0 is one for each core.
    pub threads: usize,
    /// Tags for all that is added.
    pub tags: Vec<String>,
    /// Which way it came; `folder` or `zip` unless given.
    pub source: Option<String>,
    /// Set to end early; what was reported stays.
    pub stop: Arc<AtomicBool>,
}

/// What became of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is on the disk now.
    Added,
    /// Its content was there already.
    Known,
    /// Its content was there under a path that is gone; the gallery has the new one now.
    Moved,
    /// It has no face with an expression.
    NoFace,
    /// It cannot be read.
    Unreadable,
}

/// A candidate is done; what it says is safely stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The candidate's path.
    pub path: PathBuf,
    /// What became of it.
    pub status: Status,
    /// Faces that were added.
    pub faces: usize,
    /// Why it was rejected, or what was left out.
    pub detail: Option<String>,
}

/// Counts of what became of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct AddSummary {
    /// See [`Status::Added`].
    pub added: usize,
    /// See [`Status::Known`].
    pub known: usize,
    /// See [`Status::Moved`].
    pub moved: usize,
    /// See [`Status::NoFace`].
    pub no_face: usize,
    /// See [`Status::Unreadable`].
    pub unreadable: usize,
}

impl AddSummary {
    fn count(&mut self, status: Status) {
        *match status {
            Status::Added => &mut self.added,
            Status::Known => &mut self.known,
            Status::Moved => &mut self.moved,
            Status::NoFace => &mut self.no_face,
            Status::Unreadable => &mut self.unreadable,
        } += 1;
    }
}

/// Why nothing more could be added.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AddError {
    /// The gallery cannot be read or written.
    #[error(transparent)]
    Gallery(#[from] GalleryError),
    /// The networks do not load.
    #[error(transparent)]
    Network(#[from] NetworkError),
}

/// What a worker makes of a candidate.
enum Made {
    New(Box<NewPicture>, Option<String>),
    Known(Option<FileStamp>, [u8; 32]),
    Unchanged,
    NoFace(Option<FileStamp>, [u8; 32], String),
    /// As the last time, so nothing is to be noted.
    NoFaceStill(String),
    Unreadable(String),
    Failed(GalleryError),
}

/// Looks at all candidates and adds what has faces. `on_event` hears of each once what it says is
/// on the disk.
///
/// # Errors
/// [`AddError`] if the gallery fails; a candidate that fails is an event.
pub fn add(
    gallery: &Gallery,
    candidates: Vec<Candidate>,
    options: &AddOptions,
    on_event: impl FnMut(Event),
) -> Result<AddSummary, AddError> {
    let looker = FaceExtractor::new(options.look.clone())?;
    let (sender, receiver) = mpsc::sync_channel(BATCH);
    let next = AtomicUsize::new(0);
    let threads = match options.threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    let mut writer = Writer {
        gallery,
        batch: Vec::new(),
        since: Instant::now(),
        tally: AddSummary::default(),
        on_event,
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, candidates.len().max(1)) {
            let worker = Worker {
                gallery,
                options,
                looker: looker.clone(),
            };
            let (sender, next, candidates) = (sender.clone(), &next, &candidates);
            scope.spawn(move || worker.run(candidates, next, &sender));
        }
        drop(sender);
        let result = writer.receive(&receiver);
        // Workers that wait for the channel end when it does.
        drop(receiver);
        result
    })?;
    Ok(writer.tally)
}

struct Worker<'a> {
    gallery: &'a Gallery,
    options: &'a AddOptions,
    looker: FaceExtractor,
}

impl Worker<'_> {
    fn run(
        mut self,
        candidates: &[Candidate],
        next: &AtomicUsize,
        sender: &mpsc::SyncSender<(PathBuf, Made)>,
    ) {
        while !self.options.stop.load(Ordering::Relaxed) {
            let Some(candidate) = candidates.get(next.fetch_add(1, Ordering::Relaxed)) else {
                return;
            };
            // A decoder that panics on a damaged file must not take the others along.
            let made = catch_unwind(AssertUnwindSafe(|| self.candidate(candidate)));
            let made = made.unwrap_or_else(|_| Ok(Made::Unreadable("the decoder gave up".into())));
            if sender
                .send((candidate.path.clone(), made.unwrap_or_else(Made::Failed)))
                .is_err()
            {
                return;
            }
        }
    }

    fn candidate(&mut self, candidate: &Candidate) -> Result<Made, GalleryError> {
        let file = match &candidate.what {
            CandidateKind::Problem(problem) => return Ok(Made::Unreadable(problem.clone())),
            CandidateKind::Member(pack, _) => pack.path(),
            CandidateKind::Picture | CandidateKind::Video => &candidate.path,
        };
        let stamp = match stamp(file) {
            Ok(stamp) => stamp,
            Err(error) => return Ok(Made::Unreadable(error.to_string())),
        };
        let name = stored_path(&candidate.path);
        if let Some(known) = self.gallery.file(&name)?.filter(|k| Some(k.stamp) == stamp) {
            return Ok(known.rejected.map_or(Made::Unchanged, Made::NoFaceStill));
        }
        self.look(candidate, name, stamp)
    }

    fn look(
        &mut self,
        candidate: &Candidate,
        name: String,
        stamp: Option<FileStamp>,
    ) -> Result<Made, GalleryError> {
        let bytes = match read(candidate) {
            Ok(bytes) => bytes,
            Err(reason) => return Ok(Made::Unreadable(reason)),
        };
        let hash = match &bytes {
            Some(bytes) => moue::digest::sha256(bytes),
            None => match hash_file(&candidate.path) {
                Ok(hash) => hash,
                Err(error) => return Ok(Made::Unreadable(error.to_string())),
            },
        };
        if self.gallery.contains(&hash)? {
            return Ok(Made::Known(stamp, hash));
        }
        let seen = match &bytes {
            Some(bytes) => self.looker.picture(bytes),
            None => self.looker.video(&candidate.path),
        };
        Ok(match seen {
            Ok(seen) => self.picture(candidate, name, stamp, hash, seen),
            Err(error @ (ExtractError::NoFace | ExtractError::NoExpression(_))) => {
                Made::NoFace(stamp, hash, error.to_string())
            }
            Err(error) => Made::Unreadable(error.to_string()),
        })
    }

    fn picture(
        &self,
        candidate: &Candidate,
        path: String,
        file: Option<FileStamp>,
        hash: [u8; 32],
        seen: Extracted,
    ) -> Made {
        let member = matches!(candidate.what, CandidateKind::Member(..));
        let beside = if member {
            None
        } else {
            sidecar(&candidate.path)
        };
        let texts = beside.unwrap_or_default().or(seen.texts);
        let mut tags = self.options.tags.clone();
        texts.tags.into_iter().for_each(|tag| {
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        });
        let source =
            self.options
                .source
                .as_deref()
                .unwrap_or(if member { "zip" } else { "folder" });
        let label = texts.label.unwrap_or_else(|| stem(&candidate.path));
        let new = NewPicture {
            hash,
            path,
            label,
            caption: texts.caption,
            tags,
            source: source.into(),
            added: 0,
            perceptual_hash: Some(seen.looks),
            file,
            faces: seen.faces,
        };
        Made::New(Box::new(new), seen.note)
    }
}

/// The path as the gallery keeps it.
pub(crate) fn stored_path(path: &Path) -> String {
    std::path::absolute(path)
        .unwrap_or_else(|_| path.to_owned())
        .to_string_lossy()
        .into_owned()
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Size and time of a regular file; no time where the system keeps none.
fn stamp(path: &Path) -> std::io::Result<Option<FileStamp>> {
    let meta = std::fs::metadata(path)?;
    if !meta.is_file() {
        // To open a pipe is to wait for its other end.
        return Err(std::io::Error::other("not a regular file"));
    }
    let modified = meta
        .modified()
        .ok()
        .and_then(|m| m.duration_since(UNIX_EPOCH).ok());
    let modified = modified.and_then(|m| i64::try_from(m.as_nanos()).ok());
    Ok(modified.map(|modified| FileStamp {
        size: meta.len(),
        modified,
    }))
}

/// A picture's bytes; `None` for a video, which is not read into memory.
fn read(candidate: &Candidate) -> Result<Option<Vec<u8>>, String> {
    use std::io::Read;
    match &candidate.what {
        CandidateKind::Member(pack, index) => {
            pack.read(*index).map(Some).map_err(|e| e.to_string())
        }
        CandidateKind::Video => Ok(None),
        _ => {
            // One byte more than a picture may have shows that it has too many.
            let limit = moue::frame::DecodeLimits::default().file + 1;
            let mut bytes = Vec::new();
            let file = std::fs::File::open(&candidate.path)
                .and_then(|f| f.take(limit).read_to_end(&mut bytes));
            file.map(|_| Some(bytes)).map_err(|e| e.to_string())
        }
    }
}

fn hash_file(path: &Path) -> std::io::Result<[u8; 32]> {
    moue::digest::sha256_of(&mut std::fs::File::open(path)?)
}

/// The JSON file beside a picture: `NAME.jpg.json` or `NAME.json`.
fn sidecar(path: &Path) -> Option<Metadata> {
    let mut appended = path.as_os_str().to_owned();
    appended.push(".json");
    [PathBuf::from(appended), path.with_extension("json")]
        .iter()
        .find_map(|beside| {
            let meta = std::fs::metadata(beside)
                .ok()
                .filter(|m| m.is_file() && m.len() <= LONGEST_SIDECAR);
            meta.and_then(|_| read_sidecar(&std::fs::read(beside).ok()?))
        })
}

/// Collects what is to be written and commits it in batches.
struct Writer<'a, F> {
    gallery: &'a Gallery,
    batch: Vec<(PathBuf, Made)>,
    since: Instant,
    tally: AddSummary,
    on_event: F,
}

impl<F: FnMut(Event)> Writer<'_, F> {
    fn receive(&mut self, receiver: &mpsc::Receiver<(PathBuf, Made)>) -> Result<(), GalleryError> {
        loop {
            match receiver.recv_timeout(INTERVAL.saturating_sub(self.since.elapsed())) {
                Ok((path, made)) => self.take(path, made)?,
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => return self.commit(),
            }
            if self.batch.len() >= BATCH || self.since.elapsed() >= INTERVAL {
                self.commit()?;
            }
        }
    }

    fn take(&mut self, path: PathBuf, made: Made) -> Result<(), GalleryError> {
        match made {
            Made::Failed(error) => return Err(error),
            Made::Unchanged => self.tell(path, Status::Known, 0, None),
            Made::NoFaceStill(reason) => self.tell(path, Status::NoFace, 0, Some(reason)),
            Made::Unreadable(reason) => self.tell(path, Status::Unreadable, 0, Some(reason)),
            other => self.batch.push((path, other)),
        }
        Ok(())
    }

    fn tell(&mut self, path: PathBuf, status: Status, faces: usize, detail: Option<String>) {
        self.tally.count(status);
        (self.on_event)(Event {
            path,
            status,
            faces,
            detail,
        });
    }

    fn commit(&mut self) -> Result<(), GalleryError> {
        let (mut fresh, mut notes, mut told) = (Vec::new(), Vec::new(), Vec::new());
        for (path, made) in std::mem::take(&mut self.batch) {
            match made {
                Made::New(picture, note) => {
                    fresh.push(*picture);
                    told.push((path, note));
                }
                Made::Known(stamp, hash) => {
                    let status = self.follow(&path, &hash)?;
                    notes.extend(noted(&path, stamp, &hash, None));
                    self.tell(path, status, 0, None);
                }
                Made::NoFace(stamp, hash, reason) => {
                    notes.extend(noted(&path, stamp, &hash, Some(reason.clone())));
                    self.tell(path, Status::NoFace, 0, Some(reason));
                }
                _ => {}
            }
        }
        if !fresh.is_empty() {
            let added = self.gallery.add(&fresh)?;
            for (((path, note), picture), added) in told.into_iter().zip(&fresh).zip(added) {
                let (status, faces) = if added {
                    (Status::Added, picture.faces.len())
                } else {
                    (Status::Known, 0)
                };
                self.tell(path, status, faces, note);
            }
        }
        if !notes.is_empty() {
            self.gallery.record_files(&notes)?;
        }
        self.since = Instant::now();
        Ok(())
    }

    /// A picture that is known: it has moved if the file that the gallery knows it by is gone.
    fn follow(&self, path: &Path, hash: &[u8; 32]) -> Result<Status, GalleryError> {
        let name = stored_path(path);
        let Some(picture) = self.gallery.find_hash(hash)? else {
            return Ok(Status::Known);
        };
        if picture.path == name || exists(&picture.path) {
            return Ok(Status::Known);
        }
        let old = Path::new(&picture.path);
        let label = if stem(old) == picture.label {
            stem(path)
        } else {
            picture.label
        };
        self.gallery.relocate(hash, &name, &label)?;
        Ok(Status::Moved)
    }
}

/// Whether the file that a gallery's path names is there; members of a ZIP are where the ZIP is.
pub(crate) fn exists(path: &str) -> bool {
    let file = path.split_once("!/").map_or(path, |(pack, _)| pack);
    path.starts_with("builtin:") || Path::new(path).exists() || Path::new(file).exists()
}

fn noted(
    path: &Path,
    stamp: Option<FileStamp>,
    hash: &[u8; 32],
    rejected: Option<String>,
) -> Option<(String, Option<FileState>)> {
    let hash = moue::digest::hex(hash);
    stamp.map(|stamp| {
        (
            stored_path(path),
            Some(FileState {
                stamp,
                hash,
                rejected,
            }),
        )
    })
}
