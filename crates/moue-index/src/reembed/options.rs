//! How a gallery is embedded again, and with which result.

use moue::Frame;
use moue::cancel::{CancelToken, Cancelled};
use moue::gallery::GalleryError;
use moue::network::NetworkError;
use serde::Serialize;
use std::path::PathBuf;

/// How to embed a gallery again. The default uses all cores and drops nothing.
#[derive(Debug, Clone, Default)]
pub struct ReembedOptions {
    /// Threads that embed; 0 is one for each core.
    pub threads: usize,
    /// Leave out pictures of which nothing can be read any more, instead of changing nothing.
    pub drop_missing: bool,
    /// Returns the picture at a stored path that is no file, such as a drawing's; `None` if it
    /// knows none.
    pub draw: Option<fn(&str) -> Option<Frame<'static>>>,
    /// Ends the work early; then nothing is changed.
    pub cancel: CancelToken,
}

/// What a face's new expression was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The picture, as when it was added.
    Picture,
    /// The thumbnail in the gallery, as the picture is gone or has changed.
    Thumbnail,
    /// Nothing: there is no thumbnail either.
    Missing,
}

/// The result for one picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reembedded {
    /// Its path in the gallery.
    pub path: String,
    /// Number of its faces.
    pub faces: usize,
    /// What their expressions were made from.
    pub origin: Origin,
    /// Why not from the picture.
    pub detail: Option<String>,
}

/// The result of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ReembedSummary {
    /// Fingerprint of the weights before.
    pub from: String,
    /// Fingerprint of the weights now; where it equals `from`, nothing was done.
    pub to: String,
    /// Pictures that were there before.
    pub pictures: u64,
    /// Faces that are there now.
    pub faces: u64,
    /// Faces that were embedded from their pictures.
    pub from_pictures: u64,
    /// Faces that were embedded from their thumbnails.
    pub from_thumbnails: u64,
    /// Pictures that were left out.
    pub dropped: u64,
    /// Pictures that could not be embedded because the code panicked: a fault of moue, not of the
    /// picture. Their faces were embedded from thumbnails, or they were left out.
    pub failed: u64,
}

impl ReembedSummary {
    /// Whether the gallery was of other weights.
    pub fn is_changed(&self) -> bool {
        self.from != self.to
    }
}

/// Why a gallery was not embedded again. It is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReembedError {
    /// The gallery cannot be read or written.
    #[error(transparent)]
    Gallery(#[from] GalleryError),
    /// The networks cannot be loaded.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// Some pictures are gone, and so are their thumbnails.
    #[error("{pictures} of {of} pictures can no longer be read and have no thumbnail")]
    Missing {
        /// Pictures that cannot be embedded.
        pictures: usize,
        /// All pictures.
        of: usize,
    },
    /// The new file cannot be written beside the old one.
    #[error("{path} cannot be written: {error}")]
    Write {
        /// The new file.
        path: PathBuf,
        /// The system's error.
        error: std::io::Error,
    },
    /// The work was canceled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}
