//! Why an Immich server cannot be used.

use super::super::fetch::FetchError;
use std::path::PathBuf;

/// Why an Immich server cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImmichError {
    /// The address is none of a server.
    #[error("{0} is no address of a server; write one such as https://photos.example")]
    Address(String),
    /// The key cannot be one.
    #[error("the key of Immich is empty or has other characters than a key has")]
    Key,
    /// The address is one without TLS, and nobody has allowed that.
    #[error("{0} is without TLS: on the way the key can be read; allow that for a server at home")]
    Plain(String),
    /// The server does not know the key.
    #[error("Immich refuses the key (401); make one under Account Settings, API Keys")]
    Refused,
    /// The key may not do this.
    #[error("the key of Immich has no permission for this (403): it needs {0}")]
    Permission(&'static str),
    /// The key would have to be sent to another server.
    #[error(
        "the server redirects to another address, where the key is not sent ({0}); give that address"
    )]
    Redirected(u16),
    /// The request has failed.
    #[error("Immich: {0}")]
    Failed(String),
    /// The answer is another than Immich's.
    #[error("Immich: {0}: it answers something else than Immich does")]
    Form(&'static str),
    /// The list does not end.
    #[error("Immich: its list of pictures does not end: page {0} is followed by {1:?}")]
    Paging(u64, String),
    /// Nothing of what was there is listed any more.
    #[error(
        "Immich lists none of the {0} pictures that it had: is it another key, or another library? \
         nothing was removed"
    )]
    AllGone(usize),
    /// The folder has the pictures of another server.
    #[error("{folder} has the pictures of {server}; use that address, or another folder")]
    OtherServer {
        /// The folder.
        folder: PathBuf,
        /// The server's address.
        server: String,
    },
    /// The folder cannot be read or written.
    #[error("{0}: {1}")]
    Folder(PathBuf, std::io::Error),
    /// The work was canceled.
    #[error("stopped")]
    Stopped,
}

impl ImmichError {
    /// What went wrong with a request that needs this permission.
    pub(super) fn of(error: &FetchError, permission: &'static str) -> Self {
        match error {
            FetchError::Status(401) => Self::Refused,
            FetchError::Status(403) => Self::Permission(permission),
            FetchError::Status(status @ 300..=399) => Self::Redirected(*status),
            FetchError::Stopped => Self::Stopped,
            error => Self::Failed(error.to_string()),
        }
    }
}
