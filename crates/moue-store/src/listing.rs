//! Lists of pictures.

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

/// A list of a store that has no way of its own to list: it reads all up to its end.
pub(crate) struct Listed<'a> {
    listing: &'a Listing<'a>,
    found: VecDeque<Picture>,
}

impl<'a> Listed<'a> {
    pub(crate) fn new(listing: &'a Listing<'a>) -> Self {
        Self {
            listing,
            found: VecDeque::new(),
        }
    }

    /// Takes the next picture by id; breaks behind the list's end.
    pub(crate) fn push(&mut self, picture: Picture) -> ControlFlow<()> {
        let Listing {
            ids,
            limit,
            descending,
            ..
        } = self.listing;
        if picture.id >= ids.end || (!descending && self.found.len() >= *limit) {
            return ControlFlow::Break(());
        }
        if self.listing.includes(&picture) {
            self.found.push_back(picture);
        }
        if self.found.len() > *limit {
            self.found.pop_front();
        }
        ControlFlow::Continue(())
    }

    pub(crate) fn finish(self) -> Vec<Picture> {
        if self.listing.descending {
            self.found.into_iter().rev().collect()
        } else {
            self.found.into()
        }
    }
}

/// Counts the tags of a picture unless it is hidden.
pub fn count_tags(counts: &mut BTreeMap<String, u64>, picture: Picture) {
    if !picture.hidden {
        for tag in picture.tags {
            *counts.entry(tag).or_default() += 1;
        }
    }
}
