//! Errors of parts.

use moue_index::AddError;
use std::path::{Path, PathBuf};

/// Why a part cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PartError {
    /// There is no such part.
    #[error("there is no part {part} of {count}; parts are counted from 0")]
    NoSuchPart {
        /// The part.
        part: u32,
        /// How many there are.
        count: u32,
    },
    /// A file cannot be read or written.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// The file is no part, or damaged.
    #[error("{path} is no part that moue has written: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The part was made with other weights.
    #[error(
        "{path} was made with other weights ({found}, this program has {expected}); \
         its pictures must be read again"
    )]
    OtherWeights {
        /// The file.
        path: PathBuf,
        /// Fingerprint in the file.
        found: String,
        /// Fingerprint of this program's weights.
        expected: String,
    },
    /// The pictures cannot be read at all.
    #[error(transparent)]
    Add(#[from] AddError),
    /// The gallery in memory that a part is collected in failed.
    #[error(transparent)]
    Gallery(#[from] moue::gallery::GalleryError),
    /// The work was canceled; what was done is done again next time.
    #[error(transparent)]
    Cancelled(#[from] moue::cancel::Cancelled),
}

impl PartError {
    pub(crate) fn file(path: &Path, reason: std::io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            reason,
        }
    }

    pub(crate) fn damaged(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}
