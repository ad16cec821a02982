//! A `.moue` file as a store.

use crate::{Counts, GalleryStore, Selection, StoreError, StoredPicture};
use moue::gallery::{Filter, GalleryError, Match, NewPicture, Picture, SearchOptions};
use moue::{Expression, Gallery};
use std::ops::ControlFlow;

/// A gallery in a file, or on other storage of this process, as a store: exact, written by one
/// program at a time.
#[derive(Debug)]
pub struct FileStore {
    gallery: Gallery,
    name: String,
}

impl FileStore {
    /// The store that this gallery is.
    pub fn new(gallery: Gallery) -> Self {
        let name = gallery.path().to_string_lossy().into_owned();
        Self { gallery, name }
    }

    /// The gallery.
    pub fn gallery(&self) -> &Gallery {
        &self.gallery
    }

    fn stored(
        &self,
        picture: Picture,
        expression: impl Fn(u64) -> Result<Option<Expression>, GalleryError>,
    ) -> Result<StoredPicture, StoreError> {
        let faces = picture.faces.iter();
        let expressions = faces.clone().map(|face| {
            let expression = expression(face.id)?;
            let id = face.id;
            expression.ok_or_else(|| {
                StoreError::failed(&self.name, format_args!("face {id} has no expression"))
            })
        });
        let thumbnails = faces.map(|face| self.gallery.thumbnail(face.id));
        Ok(StoredPicture {
            expressions: expressions.collect::<Result<_, StoreError>>()?,
            thumbnails: thumbnails.collect::<Result<_, _>>()?,
            picture,
        })
    }
}

impl GalleryStore for FileStore {
    fn name(&self) -> &str {
        &self.name
    }

    fn is_exact(&self) -> bool {
        true
    }

    fn fingerprint(&self) -> Result<String, StoreError> {
        Ok(self.gallery.fingerprint()?)
    }

    fn count(&self) -> Result<Counts, StoreError> {
        Ok(Counts {
            pictures: self.gallery.picture_count()?,
            faces: self.gallery.len()?,
        })
    }

    fn contains(&self, contents: &[[u8; 32]]) -> Result<Vec<bool>, StoreError> {
        let contained = contents.iter().map(|hash| self.gallery.contains(hash));
        Ok(contained.collect::<Result<_, _>>()?)
    }

    fn put(&self, pictures: &[NewPicture]) -> Result<Vec<bool>, StoreError> {
        Ok(self.gallery.add(pictures)?)
    }

    fn remove(&self, selection: &Selection) -> Result<u64, StoreError> {
        let removed = self.gallery.remove(|picture| selection.matches(picture))?;
        Ok(removed as u64)
    }

    fn tag(
        &self,
        selection: &Selection,
        add: &[String],
        drop: &[String],
    ) -> Result<u64, StoreError> {
        let changed = self
            .gallery
            .update(|picture| selection.matches(picture) && picture.retag(add, drop))?;
        Ok(changed as u64)
    }

    fn add_words(&self, content: &[u8; 32], words: &str) -> Result<bool, StoreError> {
        Ok(self.gallery.add_words(content, words)?)
    }

    fn search(
        &self,
        targets: &[Expression],
        options: &SearchOptions,
    ) -> Result<Vec<Match>, StoreError> {
        Ok(self.gallery.search(targets, options)?)
    }

    fn picture(&self, face: u64) -> Result<Option<StoredPicture>, StoreError> {
        let picture = self.gallery.picture_of(face)?;
        let expression = |id| self.gallery.expression(id);
        picture.map(|p| self.stored(p, expression)).transpose()
    }

    fn record(&self, face: u64) -> Result<Option<Picture>, StoreError> {
        Ok(self.gallery.picture_of(face)?)
    }

    fn expression(&self, face: u64) -> Result<Option<Expression>, StoreError> {
        Ok(self.gallery.expression(face)?)
    }

    fn thumbnail(&self, face: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.gallery.thumbnail(face)?)
    }

    fn find(&self, content: &[u8; 32]) -> Result<Option<Picture>, StoreError> {
        Ok(self.gallery.find_hash(content)?)
    }

    fn export(
        &self,
        filter: &Filter,
        body: &mut dyn FnMut(StoredPicture) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        // All at once, 264 bytes a face: looking each one up takes ten times as long.
        let all = self.gallery.expressions()?;
        let expression = |id: u64| {
            let place = all.binary_search_by_key(&id, |(id, _)| *id).ok();
            Ok(place.map(|place| all[place].1))
        };
        let visited = self.gallery.for_each_picture(|picture| {
            if !filter.matches(&picture) {
                return Ok(());
            }
            match body(self.stored(picture, expression).map_err(Stop::Failed)?) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(Stop::Asked),
            }
        });
        match visited {
            Ok(()) | Err(Stop::Asked) => Ok(()),
            Err(Stop::Failed(error)) => Err(error),
        }
    }
}

/// Why an export ends early.
enum Stop {
    Asked,
    Failed(StoreError),
}

impl From<GalleryError> for Stop {
    fn from(error: GalleryError) -> Self {
        Self::Failed(error.into())
    }
}
