//! What can be searched.

use super::error::GalleryError;
use super::options::SearchOptions;
use super::records::Match;
use crate::embed::Expression;
use std::sync::{Arc, PoisonError, RwLock};

/// A collection of faces that can be searched: `Gallery`, [`MemoryGallery`](super::MemoryGallery),
/// and what shares one of them between threads.
///
/// ```
/// use moue::gallery::{MemoryGallery, NewPicture, Search, SearchOptions};
/// use moue::{Expression, Face};
/// use std::sync::{Arc, RwLock};
/// let gallery = Arc::new(RwLock::new(MemoryGallery::new()));
/// let searched: Arc<dyn Search> = gallery.clone();
/// let mut expression = Expression([0.0; 64]);
/// expression.0[0] = 1.0;
/// gallery.write().unwrap().add(&[NewPicture {
///     faces: vec![(Face::whole(), expression).into()],
///     ..NewPicture::default()
/// }]);
/// assert_eq!(searched.search(&[expression], &SearchOptions::default())?.len(), 1);
/// # Ok::<(), moue::gallery::GalleryError>(())
/// ```
pub trait Search: Send + Sync {
    /// The pictures that match `targets`, lowest [`score`](Match::score) first, equal scores by id.
    /// Of several targets the distance is the root of the mean square; without targets the answer is
    /// empty.
    ///
    /// # Errors
    /// [`GalleryError`] if the gallery cannot be read or the search is canceled.
    fn search(
        &self,
        targets: &[Expression],
        options: &SearchOptions,
    ) -> Result<Vec<Match>, GalleryError>;
}

impl<S: Search + ?Sized> Search for Arc<S> {
    fn search(
        &self,
        targets: &[Expression],
        options: &SearchOptions,
    ) -> Result<Vec<Match>, GalleryError> {
        (**self).search(targets, options)
    }
}

impl<S: Search + ?Sized> Search for RwLock<S> {
    fn search(
        &self,
        targets: &[Expression],
        options: &SearchOptions,
    ) -> Result<Vec<Match>, GalleryError> {
        // A writer that panicked may have left a picture without vectors, which a search skips.
        self.read()
            .unwrap_or_else(PoisonError::into_inner)
            .search(targets, options)
    }
}
