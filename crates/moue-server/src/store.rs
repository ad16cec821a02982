//! The gallery that is served. Readers follow what other programs write to it; the writer's lock is
//! held only while something is written.

use crate::config::{GallerySource, ServerConfig};
use crate::problem::Problem;
use moue::Gallery;
use moue::cancel::CancelToken;
use moue::gallery::{GalleryError, Picture};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// Time between two tries to get the writer's lock.
const RETRY: Duration = Duration::from_millis(20);

/// Tries to get it: a second, which is longer than a commit of `moue gallery add` takes.
const TRIES: usize = 50;

/// Ids that a page of the newest pictures is looked for in at first, and at most at a time: each part
/// is read in the order of ids, and what is wanted of it is held.
const FIRST_PART: u64 = 256;
const LARGEST_PART: u64 = 16_384;

/// Which file is open. `moue gallery compact` and `verify --repair` put another one in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity([u64; 2]);

impl Identity {
    #[cfg(unix)]
    fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let meta = std::fs::metadata(path).ok()?;
        Some(Self([meta.dev(), meta.ino()]))
    }

    /// Without inodes: the time at which the file was made.
    #[cfg(not(unix))]
    fn of(path: &Path) -> Option<Self> {
        let made = std::fs::metadata(path).ok()?.created().ok()?;
        let time = made.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some(Self([time.as_secs(), u64::from(time.subsec_nanos())]))
    }
}

struct Opened {
    gallery: Arc<Gallery>,
    identity: Option<Identity>,
}

/// A gallery that is read, and now and then written.
pub(crate) struct Store {
    /// Its file; `None` for a compiled-in one.
    path: Option<PathBuf>,
    current: RwLock<Opened>,
    /// The folder of uploaded pictures.
    uploads: Option<PathBuf>,
}

impl Store {
    /// Opens the gallery, and creates it if there is none.
    pub(crate) fn open(config: &ServerConfig) -> Result<Self, GalleryError> {
        match &config.gallery {
            GallerySource::Builtin => Ok(Self::compiled_in(Gallery::builtin()?)),
            GallerySource::Emoji => Ok(Self::compiled_in(Gallery::emoji()?)),
            GallerySource::File(path) => Self::open_file(path, config.uploads.clone()),
        }
    }

    fn compiled_in(gallery: Gallery) -> Self {
        let opened = Opened {
            gallery: Arc::new(gallery),
            identity: None,
        };
        Self {
            path: None,
            current: RwLock::new(opened),
            uploads: None,
        }
    }

    fn open_file(path: &Path, uploads: Option<PathBuf>) -> Result<Self, GalleryError> {
        if !path.exists() {
            // Closed at once: the lock would keep other programs from writing.
            drop(Gallery::open_or_create(path)?);
        }
        let uploads = uploads.unwrap_or_else(|| path.with_extension("uploads"));
        Ok(Self {
            path: Some(path.to_owned()),
            current: RwLock::new(opened(path)?),
            uploads: Some(uploads),
        })
    }

    /// The folder of uploaded pictures; a compiled-in gallery has none.
    pub(crate) fn uploads(&self) -> Option<&Path> {
        self.uploads.as_deref()
    }

    /// The gallery as it is now.
    pub(crate) fn gallery(&self) -> Result<Arc<Gallery>, GalleryError> {
        let identity = self.path.as_deref().and_then(Identity::of);
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        // A file that is gone, as while it is replaced, is still open here.
        if identity.is_none() || identity == current.identity {
            return Ok(Arc::clone(&current.gallery));
        }
        drop(current);
        self.reopen(identity)
    }

    fn reopen(&self, identity: Option<Identity>) -> Result<Arc<Gallery>, GalleryError> {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have opened it meanwhile.
        if identity != current.identity
            && let Some(path) = &self.path
        {
            *current = opened(path)?;
            tracing::info!("the gallery's file was replaced and is opened again");
        }
        Ok(Arc::clone(&current.gallery))
    }

    /// The page of at most `limit` pictures from the id `first` on that `wanted` selects and that are
    /// not hidden, by id.
    ///
    /// # Errors
    /// [`Problem`] if the gallery cannot be read or the time is over.
    pub(crate) fn page(
        &self,
        first: u64,
        limit: usize,
        cancel: &CancelToken,
        wanted: impl Fn(&Picture) -> bool,
    ) -> Result<Page, Problem> {
        // One more than the page has: whether there is another page.
        let most = limit.saturating_add(1);
        let gallery = self.gallery()?;
        let mut pictures = selected(&gallery, first..u64::MAX, most, cancel, wanted)?;
        let next = pictures.get(limit).map(|picture| picture.id.to_string());
        pictures.truncate(limit);
        Ok(Page { pictures, next })
    }

    /// The page of at most `limit` pictures with ids below `end` that `wanted` selects and that are
    /// not hidden, those that were added last first.
    ///
    /// # Errors
    /// As for [`Store::page`].
    pub(crate) fn newest(
        &self,
        end: Option<u64>,
        limit: usize,
        cancel: &CancelToken,
        wanted: impl Fn(&Picture) -> bool,
    ) -> Result<Page, Problem> {
        let gallery = self.gallery()?;
        let mut end = end.map_or_else(|| end_of(&gallery), Ok)?;
        let mut size = FIRST_PART;
        let mut pictures = Vec::new();
        // The gallery is read upwards, so it is read in parts from its end.
        while end > 0 && pictures.len() <= limit {
            let start = end.saturating_sub(size);
            let part = selected(&gallery, start..end, usize::MAX, cancel, &wanted)?;
            pictures.extend(part.into_iter().rev());
            end = start;
            size = (size * 2).min(LARGEST_PART);
        }
        let is_more = pictures.len() > limit;
        pictures.truncate(limit);
        let last = pictures.last().filter(|_| is_more);
        let next = last.map(|picture| picture.id.to_string());
        Ok(Page { pictures, next })
    }

    /// Opens the gallery for writing, calls `body`, and closes it. Waits a moment for another
    /// writer.
    ///
    /// # Errors
    /// [`Problem`] if it cannot be written, and what `body` returns.
    pub(crate) fn write<T>(
        &self,
        cancel: &CancelToken,
        body: impl FnOnce(&Gallery) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let Some(path) = &self.path else {
            return Err(GalleryError::ReadOnly(PathBuf::new()).into());
        };
        for _ in 0..TRIES {
            cancel.check()?;
            match Gallery::open_for_writing(path) {
                Ok(gallery) => return body(&gallery),
                Err(GalleryError::Busy(_)) => std::thread::sleep(RETRY),
                Err(error) => return Err(error.into()),
            }
        }
        Err(GalleryError::Busy(path.clone()).into())
    }
}

/// Pictures of a list that is read page by page.
pub(crate) struct Page {
    pub(crate) pictures: Vec<Picture>,
    /// Where the next page starts, if there is one.
    pub(crate) next: Option<String>,
}

/// The first pictures, at most `most`, with these ids that `wanted` selects and that
/// are not hidden, by their ids.
fn selected(
    gallery: &Gallery,
    ids: Range<u64>,
    most: usize,
    cancel: &CancelToken,
    wanted: impl Fn(&Picture) -> bool,
) -> Result<Vec<Picture>, Problem> {
    let mut found = Vec::new();
    let ended = gallery.for_each_picture_from(ids.start, |picture| {
        cancel.check().map_err(GalleryError::from)?;
        if picture.id >= ids.end {
            return Err(End::Full);
        }
        if !picture.hidden && wanted(&picture) {
            found.push(picture);
        }
        if found.len() >= most {
            return Err(End::Full);
        }
        Ok(())
    });
    match ended {
        Err(End::Failed(error)) => Err(error.into()),
        _ => Ok(found),
    }
}

/// The id after the last picture's: by halving, as ids alone are no list that has an end.
fn end_of(gallery: &Gallery) -> Result<u64, GalleryError> {
    let mut low = 0;
    let mut high = u64::MAX;
    while low < high {
        let middle = low.midpoint(high);
        if has_from(gallery, middle)? {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// Whether there is a picture with this id or a larger one.
fn has_from(gallery: &Gallery, id: u64) -> Result<bool, GalleryError> {
    match gallery.for_each_picture_from(id, |_| Err(End::Full)) {
        Ok(()) => Ok(false),
        Err(End::Full) => Ok(true),
        Err(End::Failed(error)) => Err(error),
    }
}

/// Why a list ends early.
enum End {
    Full,
    Failed(GalleryError),
}

impl From<GalleryError> for End {
    fn from(error: GalleryError) -> Self {
        Self::Failed(error)
    }
}

fn opened(path: &Path) -> Result<Opened, GalleryError> {
    // Before it is opened: a file that comes between is taken for another one, and opened again.
    let identity = Identity::of(path);
    Ok(Opened {
        gallery: Arc::new(Gallery::open(path)?),
        identity,
    })
}
