//! Errors of galleries.

use crate::cancel::Cancelled;
use std::fmt::Display;
use std::path::{Path, PathBuf};

/// Why a gallery cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GalleryError {
    /// There is no such file.
    #[error("there is no gallery at {0}")]
    Missing(PathBuf),
    /// The file is something else; there is nothing in it to repair.
    #[error("{path} is no gallery: {reason}")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        reason: String,
    },
    /// The file is damaged.
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
    /// It was made with other weights, so its vectors are not comparable with this program's.
    #[error(
        "{path} was made with other weights ({found}, this program has {expected}); \
         its pictures must be embedded again"
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
        /// Newest format that this program reads.
        known: u64,
    },
    /// It was made by an older program, and cannot be migrated where it is stored.
    #[error(
        "{path} has the older format {found} and cannot be brought up to date here; open its file for writing once"
    )]
    Older {
        /// The gallery.
        path: PathBuf,
        /// Format of the file.
        found: u64,
    },
    /// It was opened for reading only, as built-in galleries always are.
    #[error("the gallery {0} was opened for reading only")]
    ReadOnly(PathBuf),
    /// Reading or writing failed.
    #[error("{path}: {reason}")]
    Storage {
        /// The gallery.
        path: PathBuf,
        /// What the storage reported.
        reason: String,
    },
    /// The caller canceled the work, or its deadline has passed.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// A fault inside a gallery. The inner modules have no path; the API attaches it once, with
/// [`Fault::at`].
#[derive(Debug)]
// Without the feature `gallery` there is no file, and few of these can happen.
#[cfg_attr(not(feature = "gallery"), allow(dead_code))]
pub(super) enum Fault {
    Missing,
    Foreign(&'static str),
    Damaged(String),
    Busy,
    OtherWeights { found: String, expected: String },
    Newer { found: u64, known: u64 },
    Older { found: u64 },
    ReadOnly,
    Storage(String),
    Cancelled(Cancelled),
}

impl Fault {
    pub(super) fn damaged(reason: impl Display) -> Self {
        Self::Damaged(reason.to_string())
    }

    #[cfg(feature = "gallery")]
    pub(super) fn storage(reason: impl Display) -> Self {
        Self::Storage(reason.to_string())
    }

    /// The chunk tables contradict each other or their values have impossible lengths.
    pub(super) fn cut_off() -> Self {
        Self::damaged("a chunk of vectors is cut off")
    }

    /// What is wrong, for a report of `verify`.
    #[cfg(feature = "gallery")]
    pub(super) fn text(&self) -> String {
        match self {
            Self::Damaged(reason) | Self::Storage(reason) => reason.clone(),
            other => format!("{other:?}"),
        }
    }

    /// The public error for the gallery at `path`.
    pub(super) fn at(self, path: &Path) -> GalleryError {
        let path = path.to_owned();
        match self {
            Self::Missing => GalleryError::Missing(path),
            Self::Foreign(reason) => GalleryError::Foreign {
                path,
                reason: reason.to_owned(),
            },
            Self::Damaged(reason) => GalleryError::Damaged { path, reason },
            Self::Busy => GalleryError::Busy(path),
            Self::OtherWeights { found, expected } => GalleryError::OtherWeights {
                path,
                found,
                expected,
            },
            Self::Newer { found, known } => GalleryError::Newer { path, found, known },
            Self::Older { found } => GalleryError::Older { path, found },
            Self::ReadOnly => GalleryError::ReadOnly(path),
            Self::Storage(reason) => GalleryError::Storage { path, reason },
            Self::Cancelled(cancelled) => GalleryError::Cancelled(cancelled),
        }
    }
}

impl From<Cancelled> for Fault {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled)
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::damaged(format_args!("a record cannot be read: {error}"))
    }
}
