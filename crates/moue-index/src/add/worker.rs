//! Workers read candidates and extract their faces.

use super::options::AddOptions;
use super::words::{self, Words};
use crate::archive::ArchiveError;
use crate::extract::{ExtractError, Extracted, FaceExtractor};
use crate::files::{FileVersion, file_stamp, hash_file, read_at_most, stem, stored_path};
use crate::metadata::{Metadata, read_sidecar};
use crate::panics::panic_message;
use crate::walk::{Candidate, CandidateKind};
use moue::Gallery;
use moue::cancel::CancelToken;
use moue::detect::Effort;
use moue::frame::DecodeOptions;
use moue::gallery::{FileStamp, FileState, GalleryError, NewPicture};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::SyncSender;

/// Bytes of the largest side-car file that is read: a thousand times a usual caption, and little
/// beside a picture.
const MAX_SIDECAR_BYTES: u64 = 1 << 20;

/// What a worker reports about a candidate.
pub(super) enum Processed {
    /// There is something to write.
    Write(Pending),
    /// The file is as it was when it was added.
    Unchanged,
    /// The file is as it was when it had no face, and why.
    StillNoFace(String),
    /// It cannot be read, and why.
    Unreadable(String),
    /// The code panicked, and with what message.
    Panicked(String),
    /// The gallery failed.
    Failed(GalleryError),
}

/// What has to be written about a candidate.
pub(super) enum Pending {
    /// A new picture, and which part of it was left out.
    Picture(Box<NewPicture>, Option<String>),
    /// The gallery has a picture with this content; the words in it if they were read now.
    Known(FileVersion, Words),
    /// The file has no face, and why.
    NoFace(FileVersion, String),
}

/// Why a candidate could not be processed.
enum Failure {
    Unreadable(String),
    Gallery(GalleryError),
    Cancelled,
}

impl From<GalleryError> for Failure {
    fn from(error: GalleryError) -> Self {
        Self::Gallery(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<ArchiveError> for Failure {
    fn from(error: ArchiveError) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// Behind the reason for which a picture was rejected by live detection, in the record of its file: thorough
/// detection looks at it again.
const AFTER_LIVE: &str = " by live detection";

/// Candidates that workers take one after the other.
pub(super) struct Queue<'a> {
    candidates: &'a [Candidate],
    next: AtomicUsize,
}

impl<'a> Queue<'a> {
    pub(super) fn new(candidates: &'a [Candidate]) -> Self {
        Self {
            candidates,
            next: AtomicUsize::new(0),
        }
    }

    fn take(&self) -> Option<&'a Candidate> {
        // Relaxed suffices: each number is given out once, and the candidates do not change.
        self.candidates
            .get(self.next.fetch_add(1, Ordering::Relaxed))
    }
}

/// What workers send: the candidate's path and the report.
pub(super) type Message = (PathBuf, Processed);

/// One thread's extractor with its inputs.
pub(super) struct Worker<'a> {
    pub(super) gallery: &'a Gallery,
    pub(super) options: &'a AddOptions,
    pub(super) extractor: FaceExtractor,
    pub(super) queue: &'a Queue<'a>,
    pub(super) sender: SyncSender<Message>,
}

impl Worker<'_> {
    /// Processes candidates until there are no more, the work is canceled, or the writer has ended.
    pub(super) fn run(mut self) {
        while !self.options.cancel.is_cancelled()
            && let Some(candidate) = self.queue.take()
        {
            let Some(processed) = self.process_guarded(candidate) else {
                return;
            };
            let message = (candidate.path.clone(), processed);
            if self.sender.send(message).is_err() {
                return;
            }
        }
    }

    /// `None` if the work was canceled in the middle of the candidate.
    fn process_guarded(&mut self, candidate: &Candidate) -> Option<Processed> {
        guarded(|| self.process(candidate))
    }

    fn process(&mut self, candidate: &Candidate) -> Result<Processed, Failure> {
        let file = match &candidate.kind {
            CandidateKind::Problem(reason) => return Err(Failure::Unreadable(reason.clone())),
            CandidateKind::Member(archive, _) => archive.path(),
            CandidateKind::Picture | CandidateKind::Video => &candidate.path,
        };
        let stamp = file_stamp(file)?;
        let recorded = self.gallery.file(&stored_path(&candidate.path))?;
        let Some(state) = recorded.filter(|state| self.is_settled(state, stamp)) else {
            return self.read(candidate, stamp).map(Processed::Write);
        };
        if let Some(reason) = state.rejected {
            return Ok(Processed::StillNoFace(reason));
        }
        match moue::digest::from_hex(&state.hash) {
            Some(hash) if self.is_complete(candidate, &hash)? => Ok(Processed::Unchanged),
            _ => self.read(candidate, stamp).map(Processed::Write),
        }
    }

    /// Whether the file is as it was, and was not rejected by a search that finds less than this one.
    fn is_settled(&self, state: &FileState, stamp: Option<FileStamp>) -> bool {
        let rejected = state.rejected.as_deref();
        let after_live = rejected.is_some_and(|reason| reason.ends_with(AFTER_LIVE));
        let looks_closer = self.options.extract.effort == Effort::Thorough && after_live;
        Some(state.stamp) == stamp && !looks_closer
    }

    /// Why a picture is rejected.
    fn reason(&self, error: &ExtractError) -> String {
        match self.options.extract.effort {
            Effort::Live => format!("{error}{AFTER_LIVE}"),
            Effort::Thorough => error.to_string(),
        }
    }

    /// Whether the gallery has the picture that a record is of, with all that is asked for: it may have
    /// been removed since, or lost in a repair.
    fn is_complete(&self, candidate: &Candidate, hash: &[u8; 32]) -> Result<bool, GalleryError> {
        Ok(self.gallery.contains(hash)? && !self.lacks_words(candidate, hash)?)
    }

    /// Whether the words in a picture of the gallery are to be read and were not.
    fn lacks_words(&self, candidate: &Candidate, hash: &[u8; 32]) -> Result<bool, GalleryError> {
        if self.options.words.is_none() || is_video(candidate) {
            return Ok(false);
        }
        let picture = self.gallery.find_hash(hash)?;
        Ok(picture.is_some_and(|picture| picture.words.is_none()))
    }

    /// The words in a picture; none if they are not wanted.
    fn words(&self, content: &Content) -> Result<Words, Failure> {
        let (Some(reader), Content::Bytes(bytes)) = (&self.options.words, content) else {
            return Ok(Words::default());
        };
        let read = words::read(reader, bytes, &self.options.cancel);
        read.map_err(|_| Failure::Cancelled)
    }

    /// What is to be written about a picture that the gallery has.
    fn known(
        &self,
        candidate: &Candidate,
        content: &Content,
        version: FileVersion,
    ) -> Result<Pending, Failure> {
        let words = if self.lacks_words(candidate, &version.hash)? {
            self.words(content)?
        } else {
            Words::default()
        };
        Ok(Pending::Known(version, words))
    }

    /// Reads a candidate that is new or has changed.
    fn read(
        &mut self,
        candidate: &Candidate,
        stamp: Option<FileStamp>,
    ) -> Result<Pending, Failure> {
        let content = Content::read(candidate)?;
        let hash = content.hash(&self.options.cancel)?;
        let version = FileVersion { stamp, hash };
        if self.gallery.contains(&version.hash)? {
            return self.known(candidate, &content, version);
        }
        let extracted = match &content {
            Content::Bytes(bytes) => self.extractor.extract(bytes),
            Content::Video(path) => self.extractor.extract_video(path),
        };
        match extracted {
            Ok(extracted) => {
                let words = self.words(&content)?;
                Ok(self.picture(candidate, &version, extracted, words))
            }
            Err(error @ (ExtractError::NoFace | ExtractError::NoExpression(_))) => {
                Ok(Pending::NoFace(version, self.reason(&error)))
            }
            Err(ExtractError::Cancelled(_)) => Err(Failure::Cancelled),
            Err(error) => Err(Failure::Unreadable(error.to_string())),
        }
    }

    fn picture(
        &self,
        candidate: &Candidate,
        version: &FileVersion,
        extracted: Extracted,
        words: Words,
    ) -> Pending {
        let is_member = matches!(candidate.kind, CandidateKind::Member(..));
        let beside = metadata_beside(candidate);
        let notes = [extracted.note, words.note, beside.as_ref().err().cloned()];
        let notes: Vec<String> = notes.into_iter().flatten().collect();
        let note = (!notes.is_empty()).then(|| notes.join("; "));
        let metadata = beside.unwrap_or_default().or(extracted.metadata);
        let default_source = if is_member { "zip" } else { "folder" };
        let source = self.options.source.as_deref().unwrap_or(default_source);
        let picture = NewPicture {
            hash: version.hash,
            path: stored_path(&candidate.path),
            label: metadata.label.unwrap_or_else(|| stem(&candidate.path)),
            caption: metadata.caption,
            words: words.text,
            tags: merged_tags(&self.options.tags, metadata.tags),
            source: source.into(),
            // The gallery sets the time of the commit.
            added: 0,
            hidden: false,
            perceptual_hash: Some(extracted.perceptual_hash),
            file: version.stamp,
            faces: extracted.faces,
        };
        Pending::Picture(Box::new(picture), note)
    }
}

/// Runs the work on a candidate; `None` if it was canceled.
fn guarded(work: impl FnOnce() -> Result<Processed, Failure>) -> Option<Processed> {
    // A panic in one file must not end the other files' work. Decoders keep no state between files,
    // and the networks write all of their memory in each run, so nothing half-done is seen
    // afterwards. Panics of the decoders themselves do not come here: they are damaged files.
    Some(match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(processed)) => processed,
        Ok(Err(Failure::Cancelled)) => return None,
        Ok(Err(Failure::Unreadable(reason))) => Processed::Unreadable(reason),
        Ok(Err(Failure::Gallery(error))) => Processed::Failed(error),
        Err(payload) => Processed::Panicked(panic_message(&*payload)),
    })
}

/// The content of a candidate.
enum Content {
    Bytes(Vec<u8>),
    /// Videos may be larger than the memory; `ffmpeg` reads them.
    Video(PathBuf),
}

impl Content {
    fn read(candidate: &Candidate) -> Result<Self, Failure> {
        Ok(match &candidate.kind {
            CandidateKind::Member(archive, index) => Self::Bytes(archive.read(*index)?),
            CandidateKind::Video => Self::Video(candidate.path.clone()),
            CandidateKind::Picture | CandidateKind::Problem(_) => {
                // One byte more than a picture may have shows that it has too many.
                let limit = DecodeOptions::default().max_file_bytes + 1;
                Self::Bytes(read_at_most(&candidate.path, limit)?)
            }
        })
    }

    fn hash(&self, cancel: &CancelToken) -> Result<[u8; 32], Failure> {
        match self {
            Self::Bytes(bytes) => Ok(moue::digest::sha256(bytes)),
            // A film takes minutes.
            Self::Video(path) => match hash_file(path, cancel) {
                Err(_) if cancel.is_cancelled() => Err(Failure::Cancelled),
                result => Ok(result?),
            },
        }
    }
}

fn is_video(candidate: &Candidate) -> bool {
    matches!(candidate.kind, CandidateKind::Video)
}

/// The metadata of the side-car file, or why it cannot be used.
fn metadata_beside(candidate: &Candidate) -> Result<Metadata, String> {
    match candidate.kind {
        // The side-cars of a ZIP's members are members too, which are not read.
        CandidateKind::Member(..) => Ok(Metadata::default()),
        _ => sidecar(&candidate.path),
    }
}

/// The JSON file beside a picture: `NAME.jpg.json`, else `NAME.json`.
fn sidecar(path: &Path) -> Result<Metadata, String> {
    let mut appended = path.as_os_str().to_owned();
    appended.push(".json");
    let files = [PathBuf::from(appended), path.with_extension("json")];
    let mut unusable = Ok(Metadata::default());
    for file in files.iter().filter(|file| file.is_file()) {
        let read = read_sidecar_file(file);
        if read.is_ok() {
            return read;
        }
        unusable = unusable.and(read);
    }
    unusable
}

fn read_sidecar_file(path: &Path) -> Result<Metadata, String> {
    let unusable = |reason: &str| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        format!("{name} was not used: {reason}")
    };
    let meta = std::fs::metadata(path).map_err(|error| unusable(&error.to_string()))?;
    if meta.len() > MAX_SIDECAR_BYTES {
        return Err(unusable("it is larger than 1 MB"));
    }
    let bytes = std::fs::read(path).map_err(|error| unusable(&error.to_string()))?;
    read_sidecar(&bytes).ok_or_else(|| unusable("it is no JSON object"))
}

/// The first tags, and those of the others that are not among them.
fn merged_tags(first: &[String], others: Vec<String>) -> Vec<String> {
    let mut tags = first.to_vec();
    for tag in others {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_apart_from_a_file_that_cannot_be_read() {
        let panicked = guarded(|| panic!("index {} of {}", 3, 2));
        let Some(Processed::Panicked(message)) = panicked else {
            panic!("it is caught")
        };
        assert!(message.contains("fault of moue") && message.contains("index 3 of 2"));
        let unreadable = guarded(|| Err(Failure::Unreadable("cut off".into())));
        assert!(matches!(unreadable, Some(Processed::Unreadable(reason)) if reason == "cut off"));
        assert!(guarded(|| Err(Failure::Cancelled)).is_none());
    }
}
