//! The gallery that is served, wherever it is.

mod file;
mod remote;
mod served;

pub(crate) use served::{Change, Part, Served};

use crate::config::{GallerySource, ServerConfig};
use crate::error::ServerError;
use crate::problem::{Kind, Problem};
use file::FileGallery;
use moue::Gallery;
use moue::gallery::Picture;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The gallery, and the folder of its uploaded pictures.
pub(crate) struct Store {
    served: Box<dyn Served>,
    uploads: Option<PathBuf>,
}

impl Deref for Store {
    type Target = dyn Served;

    fn deref(&self) -> &Self::Target {
        &*self.served
    }
}

impl Store {
    /// Opens the gallery, and creates a file if there is none.
    pub(crate) fn open(config: &ServerConfig) -> Result<Self, ServerError> {
        let compiled_in = |gallery| Self {
            served: Box::new(FileGallery::compiled_in(gallery)),
            uploads: None,
        };
        let uploads = config.uploads.clone();
        Ok(match &config.gallery {
            GallerySource::Builtin => compiled_in(Gallery::builtin()?),
            GallerySource::Emoji => compiled_in(Gallery::emoji()?),
            GallerySource::File(path) => Self {
                served: Box::new(FileGallery::open(path)?),
                uploads: uploads.or_else(|| Some(path.with_extension("uploads"))),
            },
            GallerySource::Store(store) => Self {
                served: Box::new(remote::Remote(Arc::clone(&store.0))),
                uploads,
            },
        })
    }

    /// The folder of uploaded pictures; compiled-in galleries have none.
    pub(crate) fn uploads(&self) -> Option<&Path> {
        self.uploads.as_deref()
    }

    /// The folder that a picture is put into.
    ///
    /// # Errors
    /// [`Problem`] with the reason if there is none.
    pub(crate) fn folder(&self) -> Result<&Path, Problem> {
        let refused = || self.gallery().map_or_else(|_| no_folder(), |_| read_only());
        self.uploads().ok_or_else(refused)
    }

    /// The picture of a face.
    ///
    /// # Errors
    /// [`Problem`] if there is none.
    pub(crate) fn existing(&self, face: u64) -> Result<Picture, Problem> {
        self.picture_of(face)?.ok_or_else(Problem::no_such_picture)
    }
}

fn read_only() -> Problem {
    Problem::new(Kind::Forbidden, "this gallery cannot be changed")
}

/// A gallery on a server has no place beside it.
fn no_folder() -> Problem {
    let detail =
        "this server has no folder for pictures; start it with `moue serve --uploads FOLDER`";
    Problem::new(Kind::NotOffered, detail)
}
