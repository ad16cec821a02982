//! Galleries in files alone: opening an address says how to get a moue that knows it.

use crate::inputs;
use anyhow::Result;
use moue::Gallery;
use moue::gallery::{NewPicture, Picture};
use std::path::Path;
use std::sync::Arc;

/// A gallery that is searched and whose pictures are shown.
pub(crate) type Store = Gallery;

/// Opens a gallery for reading: a compiled-in one by its name, or a file.
pub(crate) fn open(path: &Path) -> Result<Arc<Store>> {
    inputs::open_gallery(path).map(Arc::new)
}

/// Opens a gallery for writing; makes it if there is none.
pub(crate) fn create(path: &Path) -> Result<Arc<Store>> {
    inputs::open_for_writing(path, Gallery::open_or_create).map(Arc::new)
}

/// How many faces a gallery has.
pub(crate) fn count_faces(store: &Store) -> Result<u64> {
    Ok(store.len()?)
}

/// What a finder searches.
pub(crate) fn searched(store: &Arc<Store>) -> Arc<Store> {
    Arc::clone(store)
}

/// Adds pictures; returns for each whether it was new.
pub(crate) fn put(store: &Store, pictures: &[NewPicture]) -> Result<Vec<bool>> {
    Ok(store.add(pictures)?)
}

/// Ends the loading of many pictures: a file has nothing to do then.
pub(crate) fn finish_load(_: &Store) -> Result<()> {
    Ok(())
}

/// The record of the picture that a face belongs to.
pub(crate) fn record(store: &Store, face: u64) -> Result<Option<Picture>> {
    Ok(store.picture_of(face)?)
}
