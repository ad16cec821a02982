//! Searching a gallery.

use super::Gallery;
use crate::embed::Expression;
use crate::gallery::answer;
use crate::gallery::error::GalleryError;
use crate::gallery::options::SearchOptions;
use crate::gallery::read::FileSource;
use crate::gallery::records::Match;
use crate::gallery::search::Search;
#[cfg(feature = "parallel")]
use rayon::prelude::*;

/// Searching.
impl Gallery {
    /// The `limit` pictures whose faces are nearest to `expression`, nearest first, equal distances
    /// by id. A picture with several faces counts once, with its nearest; so do near-duplicates.
    ///
    /// # Errors
    /// As for [`Gallery::len`].
    pub fn nearest(
        &self,
        expression: &Expression,
        limit: usize,
    ) -> Result<Vec<Match>, GalleryError> {
        self.search(&[*expression], &SearchOptions::nearest(limit))
    }

    /// The pictures that match `targets`, lowest [`score`](Match::score) first, equal scores by id.
    /// Of several targets the distance is the root of the mean square; without targets the answer
    /// is empty. The answer is that of comparing every face.
    ///
    /// ```
    /// use moue::Gallery;
    /// use moue::gallery::{Filter, SearchOptions};
    /// let gallery = Gallery::builtin()?;
    /// let (_, expression) = gallery.expressions()?[0];
    /// let options = SearchOptions {
    ///     max_distance: Some(1.0),
    ///     filter: Filter { text: Some("smile".into()), ..Filter::default() },
    ///     ..SearchOptions::varied()
    /// };
    /// assert!(gallery.search(&[expression], &options)?.len() <= 3);
    /// # Ok::<(), moue::gallery::GalleryError>(())
    /// ```
    ///
    /// # Errors
    /// As for [`Gallery::len`], and [`GalleryError::Cancelled`].
    pub fn search(
        &self,
        targets: &[Expression],
        options: &SearchOptions,
    ) -> Result<Vec<Match>, GalleryError> {
        self.read(|reading| {
            // A canceled search does not fill the cache first.
            options.cancel.check()?;
            let source = FileSource::new(reading, self.cached(reading, &options.cancel)?);
            answer::search(&source, targets, options)
        })
    }

    /// The answers to several searches with the same options, found on all cores with the feature
    /// `parallel`.
    ///
    /// # Errors
    /// As for [`Gallery::search`].
    pub fn search_all<T: AsRef<[Expression]> + Sync>(
        &self,
        searches: &[T],
        options: &SearchOptions,
    ) -> Result<Vec<Vec<Match>>, GalleryError> {
        // Filled here once: the threads would wait for each other otherwise.
        self.read(|reading| self.cached(reading, &options.cancel).map(drop))?;
        #[cfg(feature = "parallel")]
        let searches = searches.par_iter();
        #[cfg(not(feature = "parallel"))]
        let searches = searches.iter();
        searches
            .map(|targets| self.search(targets.as_ref(), options))
            .collect()
    }
}

impl Search for Gallery {
    fn search(
        &self,
        targets: &[Expression],
        options: &SearchOptions,
    ) -> Result<Vec<Match>, GalleryError> {
        self.search(targets, options)
    }
}
