//! Galleries: the built-in ones, and a person's own in a file.

use crate::answer::{BoundingBox, Match};
use crate::error::{MoueError, locked};
use crate::options::{FindOptions, targets};
use moue::Expression;
use moue::gallery::{Picture, SearchOptions};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Pictures and the expressions of their faces.
#[derive(uniffi::Object)]
pub struct Gallery {
    pub(crate) inner: Arc<moue::Gallery>,
    /// The expressions of faces that were shown, which a live view asks for with every frame.
    known: Mutex<HashMap<u64, Option<Expression>>>,
}

/// A face of a picture in a gallery.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct StoredFace {
    /// Unique in its gallery.
    pub id: u64,
    /// The face in the picture.
    pub bounds: BoundingBox,
}

/// A picture of a gallery.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct PictureInfo {
    /// Unique in its gallery.
    pub id: u64,
    /// SHA-256 of its file in hexadecimal.
    pub hash: String,
    /// Where it is: a file, `builtin:NAME` for a drawing, `emoji:CHARACTER` for an emoji.
    pub path: String,
    /// What it is called.
    pub label: String,
    /// A description.
    pub caption: Option<String>,
    /// Words to filter by.
    pub tags: Vec<String>,
    /// Where it was taken from.
    pub source: String,
    /// When it was added, in seconds since 1970.
    pub added: u64,
    /// Its faces.
    pub faces: Vec<StoredFace>,
}

#[uniffi::export]
impl Gallery {
    /// The drawings that are compiled in, for reading.
    ///
    /// Errors: `Gallery`.
    #[uniffi::constructor]
    pub fn builtin() -> Result<Arc<Self>, MoueError> {
        Ok(Self::of(moue::Gallery::builtin()?))
    }

    /// The face emoji of Unicode, for reading.
    ///
    /// Errors: `Gallery`.
    #[uniffi::constructor]
    pub fn emoji() -> Result<Arc<Self>, MoueError> {
        Ok(Self::of(moue::Gallery::emoji()?))
    }

    /// Opens a gallery's file for reading.
    ///
    /// Errors: `Gallery`, `OtherWeights`, `NewerFormat`.
    #[uniffi::constructor]
    pub fn open(path: String) -> Result<Arc<Self>, MoueError> {
        Ok(Self::of(moue::Gallery::open(path)?))
    }

    /// Opens a gallery's file for writing, and makes it if there is none. One object at a time may
    /// have a file open for writing.
    ///
    /// Errors: `Gallery`, `OtherWeights`, `NewerFormat`.
    #[uniffi::constructor]
    pub fn open_or_create(path: String) -> Result<Arc<Self>, MoueError> {
        Ok(Self::of(moue::Gallery::open_or_create(path)?))
    }

    /// Opens the bytes of a gallery's file for reading.
    ///
    /// Errors: `Gallery`, `OtherWeights`, `NewerFormat`.
    #[uniffi::constructor]
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Arc<Self>, MoueError> {
        Ok(Self::of(moue::Gallery::from_bytes(bytes, "bytes")?))
    }

    /// Number of faces.
    ///
    /// Errors: `Gallery`.
    pub fn face_count(&self) -> Result<u64, MoueError> {
        Ok(self.inner.len()?)
    }

    /// Number of pictures.
    ///
    /// Errors: `Gallery`.
    pub fn picture_count(&self) -> Result<u64, MoueError> {
        Ok(self.inner.picture_count()?)
    }

    /// The pictures whose label, caption or tags contain a text, in any case of letters; all for an
    /// empty one.
    ///
    /// Errors: `Gallery`.
    pub fn pictures(&self, text: String) -> Result<Vec<PictureInfo>, MoueError> {
        let text = text.to_lowercase();
        let mut out = Vec::new();
        self.inner.for_each_picture(|picture| {
            if !picture.hidden && mentions(&picture, &text) {
                out.push(PictureInfo::from(picture));
            }
            Ok::<(), MoueError>(())
        })?;
        Ok(out)
    }

    /// The picture that a face belongs to.
    ///
    /// Errors: `Gallery`.
    pub fn picture_of(&self, face: u64) -> Result<Option<PictureInfo>, MoueError> {
        Ok(self.inner.picture_of(face)?.map(PictureInfo::from))
    }

    /// A small JPEG of a face; none for drawings and emoji, which `drawCommands` draws.
    ///
    /// Errors: `Gallery`.
    pub fn thumbnail(&self, face: u64) -> Result<Option<Vec<u8>>, MoueError> {
        Ok(self.inner.thumbnail(face)?)
    }

    /// The pictures whose expressions are nearest to one. Of the options those of detection do not
    /// count.
    ///
    /// Errors: `Options` for an expression that is none, `Gallery`, `Cancelled`.
    pub fn search(
        &self,
        expression: Vec<f32>,
        options: FindOptions,
    ) -> Result<Vec<Match>, MoueError> {
        let found = self
            .inner
            .search(&targets(&expression)?, &options.search()?)?;
        Ok(found.iter().map(Match::from).collect())
    }

    /// Removes pictures by their ids; returns how many.
    ///
    /// Errors: `Gallery`.
    pub fn remove(&self, ids: Vec<u64>) -> Result<u64, MoueError> {
        let removed = self.inner.remove(|p| ids.contains(&p.id))?;
        locked(&self.known).clear();
        Ok(removed as u64)
    }

    /// Hides pictures, with their near-duplicates, from every search, or shows them again; returns
    /// how many changed. What is hidden stays hidden when it is added again.
    ///
    /// Errors: `Gallery`.
    pub fn set_hidden(&self, ids: Vec<u64>, hidden: bool) -> Result<u64, MoueError> {
        let changed = self.inner.set_hidden(hidden, |p| ids.contains(&p.id))?;
        Ok(changed as u64)
    }

    /// Names a picture; returns whether it is there.
    ///
    /// Errors: `Gallery`.
    pub fn rename(&self, id: u64, label: String) -> Result<bool, MoueError> {
        let changed = self.inner.update(|p| {
            if p.id == id {
                p.label.clone_from(&label);
            }
            p.id == id
        })?;
        Ok(changed > 0)
    }
}

impl Gallery {
    fn of(gallery: moue::Gallery) -> Arc<Self> {
        Arc::new(Self {
            inner: Arc::new(gallery),
            known: Mutex::default(),
        })
    }

    pub(crate) fn matches(
        &self,
        expression: &Expression,
        options: &SearchOptions,
    ) -> Result<Vec<moue::Match>, MoueError> {
        Ok(self.inner.search(&[*expression], options)?)
    }

    /// The expression of a face that was shown.
    pub(crate) fn expression_of(&self, face: u64) -> Option<Expression> {
        let read = || {
            let all = self.inner.expressions().ok()?;
            all.into_iter().find(|(id, _)| *id == face).map(|(_, e)| e)
        };
        // Ids are never used twice, so that what is known stays true.
        *locked(&self.known).entry(face).or_insert_with(read)
    }
}

fn mentions(picture: &Picture, text: &str) -> bool {
    let words = [Some(&picture.label), picture.caption.as_ref()];
    let mut words = words.into_iter().flatten().chain(&picture.tags);
    words.any(|word| word.to_lowercase().contains(text))
}

impl From<Picture> for PictureInfo {
    fn from(p: Picture) -> Self {
        let faces = p.faces.iter().map(|face| StoredFace {
            id: face.id,
            bounds: face.bounding_box.into(),
        });
        Self {
            id: p.id,
            faces: faces.collect(),
            hash: p.hash,
            path: p.path,
            label: p.label,
            caption: p.caption,
            tags: p.tags,
            source: p.source,
            added: p.added,
        }
    }
}
