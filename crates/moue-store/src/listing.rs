//! Lists of pictures.

use crate::{GalleryStore, StoreError, StoredPicture};
use moue::gallery::{Filter, Picture};
use std::collections::{BTreeMap, VecDeque};
use std::ops::{ControlFlow, Range};

/// A part of the pictures that are not hidden.
#[derive(Debug, Clone)]
pub struct Listing<'a> {
    /// They meet this.
    pub filter: &'a Filter,
    /// Their ids are among these.
    pub ids: Range<u64>,
    /// So many at most.
    pub limit: usize,
    /// Those with the largest ids, largest first; otherwise those with the smallest, smallest first. A
    /// store that numbers its pictures as they come lists the newest first then.
    pub descending: bool,
}

impl Listing<'_> {
    /// Whether it has this picture, if there is room.
    pub fn includes(&self, picture: &Picture) -> bool {
        !picture.hidden && self.ids.contains(&picture.id) && self.filter.matches(picture)
    }
}

/// Calls `body` with every picture that meets the filter, hidden ones too, by id, until it fails.
///
/// # Errors
/// What `body` returns, and the store's errors.
pub fn for_each<E: From<StoreError>>(
    store: &dyn GalleryStore,
    filter: &Filter,
    mut body: impl FnMut(StoredPicture) -> Result<(), E>,
) -> Result<(), E> {
    // The store has errors of its own, so the caller's waits here.
    let mut error = None;
    store.export(filter, &mut |picture| match body(picture) {
        Ok(()) => ControlFlow::Continue(()),
        Err(e) => {
            error = Some(e);
            ControlFlow::Break(())
        }
    })?;
    error.map_or(Ok(()), Err)
}

/// A list of a store that has no way of its own to list: it reads all up to its end.
pub(crate) fn list<S: GalleryStore + ?Sized>(
    store: &S,
    listing: &Listing<'_>,
) -> Result<Vec<Picture>, StoreError> {
    let mut found = VecDeque::new();
    store.export(listing.filter, &mut |stored| {
        let is_past = stored.picture.id >= listing.ids.end;
        if is_past || (!listing.descending && found.len() >= listing.limit) {
            return ControlFlow::Break(());
        }
        if listing.includes(&stored.picture) {
            found.push_back(stored.picture);
        }
        if found.len() > listing.limit {
            found.pop_front();
        }
        ControlFlow::Continue(())
    })?;
    if listing.descending {
        Ok(found.into_iter().rev().collect())
    } else {
        Ok(found.into())
    }
}

/// The tags of a store that cannot count them by itself.
pub(crate) fn tags<S: GalleryStore + ?Sized>(
    store: &S,
) -> Result<BTreeMap<String, u64>, StoreError> {
    let mut counts = BTreeMap::new();
    store.export(&Filter::default(), &mut |stored| {
        count_tags(&mut counts, stored.picture);
        ControlFlow::Continue(())
    })?;
    Ok(counts)
}

/// Counts the tags of a picture unless it is hidden.
pub fn count_tags(counts: &mut BTreeMap<String, u64>, picture: Picture) {
    if !picture.hidden {
        for tag in picture.tags {
            *counts.entry(tag).or_default() += 1;
        }
    }
}
