//! What every store can do.

use crate::StoreError;
use crate::listing::{Listed, Listing, count_tags};
use moue::Expression;
use moue::gallery::{Filter, Match, NewPicture, Picture, SearchOptions};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// How much a store holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Pictures, animations and videos.
    pub pictures: u64,
    /// Faces.
    pub faces: u64,
}

/// By what pictures are chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// The SHA-256 of the file.
    Content([u8; 32]),
    /// [`Picture::path`].
    Path(String),
    /// The id of one of its faces.
    Face(u64),
}

impl Selector {
    /// Whether it names this picture.
    pub fn matches(&self, picture: &Picture) -> bool {
        match self {
            Self::Content(hash) => picture.hash == moue::digest::hex(hash),
            Self::Path(path) => picture.path == *path,
            Self::Face(id) => picture.faces.iter().any(|face| face.id == *id),
        }
    }
}

/// Pictures to change: those that one of the selectors names and the filter matches. Without
/// selectors it is the filter alone, and an empty selection is every picture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// Any of these names the picture.
    pub any_of: Vec<Selector>,
    /// And it meets this.
    pub filter: Filter,
}

impl Selection {
    /// What one selector names.
    pub fn of(selector: Selector) -> Self {
        Self {
            any_of: vec![selector],
            ..Self::default()
        }
    }

    /// Whether it includes this picture.
    pub fn matches(&self, picture: &Picture) -> bool {
        let named = || self.any_of.iter().any(|s| s.matches(picture));
        (self.any_of.is_empty() || named()) && self.filter.matches(picture)
    }
}

/// A picture with all that a store keeps of it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredPicture {
    /// Its record. [`Picture::group`] is the picture's own id where a store tells near-duplicates
    /// during a search.
    pub picture: Picture,
    /// The expression of each of its faces.
    pub expressions: Vec<Expression>,
    /// The small picture of each of its faces, where there is one.
    pub thumbnails: Vec<Option<Vec<u8>>>,
}

impl StoredPicture {
    /// The picture as one to be added to another gallery; `None` if its record is damaged.
    pub fn to_new(&self) -> Option<NewPicture> {
        let hash = moue::digest::from_hex(&self.picture.hash)?;
        let stored = self.picture.faces.iter().zip(&self.expressions);
        let faces = stored.zip(&self.thumbnails);
        let faces = faces.map(|((face, expression), thumbnail)| moue::gallery::NewFace {
            face: face.face(),
            expression: *expression,
            time: face.time,
            thumbnail: thumbnail.clone(),
        });
        Some(self.picture.to_new(hash, faces.collect()))
    }
}

/// A gallery, wherever it is kept.
///
/// All methods take `&self` and may be called from several threads; a store has its own locks or a
/// pool of connections, and may have a runtime of its own. Several programs may use one store at the
/// same time, unless it says otherwise.
pub trait GalleryStore: Send + Sync {
    /// What messages call it: its address without user and password.
    fn name(&self) -> &str;

    /// Whether every search has the answer of comparing all faces. If not, some of the nearest faces
    /// may be missed.
    fn is_exact(&self) -> bool;

    /// The fingerprint of the weights that made its vectors. A store is opened only if it is this
    /// program's, [`moue::weights::expression_fingerprint`].
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn fingerprint(&self) -> Result<String, StoreError>;

    /// Number of pictures and faces.
    ///
    /// # Errors
    /// As for [`GalleryStore::fingerprint`].
    fn count(&self) -> Result<Counts, StoreError>;

    /// Whether there is a picture with each of these contents.
    ///
    /// # Errors
    /// As for [`GalleryStore::fingerprint`].
    fn contains(&self, contents: &[[u8; 32]]) -> Result<Vec<bool>, StoreError>;

    /// Adds the pictures whose content is new and that have faces; returns for each whether it was
    /// added. When this returns, they survive what the store survives. A call that failed or was
    /// interrupted is repeated: nothing is there twice.
    ///
    /// # Errors
    /// [`StoreError`], also if a number of a face is not finite. A picture is added whole or not at
    /// all; of several, some may have been added.
    fn put(&self, pictures: &[NewPicture]) -> Result<Vec<bool>, StoreError>;

    /// Removes pictures with all their faces; returns how many.
    ///
    /// # Errors
    /// [`StoreError`]; some may have been removed, and repeating it removes the others.
    fn remove(&self, selection: &Selection) -> Result<u64, StoreError>;

    /// Adds tags to pictures, behind those that they have, and drops others; returns how many
    /// pictures have changed.
    ///
    /// # Errors
    /// [`StoreError`]; some may have been changed, and repeating it changes the others.
    fn tag(
        &self,
        selection: &Selection,
        add: &[String],
        drop: &[String],
    ) -> Result<u64, StoreError>;

    /// Stores the words that are written in the picture with this content, unless its words were read
    /// before; returns whether it did.
    ///
    /// # Errors
    /// [`StoreError`]; some of its faces may have them, and repeating it gives them to the others.
    fn add_words(&self, content: &[u8; 32], words: &str) -> Result<bool, StoreError>;

    /// How many pictures a selection includes.
    ///
    /// # Errors
    /// As for [`GalleryStore::fingerprint`].
    fn selected(&self, selection: &Selection) -> Result<u64, StoreError> {
        let mut count = 0;
        self.export(&selection.filter, &mut |stored| {
            count += u64::from(selection.matches(&stored.picture));
            ControlFlow::Continue(())
        })?;
        Ok(count)
    }

    /// The pictures that match `targets`, as [`moue::Gallery::search`] has it: lowest score first,
    /// equal scores by id.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read or the search is canceled.
    fn search(
        &self,
        targets: &[Expression],
        options: &SearchOptions,
    ) -> Result<Vec<Match>, StoreError>;

    /// The picture that a face belongs to; `None` if there is no such face.
    ///
    /// # Errors
    /// As for [`GalleryStore::fingerprint`].
    fn picture(&self, face: u64) -> Result<Option<StoredPicture>, StoreError>;

    /// The record of the picture that a face belongs to: [`GalleryStore::picture`] without what is
    /// large.
    ///
    /// # Errors
    /// As for [`GalleryStore::fingerprint`].
    fn record(&self, face: u64) -> Result<Option<Picture>, StoreError> {
        Ok(self.picture(face)?.map(|stored| stored.picture))
    }

    /// The expression of a face; `None` if there is no such face.
    ///
    /// # Errors
    /// As for [`GalleryStore::fingerprint`].
    fn expression(&self, face: u64) -> Result<Option<Expression>, StoreError> {
        let stored = self.picture(face)?;
        Ok(stored.and_then(|stored| {
            let place = stored.picture.faces.iter().position(|f| f.id == face)?;
            stored.expressions.get(place).copied()
        }))
    }

    /// The small picture of a face, if there is one.
    ///
    /// # Errors
    /// As for [`GalleryStore::fingerprint`].
    fn thumbnail(&self, face: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let stored = self.picture(face)?;
        Ok(stored.and_then(|mut stored| {
            let place = stored.picture.faces.iter().position(|f| f.id == face)?;
            stored.thumbnails.swap_remove(place)
        }))
    }

    /// Calls `body` with every picture that meets the filter, hidden ones too, by id, until it
    /// breaks. What others add meanwhile may be left out.
    ///
    /// # Errors
    /// As for [`GalleryStore::fingerprint`].
    fn export(
        &self,
        filter: &Filter,
        body: &mut dyn FnMut(StoredPicture) -> ControlFlow<()>,
    ) -> Result<(), StoreError>;

    /// The record of the picture with this content; `None` if there is none.
    ///
    /// # Errors
    /// As for [`GalleryStore::fingerprint`].
    fn find(&self, content: &[u8; 32]) -> Result<Option<Picture>, StoreError>;

    /// A part of the pictures that are not hidden.
    ///
    /// # Errors
    /// As for [`GalleryStore::fingerprint`].
    fn list(&self, listing: &Listing<'_>) -> Result<Vec<Picture>, StoreError> {
        let mut listed = Listed::new(listing);
        self.export(listing.filter, &mut |stored| listed.push(stored.picture))?;
        Ok(listed.finish())
    }

    /// How many pictures that are not hidden have each tag.
    ///
    /// # Errors
    /// As for [`GalleryStore::fingerprint`].
    fn tags(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let mut counts = BTreeMap::new();
        self.export(&Filter::default(), &mut |stored| {
            count_tags(&mut counts, stored.picture);
            ControlFlow::Continue(())
        })?;
        Ok(counts)
    }

    /// Called after many pictures were put: builds indexes and updates statistics, as far as the
    /// store has any.
    ///
    /// # Errors
    /// As for [`GalleryStore::put`].
    fn finish_load(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
