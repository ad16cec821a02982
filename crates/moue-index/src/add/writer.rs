//! The writer commits what workers report, and calls back once it is on the disk.

use super::event::{AddSummary, Event, Status};
use super::worker::{Message, Pending, Processed};
use crate::files::{exists, is_unchanged, other_copy, stem, stored_path};
use moue::Gallery;
use moue::gallery::{FileState, GalleryError, NewPicture, Picture, path_of};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Pictures of one commit. A commit waits for the disk, some milliseconds, which 64 pictures share;
/// a larger batch would gain little and report later.
pub(super) const BATCH: usize = 64;

/// The longest time between two commits, so that slow pictures (videos) are reported soon too and
/// an interrupted run loses little.
const COMMIT_INTERVAL: Duration = Duration::from_millis(250);

/// Collects what is to be written and commits it in batches.
pub(super) struct Writer<'a, F> {
    gallery: &'a Gallery,
    batch: Vec<(PathBuf, Pending)>,
    last_commit: Instant,
    summary: AddSummary,
    /// Contents that were at paths whose files have other content now.
    displaced: Vec<(String, String)>,
    on_event: F,
}

/// Rows for [`Gallery::record_files`].
type FileRows = Vec<(String, Option<FileState>)>;

/// New pictures of a batch; `paths` holds the path of each and which part of it was left out.
#[derive(Default)]
struct NewPictures {
    pictures: Vec<NewPicture>,
    paths: Vec<(PathBuf, Option<String>)>,
}

impl<'a, F: FnMut(Event)> Writer<'a, F> {
    pub(super) fn new(gallery: &'a Gallery, on_event: F) -> Self {
        Self {
            gallery,
            batch: Vec::new(),
            last_commit: Instant::now(),
            summary: AddSummary::default(),
            displaced: Vec::new(),
            on_event,
        }
    }

    pub(super) fn summary(&self) -> AddSummary {
        self.summary
    }

    /// Writes what comes until all workers have ended.
    ///
    /// # Errors
    /// [`GalleryError`] of a worker or of a commit; what was reported stays.
    pub(super) fn receive(&mut self, receiver: &Receiver<Message>) -> Result<(), GalleryError> {
        loop {
            let timeout = COMMIT_INTERVAL.saturating_sub(self.last_commit.elapsed());
            match receiver.recv_timeout(timeout) {
                Ok((path, processed)) => self.accept(path, processed)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.commit()?;
                    return self.remove_displaced();
                }
            }
            let due = self.last_commit.elapsed() >= COMMIT_INTERVAL;
            if due || self.batch.len() >= BATCH {
                self.commit()?;
            }
        }
    }

    /// Reports at once what needs no writing.
    fn accept(&mut self, path: PathBuf, processed: Processed) -> Result<(), GalleryError> {
        match processed {
            Processed::Write(pending) => self.batch.push((path, pending)),
            Processed::Unchanged => self.report(path, Status::Known, None),
            Processed::StillNoFace(reason) => self.send(Event {
                path,
                status: Status::NoFace,
                faces: 0,
                detail: Some(reason),
                as_before: true,
            }),
            Processed::Unreadable(reason) => self.report(path, Status::Unreadable, Some(reason)),
            Processed::Panicked(message) => self.report(path, Status::Failed, Some(message)),
            Processed::Failed(error) => return Err(error),
        }
        Ok(())
    }

    fn report(&mut self, path: PathBuf, status: Status, detail: Option<String>) {
        self.report_faces(path, status, 0, detail);
    }

    fn report_faces(
        &mut self,
        path: PathBuf,
        status: Status,
        faces: usize,
        detail: Option<String>,
    ) {
        self.send(Event {
            path,
            status,
            faces,
            detail,
            as_before: false,
        });
    }

    fn send(&mut self, event: Event) {
        self.summary.count(event.status);
        (self.on_event)(event);
    }

    fn commit(&mut self) -> Result<(), GalleryError> {
        let mut new = NewPictures::default();
        let mut rows = FileRows::new();
        // Reported once they are on the disk.
        let mut settled = Vec::new();
        for (path, pending) in std::mem::take(&mut self.batch) {
            let old = self.displaced_by(&path, &pending)?;
            match pending {
                Pending::Picture(mut picture, note) => {
                    if let Some(old) = old {
                        inherit(&mut picture, old);
                    }
                    new.pictures.push(*picture);
                    new.paths.push((path, note));
                }
                Pending::Known(version, words) => {
                    let mut status = self.relocate_if_moved(&path, &version.hash)?;
                    if let Some(text) = words.text
                        && self.gallery.add_words(&version.hash, &text)?
                    {
                        status = Status::WordsRead;
                    }
                    rows.extend(version.record(&path, None));
                    settled.push((path, status, words.note));
                }
                Pending::NoFace(version, reason) => {
                    rows.extend(version.record(&path, Some(reason.clone())));
                    settled.push((path, Status::NoFace, Some(reason)));
                }
            }
        }
        self.add_pictures(new)?;
        if !rows.is_empty() {
            self.gallery.record_files(&rows)?;
        }
        for (path, status, detail) in settled {
            self.report(path, status, detail);
        }
        self.last_commit = Instant::now();
        Ok(())
    }

    /// The picture that was at this path before, if its content was another.
    fn displaced_by(
        &mut self,
        path: &Path,
        pending: &Pending,
    ) -> Result<Option<Picture>, GalleryError> {
        let hash = moue::digest::hex(match pending {
            Pending::Picture(picture, _) => &picture.hash,
            Pending::Known(version, _) | Pending::NoFace(version, _) => &version.hash,
        });
        let path = stored_path(path);
        let before = self.gallery.file(&path)?.filter(|state| state.hash != hash);
        let before = before.and_then(|state| moue::digest::from_hex(&state.hash));
        let Some(before) = before else {
            return Ok(None);
        };
        let old = self.gallery.find_hash(&before)?;
        let old = old.filter(|picture| picture.path == path);
        if let Some(old) = &old {
            self.displaced.push((old.hash.clone(), path));
        }
        Ok(old)
    }

    /// Removes the pictures whose files have other content now; at the end, when every file that
    /// has been moved has its new path. One that another file has too gets that file's path.
    fn remove_displaced(&mut self) -> Result<(), GalleryError> {
        let displaced = std::mem::take(&mut self.displaced);
        if displaced.is_empty() {
            return Ok(());
        }
        let files = self.gallery.files()?;
        let mut gone = Vec::new();
        for (hex, path) in displaced {
            let Some(hash) = moue::digest::from_hex(&hex) else {
                continue;
            };
            let picture = self.gallery.find_hash(&hash)?;
            let Some(picture) = picture.filter(|picture| picture.path == path) else {
                continue;
            };
            match other_copy(&files, &hex, &path) {
                Some(copy) => {
                    let state = files.get(&path).cloned();
                    self.gallery.relocate(&hash, &copy, &picture.label)?;
                    // What is recorded of the path is about its new content, and stays.
                    self.gallery.record_files(&[(path, state)])?;
                }
                None => gone.push(hash),
            }
        }
        if !gone.is_empty() {
            self.gallery.replace(&gone, &[])?;
        }
        Ok(())
    }

    fn add_pictures(&mut self, new: NewPictures) -> Result<(), GalleryError> {
        if new.pictures.is_empty() {
            return Ok(());
        }
        let results = self.gallery.add(&new.pictures)?;
        let pictures = new.pictures.iter().zip(results);
        for ((path, note), (picture, added)) in new.paths.into_iter().zip(pictures) {
            if added {
                self.report_faces(path, Status::Added, picture.faces.len(), note);
            } else {
                // Another file of this batch, or another process, has added the same content.
                self.report(path, Status::Known, note);
            }
        }
        Ok(())
    }

    /// The gallery has this content. If the file that it knows is gone, the picture has moved here,
    /// and the gallery gets the new path.
    fn relocate_if_moved(&self, path: &Path, hash: &[u8; 32]) -> Result<Status, GalleryError> {
        let new_path = stored_path(path);
        let Some(picture) = self.gallery.find_hash(hash)? else {
            return Ok(Status::Known);
        };
        // A file that has other content by now is as good as gone.
        let before = self.gallery.file(&picture.path)?;
        let is_there =
            exists(&picture.path) && before.is_none_or(|state| is_unchanged(&picture.path, &state));
        if picture.path == new_path || is_there {
            return Ok(Status::Known);
        }
        let label = moved_label(picture, path);
        self.gallery.relocate(hash, &new_path, &label)?;
        Ok(Status::Moved)
    }
}

/// What a changed file's new content keeps of the old one.
fn inherit(new: &mut NewPicture, old: Picture) {
    let mut tags = old.tags;
    tags.append(&mut new.tags);
    let mut known = HashSet::new();
    tags.retain(|tag| known.insert(tag.clone()));
    new.tags = tags;
    if old.label != stem(&path_of(&old.path)) {
        new.label = old.label;
    }
    new.caption = new.caption.take().or(old.caption);
}

/// The label of a picture whose file has moved: one that was made from the file's name follows the
/// name, any other stays.
fn moved_label(picture: Picture, path: &Path) -> String {
    if stem(&path_of(&picture.path)) == picture.label {
        stem(path)
    } else {
        picture.label
    }
}
