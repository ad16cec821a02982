//! A gallery on a server of databases.

use super::served::{Change, Page, Part, Served};
use crate::problem::{Kind, Problem};
use moue::cancel::CancelToken;
use moue::gallery::{Match, NewPicture, Picture, SearchOptions};
use moue::{Expression, Gallery};
use moue_store::{Counts, GalleryStore, Listing, Selection, Selector};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Pictures that are read at a time where only some of them are wanted.
const READ: usize = 500;

/// A store, which is always up to date and has locks of its own.
pub(super) struct Remote(pub(super) Arc<dyn GalleryStore>);

impl Remote {
    /// The pictures of a part, one more than its page has if there is another page.
    fn pictures(&self, part: &Part<'_>, cancel: &CancelToken) -> Result<Vec<Picture>, Problem> {
        let most = part.limit.saturating_add(1);
        let mut ids = 0..u64::MAX;
        if part.newest_first {
            ids.end = part.from.unwrap_or(ids.end);
        } else {
            ids.start = part.from.unwrap_or(ids.start);
        }
        let mut found = Vec::new();
        while found.len() < most {
            cancel.check()?;
            let listing = Listing {
                filter: part.filter,
                ids: ids.clone(),
                limit: part.matching.map_or(most, |_| most.max(READ)),
                descending: part.newest_first,
            };
            let read = self.0.list(&listing)?;
            let Some(last) = read.last().filter(|_| read.len() == listing.limit) else {
                found.extend(read.into_iter().filter(|picture| part.includes(picture)));
                break;
            };
            if part.newest_first {
                ids.end = last.id;
            } else {
                ids.start = last.id + 1;
            }
            found.extend(read.into_iter().filter(|picture| part.includes(picture)));
        }
        Ok(found)
    }
}

impl Served for Remote {
    fn search(
        &self,
        targets: &[Expression],
        options: &SearchOptions,
    ) -> Result<Vec<Match>, Problem> {
        Ok(self.0.search(targets, options)?)
    }

    fn counts(&self) -> Result<Counts, Problem> {
        Ok(self.0.count()?)
    }

    fn fingerprint(&self) -> Result<String, Problem> {
        Ok(self.0.fingerprint()?)
    }

    fn find(&self, content: &[u8; 32]) -> Result<Option<Picture>, Problem> {
        Ok(self.0.find(content)?)
    }

    fn picture_of(&self, face: u64) -> Result<Option<Picture>, Problem> {
        Ok(self.0.record(face)?)
    }

    fn thumbnail(&self, face: u64) -> Result<Option<Vec<u8>>, Problem> {
        Ok(self.0.thumbnail(face)?)
    }

    fn page(&self, part: &Part<'_>, cancel: &CancelToken) -> Result<Page, Problem> {
        Ok(Page::of(part, self.pictures(part, cancel)?))
    }

    fn tags(&self, _: &CancelToken) -> Result<BTreeMap<String, u64>, Problem> {
        Ok(self.0.tags()?)
    }

    fn add(&self, picture: NewPicture, _: &CancelToken) -> Result<bool, Problem> {
        Ok(self.0.put(&[picture])?.first() == Some(&true))
    }

    fn change(
        &self,
        face: u64,
        change: Change,
        _: &CancelToken,
    ) -> Result<Option<Picture>, Problem> {
        let Some(before) = self.0.record(face)? else {
            return Ok(None);
        };
        if !change.keeps_words(&before) {
            let detail = "a gallery on a server keeps label and caption as they were added; \
                remove the picture and add it again with other words";
            return Err(Problem::new(Kind::NotOffered, detail));
        }
        if let Some(tags) = change.tags {
            // What is dropped and added goes behind, so all are in the order in which they are given.
            let selection = Selection::of(Selector::Face(before.id));
            self.0.tag(&selection, &tags, &before.tags)?;
        }
        Ok(self.0.record(face)?)
    }

    fn remove(&self, face: u64, _: &CancelToken) -> Result<Option<Picture>, Problem> {
        let picture = self.0.record(face)?;
        if let Some(picture) = &picture {
            self.0.remove(&Selection::of(Selector::Face(picture.id)))?;
        }
        Ok(picture)
    }

    fn gallery(&self) -> Result<Arc<Gallery>, Problem> {
        let detail = "this reads all pictures at once, for which the gallery must be a file: \
            `moue gallery merge my.moue ADDRESS`, then `moue serve --gallery my.moue`";
        Err(Problem::new(Kind::NotOffered, detail))
    }
}
