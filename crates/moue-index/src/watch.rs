//! A gallery that follows folders: new pictures are added, deleted ones removed, and moved ones
//! keep their faces.

use crate::absence::{self, device};
use crate::add::{AddError, AddOptions, Event, add};
use crate::files::stored_path;
use crate::forget::{self, Known};
use crate::rules::{is_hidden, is_ignore_file};
use crate::walk::{walk, walk_changed};
use moue::Gallery;
use moue::cancel::CancelToken;
use moue::gallery::{GalleryError, path_of};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Changes are handled when none has come for this long. A program that writes a picture causes
/// several changes in a row, and at the first the file is incomplete.
const QUIET_TIME: Duration = Duration::from_millis(400);

/// Changes are handled after this long at the latest, so that a folder that never rests is followed
/// too.
const MAX_DELAY: Duration = Duration::from_secs(5);

/// How long to wait for another program that writes the gallery. A batch takes a fraction of a
/// second, so a minute means that the other one runs a long import, which the user should know.
const WRITER_TIMEOUT: Duration = Duration::from_secs(60);

/// How often to try again meanwhile.
const WRITER_RETRY: Duration = Duration::from_millis(400);

/// Why watching ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// Adding failed.
    #[error(transparent)]
    Add(#[from] AddError),
    /// The system does not report changes.
    #[error("changes in {0} cannot be watched: {1}")]
    Notify(PathBuf, notify::Error),
    /// The folder does not exist, or another file system is in its place: a disk was mounted or
    /// unmounted there.
    #[error("{0} is no folder, or a disk was mounted or unmounted there")]
    Missing(PathBuf),
}

impl From<GalleryError> for WatchError {
    fn from(error: GalleryError) -> Self {
        Self::Add(error.into())
    }
}

/// What [`watch`] reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchEvent {
    /// A file was processed.
    Processed(Event),
    /// A picture was removed from the gallery, as its file no longer exists. The path is that of
    /// the gallery.
    Removed(String),
    /// Pictures of this folder are kept though their files are gone: so many at once, or from an
    /// empty folder, that their disk is probably not mounted. They keep their tags and labels, and
    /// are not looked at again when their files come back.
    Away(PathBuf, usize),
    /// The gallery is up to date with the folders and closed.
    Settled,
}

/// Brings the gallery at `gallery` up to date with `folders` and keeps it so until `options.cancel`
/// is canceled. The gallery is open only while there is something to write, so other programs can
/// write it in between.
///
/// # Errors
/// [`WatchError`] if a folder disappears, the system does not report changes, or the gallery cannot
/// be written.
///
/// # Examples
/// ```no_run
/// use moue_index::{AddOptions, WatchEvent, watch};
/// watch("my.moue", &["memes"], &AddOptions::default(), |event| {
///     if let WatchEvent::Removed(path) = event {
///         println!("removed {path}");
///     }
/// })?;
/// # Ok::<(), moue_index::WatchError>(())
/// ```
pub fn watch<P: AsRef<Path>>(
    gallery: impl AsRef<Path>,
    folders: &[P],
    options: &AddOptions,
    on_event: impl FnMut(WatchEvent),
) -> Result<(), WatchError> {
    let folders: Vec<PathBuf> = folders.iter().map(|f| f.as_ref().to_owned()).collect();
    let devices: Vec<Option<u64>> = folders.iter().map(|folder| device(folder)).collect();
    let mut follower = Follower {
        gallery: gallery.as_ref(),
        folders: &folders,
        devices: &devices,
        options,
        on_event,
    };
    follower.run()
}

/// Changes as the system reports them.
type Changes = Receiver<notify::Result<notify::Event>>;

/// What the system has reported since the last pass.
#[derive(Default)]
struct Reported {
    paths: BTreeSet<PathBuf>,
    /// The system's queue was full, and changes were lost.
    is_incomplete: bool,
}

impl Reported {
    fn is_empty(&self) -> bool {
        self.paths.is_empty() && !self.is_incomplete
    }
}

struct Follower<'a, F> {
    gallery: &'a Path,
    folders: &'a [PathBuf],
    /// The file systems that the folders were on at the start.
    devices: &'a [Option<u64>],
    options: &'a AddOptions,
    on_event: F,
}

impl<F: FnMut(WatchEvent)> Follower<'_, F> {
    fn run(&mut self) -> Result<(), WatchError> {
        // Watching starts before the first pass: what changes during the pass is handled after it.
        // Changes end when the watcher is dropped.
        let (_watcher, changes) = self.start_watching()?;
        self.update(None)?;
        while !self.options.cancel.is_cancelled() {
            let reported = self.gather(&changes)?;
            if !reported.is_empty() {
                self.require_folders()?;
                self.update((!reported.is_incomplete).then_some(&reported.paths))?;
            }
        }
        Ok(())
    }

    fn start_watching(&self) -> Result<(RecommendedWatcher, Changes), WatchError> {
        self.require_folders()?;
        // Unbounded, as the system's thread must not wait: its own queue would overflow, and
        // changes be lost.
        let (sender, changes) = channel();
        let mut watcher = notify::recommended_watcher(sender)
            .map_err(|error| WatchError::Notify(self.gallery.into(), error))?;
        for folder in self.folders {
            watcher
                .watch(folder, RecursiveMode::Recursive)
                .map_err(|error| WatchError::Notify(folder.clone(), error))?;
        }
        Ok((watcher, changes))
    }

    fn require_folders(&self) -> Result<(), WatchError> {
        let mut folders = self.folders.iter().zip(self.devices);
        match folders.find(|(folder, on)| !folder.is_dir() || device(folder) != **on) {
            Some((folder, _)) => Err(WatchError::Missing(folder.clone())),
            None => Ok(()),
        }
    }

    /// What has changed, once there is quiet; nothing if that is so for a while.
    fn gather(&self, changes: &Changes) -> Result<Reported, WatchError> {
        let mut reported = Reported::default();
        let mut first_change = Instant::now();
        while !self.options.cancel.is_cancelled() {
            let event = match changes.recv_timeout(QUIET_TIME) {
                Ok(event) => event,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            };
            if reported.is_empty() {
                first_change = Instant::now();
            }
            self.take(event, &mut reported)?;
            if !reported.is_empty() && first_change.elapsed() > MAX_DELAY {
                break;
            }
        }
        Ok(reported)
    }

    fn take(
        &self,
        event: notify::Result<notify::Event>,
        reported: &mut Reported,
    ) -> Result<(), WatchError> {
        match event {
            Ok(event) => {
                reported.is_incomplete |= event.need_rescan();
                reported.paths.extend(self.changed_paths(event));
            }
            // A new folder is not followed: silence about it would look as if nothing changed there.
            Err(error) if matches!(error.kind, notify::ErrorKind::MaxFilesWatch) => {
                let folder = error.paths.first().map_or(self.gallery, PathBuf::as_path);
                return Err(WatchError::Notify(folder.into(), error));
            }
            Err(_) => reported.is_incomplete = true,
        }
        Ok(())
    }

    fn changed_paths(&self, event: notify::Event) -> Vec<PathBuf> {
        // Reading a file is reported as well, and we read them ourselves.
        if event.kind.is_access() {
            return Vec::new();
        }
        // The gallery and its temporary files may lie in a followed folder.
        let gallery = stored_path(self.gallery);
        let paths = event.paths.into_iter();
        paths
            .filter(|path| stored_path(path) != gallery)
            .filter(|path| !is_hidden(path) || is_ignore_file(path))
            .collect()
    }

    /// Adds what exists of the changed paths, or of the folders, and removes the pictures whose files
    /// were deleted.
    fn update(&mut self, changed: Option<&BTreeSet<PathBuf>>) -> Result<(), WatchError> {
        let Some(gallery) = open_when_free(self.gallery, &self.options.cancel)? else {
            return Ok(());
        };
        let candidates = match changed {
            Some(changed) => walk_changed(self.folders, changed),
            None => walk(self.folders),
        };
        // Adding goes first: a file that was moved keeps its faces under the new path.
        add(&gallery, candidates, self.options, |event| {
            (self.on_event)(WatchEvent::Processed(event));
        })?;
        self.remove_missing(&gallery, changed.unwrap_or(&BTreeSet::new()))?;
        // Whoever waits for this event may want to write the gallery.
        drop(gallery);
        (self.on_event)(WatchEvent::Settled);
        Ok(())
    }

    fn remove_missing(
        &mut self,
        gallery: &Gallery,
        changed: &BTreeSet<PathBuf>,
    ) -> Result<(), WatchError> {
        let changed = changed.iter().map(|path| path_of(&stored_path(path)));
        let changed: BTreeSet<PathBuf> = changed.collect();
        let mut deleted = Vec::new();
        for folder in self.folders {
            let gone = absence::sort_out(pictures_of(gallery, folder)?, &changed);
            deleted.extend(gone.deleted);
            if !gone.away.is_empty() {
                let event = WatchEvent::Away(folder.clone(), gone.away.len());
                (self.on_event)(event);
            }
        }
        if deleted.is_empty() {
            return Ok(());
        }
        self.remove(gallery, deleted)
    }

    /// Removes pictures whose files were deleted; one that another file has too gets its path.
    fn remove(&mut self, gallery: &Gallery, deleted: Vec<Known>) -> Result<(), WatchError> {
        forget::remove(gallery, &deleted)?;
        for (_, path) in deleted {
            (self.on_event)(WatchEvent::Removed(path));
        }
        Ok(())
    }
}

/// The pictures whose paths are inside of a folder.
fn pictures_of(gallery: &Gallery, folder: &Path) -> Result<Vec<Known>, GalleryError> {
    // As paths, which have other separators on Windows; text would not see that.
    let root = path_of(&stored_path(folder));
    let mut pictures = Vec::new();
    gallery.for_each_picture(|picture| {
        if path_of(&picture.path).starts_with(&root) {
            pictures.push((picture.id, picture.path));
        }
        Ok::<(), GalleryError>(())
    })?;
    Ok(pictures)
}

/// Opens the gallery; waits while another program writes it. `None` if it was canceled meanwhile.
fn open_when_free(path: &Path, cancel: &CancelToken) -> Result<Option<Gallery>, GalleryError> {
    let start = Instant::now();
    loop {
        match Gallery::open_or_create(path) {
            Err(GalleryError::Busy(_)) if cancel.is_cancelled() => return Ok(None),
            Err(GalleryError::Busy(_)) if start.elapsed() < WRITER_TIMEOUT => {
                std::thread::sleep(WRITER_RETRY);
            }
            result => return result.map(Some),
        }
    }
}
