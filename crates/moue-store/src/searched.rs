//! A store where a gallery is expected.

use crate::GalleryStore;
use moue::Expression;
use moue::gallery::{GalleryError, Match, Search, SearchOptions};
use std::sync::Arc;

/// A store that a [`moue::Finder`] searches.
///
/// ```
/// use moue::gallery::{MemoryStorage, Search, SearchOptions};
/// use moue_store::{FileStore, Searched};
/// use std::sync::Arc;
/// let gallery = moue::Gallery::with_storage(MemoryStorage::default(), "memory")?;
/// let searched = Searched(Arc::new(FileStore::new(gallery)));
/// assert!(searched.search(&[], &SearchOptions::varied())?.is_empty());
/// # Ok::<(), moue::gallery::GalleryError>(())
/// ```
#[derive(Clone)]
pub struct Searched(pub Arc<dyn GalleryStore>);

impl Search for Searched {
    fn search(
        &self,
        targets: &[Expression],
        options: &SearchOptions,
    ) -> Result<Vec<Match>, GalleryError> {
        let found = self.0.search(targets, options);
        found.map_err(|error| error.of_gallery(self.0.name()))
    }
}
