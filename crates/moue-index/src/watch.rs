//! A gallery that follows folders: new pictures are added, deleted ones removed, and moved ones
//! keep their faces.

use crate::add::{AddError, AddOptions, Event, add};
use crate::files::{exists, stored_path};
use crate::walk::{Candidate, may_be_picture, walk};
use moue::Gallery;
use moue::gallery::GalleryError;
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
    /// The folder does not exist. It may be a disk that is not mounted, and all its pictures would
    /// be removed.
    #[error("{0} is no folder")]
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
    let mut follower = Follower {
        gallery: gallery.as_ref(),
        folders: &folders,
        options,
        on_event,
    };
    follower.run()
}

/// Changes as the system reports them.
type Changes = Receiver<notify::Result<notify::Event>>;

struct Follower<'a, F> {
    gallery: &'a Path,
    folders: &'a [PathBuf],
    options: &'a AddOptions,
    on_event: F,
}

impl<F: FnMut(WatchEvent)> Follower<'_, F> {
    fn run(&mut self) -> Result<(), WatchError> {
        // Watching starts before the first pass: what changes during the pass is handled after it.
        // Changes end when the watcher is dropped.
        let (_watcher, changes) = self.start_watching()?;
        self.update(self.folders)?;
        while !self.options.cancel.is_cancelled() {
            let changed: Vec<PathBuf> = self.gather(&changes).into_iter().collect();
            if !changed.is_empty() {
                self.require_folders()?;
                self.update(&changed)?;
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
        match self.folders.iter().find(|folder| !folder.is_dir()) {
            Some(folder) => Err(WatchError::Missing(folder.clone())),
            None => Ok(()),
        }
    }

    /// The paths that changed, once there is quiet; none if nothing has changed for a while.
    fn gather(&self, changes: &Changes) -> BTreeSet<PathBuf> {
        let mut changed = BTreeSet::new();
        let mut first_change = Instant::now();
        while !self.options.cancel.is_cancelled() {
            let event = match changes.recv_timeout(QUIET_TIME) {
                Ok(event) => event,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            };
            if changed.is_empty() {
                first_change = Instant::now();
            }
            changed.extend(self.changed_paths(event));
            if !changed.is_empty() && first_change.elapsed() > MAX_DELAY {
                break;
            }
        }
        changed
    }

    fn changed_paths(&self, event: notify::Result<notify::Event>) -> Vec<PathBuf> {
        // Reading a file is reported as well, and we read them ourselves.
        let event = event.ok().filter(|event| !event.kind.is_access());
        let paths = event.map_or(Vec::new(), |event| event.paths);
        // The gallery and its temporary files may lie in a followed folder.
        let gallery = stored_path(self.gallery);
        paths
            .into_iter()
            .filter(|path| stored_path(path) != gallery && !is_hidden(path))
            .collect()
    }

    /// Adds what exists of the changed paths and removes the pictures whose files do not.
    fn update(&mut self, changed: &[PathBuf]) -> Result<(), WatchError> {
        let gallery = open_when_free(self.gallery)?;
        // Adding goes first: a file that was moved keeps its faces under the new path.
        self.add_changed(&gallery, changed)?;
        self.remove_missing(&gallery)?;
        // Whoever waits for this event may want to write the gallery.
        drop(gallery);
        (self.on_event)(WatchEvent::Settled);
        Ok(())
    }

    fn add_changed(&mut self, gallery: &Gallery, changed: &[PathBuf]) -> Result<(), WatchError> {
        let existing: Vec<&PathBuf> = changed.iter().filter(|path| path.exists()).collect();
        let mut candidates = walk(&existing);
        candidates.retain(is_wanted);
        add(gallery, candidates, self.options, |event| {
            (self.on_event)(WatchEvent::Processed(event));
        })?;
        Ok(())
    }

    fn remove_missing(&mut self, gallery: &Gallery) -> Result<(), WatchError> {
        let roots: Vec<String> = self.folders.iter().map(|folder| root(folder)).collect();
        let mut missing = Vec::new();
        gallery.for_each_picture(|picture| {
            let followed = roots.iter().any(|root| picture.path.starts_with(root));
            if followed && !exists(&picture.path) {
                missing.push((picture.id, picture.path));
            }
            Ok::<(), GalleryError>(())
        })?;
        if missing.is_empty() {
            return Ok(());
        }
        gallery.remove(|picture| missing.iter().any(|(id, _)| *id == picture.id))?;
        for (_, path) in missing {
            (self.on_event)(WatchEvent::Removed(path));
        }
        Ok(())
    }
}

/// What the stored paths of a folder's pictures begin with.
fn root(folder: &Path) -> String {
    format!("{}/", stored_path(folder).trim_end_matches('/'))
}

fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// [`walk`] takes named files whatever they are, but here a file is named because it changed, and
/// may be anything.
fn is_wanted(candidate: &Candidate) -> bool {
    let path = &candidate.path;
    let is_member = path.to_string_lossy().contains("!/");
    is_member || may_be_picture(path, std::fs::metadata(path).map_or(0, |meta| meta.len()))
}

/// Opens the gallery; waits while another program writes it.
fn open_when_free(path: &Path) -> Result<Gallery, GalleryError> {
    let start = Instant::now();
    loop {
        match Gallery::open_or_create(path) {
            Err(GalleryError::Busy(_)) if start.elapsed() < WRITER_TIMEOUT => {
                std::thread::sleep(WRITER_RETRY);
            }
            result => return result,
        }
    }
}
