//! What each command does.

pub(crate) mod detect;
pub(crate) mod doctor;
pub(crate) mod embed;
pub(crate) mod find;
pub(crate) mod gallery;
pub(crate) mod graph;
pub(crate) mod live;
pub(crate) mod run;
pub(crate) mod timeline;

use anyhow::Result;
use moue::Gallery;
use moue::gallery::GalleryError;
use std::path::Path;

/// Opens the gallery to search; `builtin` is the compiled-in one.
pub(crate) fn open_gallery(path: &Path) -> Result<Gallery, GalleryError> {
    if path.as_os_str() == "builtin" {
        Gallery::builtin()
    } else {
        Gallery::open(path)
    }
}
