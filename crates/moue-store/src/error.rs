//! Errors of stores.

use moue::cancel::Cancelled;
use moue::gallery::GalleryError;
use std::path::Path;

/// Why a store cannot be opened, read or written. Every variant names the store, as
/// [`GalleryStore::name`](crate::GalleryStore::name) does: without user and password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The address is none that the store understands.
    #[error("{store} is no address of a gallery: {reason}")]
    Address {
        /// The store.
        store: String,
        /// What is wrong, and how to write it.
        reason: String,
    },
    /// There is no server, it refuses the user, or the connection was lost and does not come back.
    #[error("{store} cannot be reached: {reason}")]
    Unreachable {
        /// The store.
        store: String,
        /// What the system or the server says.
        reason: String,
    },
    /// The server lacks something that must be set up first.
    #[error("{store}: {reason}; {way_out}")]
    Setup {
        /// The store.
        store: String,
        /// What is missing.
        reason: String,
        /// What to do about it.
        way_out: String,
    },
    /// There is no gallery of this name; writing to it makes one.
    #[error("there is no gallery at {store}; adding pictures to it makes one")]
    Missing {
        /// The store.
        store: String,
    },
    /// It was made with other weights, so its vectors are not comparable with this program's.
    #[error(
        "{store} was made with other weights ({found}, this program has {expected}); \
         its pictures must be embedded again, into a gallery of another name"
    )]
    OtherWeights {
        /// The store.
        store: String,
        /// Fingerprint in the store.
        found: String,
        /// Fingerprint of this program's weights.
        expected: String,
    },
    /// It was made by a newer program.
    #[error("{store} has format {found}, this program knows formats up to {known}; update moue")]
    Newer {
        /// The store.
        store: String,
        /// Format of the store.
        found: u64,
        /// Newest format that this program reads.
        known: u64,
    },
    /// Reading or writing failed, or what was read is no record of a gallery.
    #[error("{store}: {reason}")]
    Failed {
        /// The store.
        store: String,
        /// What the server reports.
        reason: String,
    },
    /// The `.moue` file of a [`FileStore`](crate::FileStore).
    #[error(transparent)]
    File(GalleryError),
    /// The caller canceled the work, or its deadline has passed.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl StoreError {
    /// Something that failed in `store`.
    pub fn failed(store: &str, reason: impl std::fmt::Display) -> Self {
        Self::Failed {
            store: store.to_owned(),
            reason: reason.to_string(),
        }
    }
}

impl From<GalleryError> for StoreError {
    fn from(error: GalleryError) -> Self {
        match error {
            GalleryError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            other => Self::File(other),
        }
    }
}

impl StoreError {
    /// The error as that of a gallery called `name`, for code that searches either.
    pub(crate) fn of_gallery(self, name: &str) -> GalleryError {
        match self {
            Self::File(error) => error,
            Self::Cancelled(cancelled) => GalleryError::Cancelled(cancelled),
            // The message names the store already.
            other => GalleryError::Storage {
                path: Path::new(name).to_owned(),
                reason: other.to_string(),
            },
        }
    }
}
