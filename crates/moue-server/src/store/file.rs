//! A gallery in a file, or a compiled-in one. Readers follow what other programs write to it; the writer's
//! lock is held only while something is written.

use super::served::{Change, Page, Part, Served};
use crate::problem::Problem;
use moue::cancel::CancelToken;
use moue::gallery::{GalleryError, Match, NewPicture, Picture, SearchOptions};
use moue::{Expression, Gallery};
use moue_store::{Counts, count_tags};
use std::collections::BTreeMap;
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
pub(super) struct FileGallery {
    /// Its file; `None` for a compiled-in one.
    path: Option<PathBuf>,
    current: RwLock<Opened>,
}

impl FileGallery {
    pub(super) fn compiled_in(gallery: Gallery) -> Self {
        let opened = Opened {
            gallery: Arc::new(gallery),
            identity: None,
        };
        Self {
            path: None,
            current: RwLock::new(opened),
        }
    }

    /// Opens a file, and creates it if there is none.
    pub(super) fn open(path: &Path) -> Result<Self, GalleryError> {
        if !path.exists() {
            // Closed at once: the lock would keep other programs from writing.
            drop(Gallery::open_or_create(path)?);
        }
        Ok(Self {
            path: Some(path.to_owned()),
            current: RwLock::new(opened(path)?),
        })
    }

    /// The gallery as it is now.
    fn current(&self) -> Result<Arc<Gallery>, GalleryError> {
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

    /// The first pictures of a part, by id, one more than its page has.
    fn oldest(&self, part: &Part<'_>, cancel: &CancelToken) -> Result<Vec<Picture>, Problem> {
        let gallery = self.current()?;
        let ids = part.from.unwrap_or(0)..u64::MAX;
        let most = part.limit.saturating_add(1);
        selected(&gallery, ids, most, cancel, part)
    }

    /// The last ones, one more than its page has or several.
    fn newest(&self, part: &Part<'_>, cancel: &CancelToken) -> Result<Vec<Picture>, Problem> {
        let gallery = self.current()?;
        let mut end = part.from.map_or_else(|| end_of(&gallery), Ok)?;
        let mut size = FIRST_PART;
        let mut pictures = Vec::new();
        // The gallery is read upwards, so it is read in parts from its end.
        while end > 0 && pictures.len() <= part.limit {
            let start = end.saturating_sub(size);
            let found = selected(&gallery, start..end, usize::MAX, cancel, part)?;
            pictures.extend(found.into_iter().rev());
            end = start;
            size = (size * 2).min(LARGEST_PART);
        }
        Ok(pictures)
    }

    /// Opens the gallery for writing, calls `body`, and closes it. Waits a moment for another
    /// writer.
    ///
    /// # Errors
    /// [`Problem`] if it cannot be written, and what `body` returns.
    fn write<T>(
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

impl Served for FileGallery {
    fn search(
        &self,
        targets: &[Expression],
        options: &SearchOptions,
    ) -> Result<Vec<Match>, Problem> {
        Ok(self.current()?.search(targets, options)?)
    }

    fn counts(&self) -> Result<Counts, Problem> {
        let stats = self.current()?.stats()?;
        Ok(Counts {
            pictures: stats.pictures,
            faces: stats.faces,
        })
    }

    fn fingerprint(&self) -> Result<String, Problem> {
        Ok(self.current()?.fingerprint()?)
    }

    fn find(&self, content: &[u8; 32]) -> Result<Option<Picture>, Problem> {
        Ok(self.current()?.find_hash(content)?)
    }

    fn picture_of(&self, face: u64) -> Result<Option<Picture>, Problem> {
        Ok(self.current()?.picture_of(face)?)
    }

    fn thumbnail(&self, face: u64) -> Result<Option<Vec<u8>>, Problem> {
        Ok(self.current()?.thumbnail(face)?)
    }

    fn page(&self, part: &Part<'_>, cancel: &CancelToken) -> Result<Page, Problem> {
        let pictures = if part.newest_first {
            self.newest(part, cancel)?
        } else {
            self.oldest(part, cancel)?
        };
        Ok(Page::of(part, pictures))
    }

    fn tags(&self, cancel: &CancelToken) -> Result<BTreeMap<String, u64>, Problem> {
        let mut counts = BTreeMap::new();
        self.current()?.for_each_picture(|picture| {
            cancel.check().map_err(GalleryError::from)?;
            count_tags(&mut counts, picture);
            Ok::<(), GalleryError>(())
        })?;
        Ok(counts)
    }

    fn add(&self, picture: NewPicture, cancel: &CancelToken) -> Result<bool, Problem> {
        self.write(cancel, |gallery| {
            let added = gallery.add(&[picture])?;
            Ok(added.first() == Some(&true))
        })
    }

    fn change(
        &self,
        face: u64,
        change: Change,
        cancel: &CancelToken,
    ) -> Result<Option<Picture>, Problem> {
        self.write(cancel, |gallery| {
            Ok(gallery.edit(face, |picture| change.apply(picture))?)
        })
    }

    fn remove(&self, face: u64, cancel: &CancelToken) -> Result<Option<Picture>, Problem> {
        self.write(cancel, |gallery| {
            let Some(picture) = gallery.picture_of(face)? else {
                return Ok(None);
            };
            let hash = moue::digest::from_hex(&picture.hash);
            let hash = hash.ok_or_else(|| Problem::internal(&"a picture has no hash"))?;
            gallery.replace(&[hash], &[])?;
            Ok(Some(picture))
        })
    }

    fn gallery(&self) -> Result<Arc<Gallery>, Problem> {
        Ok(self.current()?)
    }
}

/// The first pictures of a part, at most `most`, with these ids, by id.
fn selected(
    gallery: &Gallery,
    ids: Range<u64>,
    most: usize,
    cancel: &CancelToken,
    part: &Part<'_>,
) -> Result<Vec<Picture>, Problem> {
    let mut found = Vec::new();
    let ended = gallery.for_each_picture_from(ids.start, |picture| {
        cancel.check().map_err(GalleryError::from)?;
        if picture.id >= ids.end {
            return Err(End::Full);
        }
        if part.includes(&picture) {
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
