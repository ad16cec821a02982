//! A gallery that follows folders: what comes goes in, what goes comes out, what moves keeps its
//! faces.

use crate::add::{AddError, AddOptions, Event, add, exists, stored_path};
use crate::walk::walk;
use moue::Gallery;
use moue::gallery::GalleryError;
use notify::{RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Changes are handled when none has come for so long …
const QUIET: Duration = Duration::from_millis(400);
/// … or after so long, whichever comes first.
const LONGEST: Duration = Duration::from_secs(5);
/// How long to wait for another writer.
const SPINS_BEFORE_PARK: Duration = Duration::from_secs(60);

/// Why a folder cannot be followed any more.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// Adding failed.
    #[error(transparent)]
    Add(#[from] AddError),
    /// The system does not tell of changes.
    #[error("changes in {0} cannot be watched: {1}")]
    Notify(PathBuf, notify::Error),
    /// The folder is not there, so that all its pictures would be taken for removed.
    #[error("{0} is no folder")]
    Missing(PathBuf),
}

impl From<GalleryError> for WatchError {
    fn from(error: GalleryError) -> Self {
        Self::Add(error.into())
    }
}

/// Who hears what `watch` does.
type Told<'a> = dyn FnMut(Followed) + 'a;

/// Something that `watch` did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Followed {
    /// A file was looked at.
    Looked(Event),
    /// A picture whose file is gone was removed.
    Removed(String),
    /// The gallery is like the folders now.
    Settled,
}

/// Brings the gallery at `path` in line with `folders` and keeps it so until `options.stop` is set.
/// The gallery is open for writing only while there is something to write.
///
/// # Errors
/// [`WatchError`] if a folder disappears or the gallery cannot be written.
pub fn watch(
    path: &Path,
    folders: &[PathBuf],
    options: &AddOptions,
    told: &mut Told<'_>,
) -> Result<(), WatchError> {
    let (sender, receiver) = mpsc::channel();
    let mut watcher =
        notify::recommended_watcher(sender).map_err(|e| WatchError::Notify(path.into(), e))?;
    for folder in folders {
        require(folder)?;
        watcher
            .watch(folder, RecursiveMode::Recursive)
            .map_err(|e| WatchError::Notify(folder.clone(), e))?;
    }
    follow(path, folders, folders, options, told)?;
    while !options.stop.load(Ordering::Relaxed) {
        let changed = gather(&receiver, options, path);
        if !changed.is_empty() {
            folders.iter().try_for_each(|folder| require(folder))?;
            follow(
                path,
                folders,
                &changed.into_iter().collect::<Vec<_>>(),
                options,
                told,
            )?;
        }
    }
    Ok(())
}

fn require(folder: &Path) -> Result<(), WatchError> {
    if folder.is_dir() {
        Ok(())
    } else {
        Err(WatchError::Missing(folder.into()))
    }
}

/// The paths that changed, once it is quiet.
fn gather(
    receiver: &mpsc::Receiver<notify::Result<notify::Event>>,
    options: &AddOptions,
    gallery: &Path,
) -> BTreeSet<PathBuf> {
    let (mut changed, mut since) = (BTreeSet::new(), Instant::now());
    let gallery = stored_path(gallery);
    while !options.stop.load(Ordering::Relaxed) {
        match receiver.recv_timeout(QUIET) {
            Ok(Ok(event)) if !event.kind.is_access() => {
                if changed.is_empty() {
                    since = Instant::now();
                }
                // Our own file and its temporary ones may lie in the folder.
                let own = |p: &PathBuf| stored_path(p) == gallery || is_hidden(p);
                changed.extend(event.paths.into_iter().filter(|p| !own(p)));
            }
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) if changed.is_empty() => return changed,
            Err(_) => return changed,
        }
        if !changed.is_empty() && since.elapsed() > LONGEST {
            break;
        }
    }
    changed
}

fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|n| n.as_encoded_bytes().starts_with(b"."))
}

/// Looks at `changed` paths that are there and removes the pictures of those that are not.
fn follow(
    path: &Path,
    folders: &[PathBuf],
    changed: &[PathBuf],
    options: &AddOptions,
    told: &mut Told<'_>,
) -> Result<(), WatchError> {
    let gallery = patiently(path)?;
    let there: Vec<PathBuf> = changed.iter().filter(|p| p.exists()).cloned().collect();
    add(
        &gallery,
        walk(&there)
            .into_iter()
            .filter(|c| is_candidate(&c.path))
            .collect(),
        options,
        |e| {
            told(Followed::Looked(e));
        },
    )?;
    let roots: Vec<String> = folders
        .iter()
        .map(|f| format!("{}/", stored_path(f).trim_end_matches('/')))
        .collect();
    let mut gone = Vec::new();
    gallery.for_each_picture(|picture| {
        if roots.iter().any(|root| picture.path.starts_with(root)) && !exists(&picture.path) {
            gone.push((picture.id, picture.path));
        }
        Ok::<(), GalleryError>(())
    })?;
    if !gone.is_empty() {
        gallery.remove(|picture| gone.iter().any(|(id, _)| *id == picture.id))?;
        gone.into_iter()
            .for_each(|(_, path)| told(Followed::Removed(path)));
    }
    // Who hears that all is done may want to write.
    drop(gallery);
    told(Followed::Settled);
    Ok(())
}

/// Named files count whatever they are; those that changed by themselves only if they may be
/// pictures.
fn is_candidate(path: &Path) -> bool {
    let inside = path.to_string_lossy().contains("!/");
    inside || crate::walk::may_be_picture(path, std::fs::metadata(path).map_or(0, |m| m.len()))
}

/// Opens the gallery, waiting for another writer to end.
fn patiently(path: &Path) -> Result<Gallery, GalleryError> {
    let start = Instant::now();
    loop {
        match Gallery::open_or_create(path) {
            Err(GalleryError::Busy(_)) if start.elapsed() < SPINS_BEFORE_PARK => {
                std::thread::sleep(QUIET)
            }
            other => return other,
        }
    }
}
