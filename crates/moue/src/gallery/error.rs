//! What can go wrong with a gallery.

use std::path::PathBuf;

/// Why a gallery cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GalleryError {
    /// There is no such file.
    #[error("there is no gallery at {0}; `moue gallery add {0} PICTURES…` makes one")]
    Missing(PathBuf),
    /// The file is something else, or damaged beyond repair.
    #[error("{path} is no usable gallery: {reason}")]
    Damaged {
        /// The gallery.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Another program is writing to it.
    #[error("{0} is being written by another program; try again when it is done")]
    Busy(PathBuf),
    /// It was made with other weights, so its vectors mean something else.
    #[error(
        "{path} was made with other weights ({found}, this program has {expected}); \
         rebuild it with `moue gallery add NEW_GALLERY PICTURES…`"
    )]
    OtherWeights {
        /// The gallery.
        path: PathBuf,
        /// Fingerprint in the gallery.
        found: String,
        /// Fingerprint of this program's weights.
        expected: String,
    },
    /// It was made by a newer program.
    #[error("{path} has format {found}, this program knows formats up to {known}; update moue")]
    Newer {
        /// The gallery.
        path: PathBuf,
        /// Format of the file.
        found: u64,
        /// Newest format that this program knows.
        known: u64,
    },
    /// It was made by an older program and lies where it cannot be brought up to date.
    #[error(
        "{path} has the older format {found} and cannot be brought up to date here; open its file for writing once"
    )]
    Older {
        /// The gallery.
        path: PathBuf,
        /// Format of the file.
        found: u64,
    },
    /// Built-in galleries cannot be changed.
    #[error("the gallery {0} was opened for reading only")]
    ReadOnly(PathBuf),
    /// Reading or writing failed.
    #[error("{path}: {reason}")]
    Storage {
        /// The gallery.
        path: PathBuf,
        /// What the storage said.
        reason: String,
    },
}
