//! How collections are fetched.

use moue::cancel::CancelToken;
use std::path::PathBuf;
use std::time::Duration;

/// How a collection is fetched, and within which limits.
///
/// ```
/// use moue_index::FetchOptions;
/// let options = FetchOptions { max_pictures: 20, ..FetchOptions::default() };
/// ```
#[derive(Debug, Clone)]
pub struct FetchOptions {
    /// Address of the listing, if not the collection's own.
    pub listing: Option<String>,
    /// Allow private and loopback addresses, and HTTP without TLS.
    pub allow_private: bool,
    /// Pictures that are fetched at most.
    pub max_pictures: usize,
    /// Bytes of one picture.
    pub picture_bytes: u64,
    /// Bytes of all pictures together.
    pub total_bytes: u64,
    /// The longest time for one answer, with its redirections.
    pub timeout: Duration,
    /// How often a request is repeated that has failed for a reason that may pass.
    pub retries: u32,
    /// The time before the first repetition; it doubles each time.
    pub retry_delay: Duration,
    /// Ends the work early; what was fetched stays.
    pub cancel: CancelToken,
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self {
            listing: None,
            allow_private: false,
            // Both collections have a few hundred templates, so this is a limit only for a listing
            // that is not theirs.
            max_pictures: 1000,
            // Templates take some hundred kilobytes; a long animation takes megabytes.
            picture_bytes: 20 << 20,
            // A thousand pictures of a megabyte: what a user expects such a command to take.
            total_bytes: 1 << 30,
            // Twenty megabytes at 6 Mbit/s.
            timeout: Duration::from_secs(30),
            // 0.5 + 1 + 2 seconds outlast a restart of a server and not the user's patience.
            retries: 3,
            retry_delay: Duration::from_millis(500),
            cancel: CancelToken::default(),
        }
    }
}

/// Why a collection cannot be fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CollectError {
    /// The listing cannot be fetched or understood.
    #[error("the list of {name}: {reason}")]
    Listing {
        /// The collection.
        name: &'static str,
        /// What went wrong.
        reason: String,
    },
    /// The folder for the pictures cannot be created.
    #[error("{0}: {1}")]
    Folder(PathBuf, std::io::Error),
}
