//! Galleries: the built-in ones, a person's own, and their files.

use crate::error::Error;
use crate::input::{self, Change, Search};
use crate::output::{MatchOut, PictureOut, js};
use crate::storage::OriginFile;
use moue::gallery::{MemoryStorage, Picture as Stored, SearchOptions};
use moue::{Expression, Match};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use wasm_bindgen::prelude::*;
use web_sys::FileSystemSyncAccessHandle;

/// Pictures and the expressions of their faces.
#[wasm_bindgen]
pub struct Gallery {
    pub(crate) inner: moue::Gallery,
    /// Where it is kept, if that is memory that can be copied out.
    bytes: Option<Arc<MemoryStorage>>,
    /// The expressions of faces that were shown, which a live view asks for with every frame.
    known: RefCell<HashMap<u64, Option<Expression>>>,
}

#[wasm_bindgen]
impl Gallery {
    /// Opens a gallery's bytes for reading, such as a built-in one.
    ///
    /// # Errors
    /// `gallery`, `newer-format`, `other-weights`.
    pub fn open(bytes: Vec<u8>, name: &str) -> Result<Gallery, JsValue> {
        let inner = moue::Gallery::from_bytes(bytes, name).map_err(Error::from)?;
        Ok(Self::of(inner, None))
    }

    /// A gallery in memory that can be changed: a new one, or a copy of a gallery's bytes.
    ///
    /// # Errors
    /// As for `open`.
    #[wasm_bindgen(js_name = inMemory)]
    pub fn in_memory(bytes: Option<Vec<u8>>, name: &str) -> Result<Gallery, JsValue> {
        let bytes = Arc::new(MemoryStorage::of(bytes.unwrap_or_default()));
        let inner = moue::Gallery::with_storage(bytes.clone(), name).map_err(Error::from)?;
        Ok(Self::of(inner, Some(bytes)))
    }

    /// A gallery in a file of the origin's private file system, made if the file is empty. The
    /// handle is closed when the gallery is freed.
    ///
    /// # Errors
    /// As for `open`.
    #[wasm_bindgen(js_name = onFile)]
    pub fn on_file(handle: FileSystemSyncAccessHandle, name: &str) -> Result<Gallery, JsValue> {
        let file = OriginFile::new(handle);
        let inner = moue::Gallery::with_storage(file, name).map_err(Error::from)?;
        Ok(Self::of(inner, None))
    }

    /// The gallery's bytes, a `.moue` file; a gallery that is not in memory is copied first.
    ///
    /// # Errors
    /// `gallery`.
    pub fn bytes(&mut self) -> Result<Vec<u8>, JsValue> {
        Ok(self.written()?)
    }

    /// Number of faces.
    ///
    /// # Errors
    /// `gallery`.
    #[wasm_bindgen(js_name = faceCount)]
    pub fn face_count(&self) -> Result<f64, JsValue> {
        Ok(self.inner.len().map_err(Error::from)? as f64)
    }

    /// Number of pictures.
    ///
    /// # Errors
    /// `gallery`.
    #[wasm_bindgen(js_name = pictureCount)]
    pub fn picture_count(&self) -> Result<f64, JsValue> {
        Ok(self.inner.picture_count().map_err(Error::from)? as f64)
    }

    /// All pictures, by id.
    ///
    /// # Errors
    /// `gallery`.
    pub fn pictures(&self) -> Result<JsValue, JsValue> {
        let mut out = Vec::new();
        self.each(|picture| out.push(PictureOut::from(picture)))?;
        Ok(js(&out)?)
    }

    /// The picture that a face belongs to, or `undefined`.
    ///
    /// # Errors
    /// `gallery`.
    #[wasm_bindgen(js_name = pictureOf)]
    pub fn picture_of(&self, face: f64) -> Result<JsValue, JsValue> {
        let picture = self.inner.picture_of(face as u64).map_err(Error::from)?;
        match picture {
            Some(picture) => Ok(js(&PictureOut::from(picture))?),
            None => Ok(JsValue::UNDEFINED),
        }
    }

    /// The small JPEG of a face, or `undefined`.
    ///
    /// # Errors
    /// `gallery`.
    pub fn thumbnail(&self, face: f64) -> Result<Option<Vec<u8>>, JsValue> {
        Ok(self.inner.thumbnail(face as u64).map_err(Error::from)?)
    }

    /// Whether a picture with this content is there; `file` is the content.
    ///
    /// # Errors
    /// `gallery`.
    pub fn contains(&self, file: &[u8]) -> Result<bool, JsValue> {
        let hash = moue::digest::sha256(file);
        Ok(self.inner.contains(&hash).map_err(Error::from)?)
    }

    /// The pictures whose expressions are nearest to one.
    ///
    /// # Errors
    /// `options`, `gallery`.
    pub fn search(&self, expression: &[f32], options: JsValue) -> Result<JsValue, JsValue> {
        let expression = Ok(input::expression(expression)?);
        let matches = self.matches(&expression, input::options(options)?)?;
        Ok(js(&matches.iter().map(MatchOut::from).collect::<Vec<_>>())?)
    }

    /// Removes pictures by their ids; returns how many.
    ///
    /// # Errors
    /// `gallery`.
    pub fn remove(&self, ids: &[f64]) -> Result<usize, JsValue> {
        let chosen = |p: &Stored| ids.contains(&(p.id as f64));
        let removed = self.inner.remove(chosen).map_err(Error::from)?;
        self.known.borrow_mut().clear();
        Ok(removed)
    }

    /// Changes what pictures are called and described by; returns how many.
    ///
    /// # Errors
    /// `options`, `gallery`.
    pub fn update(&self, ids: &[f64], change: JsValue) -> Result<usize, JsValue> {
        let change: Change = input::options(change)?;
        let apply = |p: &mut Stored| ids.contains(&(p.id as f64)) && describe(p, &change);
        Ok(self.inner.update(apply).map_err(Error::from)?)
    }

    /// Adds all pictures of another gallery that are not here yet; returns how many.
    ///
    /// # Errors
    /// `gallery`.
    pub fn merge(&self, other: &Gallery) -> Result<usize, JsValue> {
        Ok(self
            .inner
            .merge(&other.inner, |_| ())
            .map_err(Error::from)?)
    }
}

/// Changes a picture; returns `true` for [`moue::Gallery::update`].
fn describe(picture: &mut Stored, change: &Change) -> bool {
    if let Some(label) = &change.label {
        picture.label.clone_from(label);
    }
    if let Some(caption) = &change.caption {
        picture.caption = Some(caption.clone()).filter(|c| !c.is_empty());
    }
    if let Some(tags) = &change.tags {
        picture.tags.clone_from(tags);
    }
    true
}

impl Gallery {
    fn of(inner: moue::Gallery, bytes: Option<Arc<MemoryStorage>>) -> Self {
        Self {
            inner,
            bytes,
            known: RefCell::default(),
        }
    }

    /// Matches of an expression, none for a face without one.
    pub(crate) fn matches(
        &self,
        expression: &Result<Expression, String>,
        search: Search,
    ) -> Result<Vec<Match>, Error> {
        self.search_with(expression, &search.options()?)
    }

    pub(crate) fn search_with(
        &self,
        expression: &Result<Expression, String>,
        options: &SearchOptions,
    ) -> Result<Vec<Match>, Error> {
        match expression {
            Ok(expression) => Ok(self.inner.search(&[*expression], options)?),
            Err(_) => Ok(Vec::new()),
        }
    }

    /// The expression of a face that was shown.
    pub(crate) fn expression_of(&self, face: u64) -> Option<Expression> {
        let mut known = self.known.borrow_mut();
        *known.entry(face).or_insert_with(|| {
            let all = self.inner.expressions().ok()?;
            all.into_iter().find(|(id, _)| *id == face).map(|(_, e)| e)
        })
    }

    fn each(&self, mut body: impl FnMut(Stored)) -> Result<(), Error> {
        self.inner.for_each_picture(|picture| {
            body(picture);
            Ok::<(), Error>(())
        })
    }

    fn written(&mut self) -> Result<Vec<u8>, Error> {
        if let Some(bytes) = &self.bytes {
            self.inner.compact()?;
            return Ok(bytes.to_vec());
        }
        let copy = Arc::new(MemoryStorage::default());
        let mut gallery = moue::Gallery::with_storage(copy.clone(), "copy")?;
        gallery.merge(&self.inner, |_| ())?;
        gallery.compact()?;
        Ok(copy.to_vec())
    }
}
