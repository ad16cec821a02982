//! Galleries in files and on servers.

use crate::address::{Address, is_address};
use crate::inputs;
use anyhow::{Result, bail};
use moue::Gallery;
use moue::gallery::{NewPicture, Picture};
use moue_store::{FileStore, GalleryStore, Searched};
use std::path::Path;
use std::sync::Arc;

/// A gallery that is searched and whose pictures are shown.
pub(crate) type Store = dyn GalleryStore;

/// Opens a gallery for reading: a compiled-in one by its name, a file, or one on a server.
pub(crate) fn open(path: &Path) -> Result<Arc<Store>> {
    if is_address(path) {
        return on_server(path, false);
    }
    Ok(Arc::new(FileStore::new(inputs::open_gallery(path)?)))
}

/// Opens a gallery for writing; makes it if there is none.
pub(crate) fn create(path: &Path) -> Result<Arc<Store>> {
    if is_address(path) {
        return on_server(path, true);
    }
    let gallery = inputs::open_for_writing(path, Gallery::open_or_create)?;
    Ok(Arc::new(FileStore::new(gallery)))
}

fn on_server(path: &Path, creates: bool) -> Result<Arc<Store>> {
    let address = Address::parse(&path.to_string_lossy())?;
    match address.scheme.as_str() {
        "postgres" | "postgresql" => Ok(Arc::new(if creates {
            moue_postgres::PostgresStore::create(&address)?
        } else {
            moue_postgres::PostgresStore::open(&address)?
        })),
        "milvus" => Ok(Arc::new(if creates {
            moue_milvus::MilvusStore::create(&address)?
        } else {
            moue_milvus::MilvusStore::open(&address)?
        })),
        other => bail!(
            "{other}:// is no gallery that moue knows; write postgres://HOST/DATABASE or milvus://HOST/COLLECTION"
        ),
    }
}

/// How many faces a gallery has.
pub(crate) fn count_faces(store: &Store) -> Result<u64> {
    Ok(store.count()?.faces)
}

/// What a finder searches.
pub(crate) fn searched(store: &Arc<Store>) -> Searched {
    Searched(Arc::clone(store))
}

/// Adds pictures; returns for each whether it was new.
pub(crate) fn put(store: &Store, pictures: &[NewPicture]) -> Result<Vec<bool>> {
    Ok(store.put(pictures)?)
}

/// Ends the loading of many pictures.
pub(crate) fn finish_load(store: &Store) -> Result<()> {
    Ok(store.finish_load()?)
}

/// The record of the picture that a face belongs to.
pub(crate) fn record(store: &Store, face: u64) -> Result<Option<Picture>> {
    Ok(store.record(face)?)
}
